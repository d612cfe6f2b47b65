using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Signals;
using QDistill.Distillation.Students;
using QDistill.Features;
using QDistill.Metrics;
using QDistill.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace QDistill.Distillation.Training;

/// <summary>
/// Trains a student by a recipe: stage after stage, Adam over the weighted sum of the stage's signals; the last stage stops early on validation NLL and keeps its best epoch. Everything random comes
/// from the recipe's seed through Philox, so equal inputs give equal students whatever runs beside.
/// </summary>
public static class StudentTrainer
{
    private const ulong BatchStream = 0x4241_5443_48; // "BATCH"

    /// <summary>Trains one student.</summary>
    /// <param name="training">Windows to learn from; with a teacher's answers when the recipe has terms that need them.</param>
    /// <param name="validation">Windows that only decide when to stop.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="labelled">Indices into <paramref name="training"/> whose truth may be used; null for all of known truth.</param>
    /// <param name="progress">Told of every epoch.</param>
    /// <param name="cancellation">Ends the training early with an exception.</param>
    /// <exception cref="UserErrorException">The tables cannot be trained on: empty, one class only, or no teacher where one is needed.</exception>
    public static TrainedStudent Train(
        TeacherDataset training,
        TeacherDataset validation,
        Recipe recipe,
        IReadOnlyCollection<int>? labelled = null,
        IProgress<EpochReport>? progress = null,
        CancellationToken cancellation = default)
    {
        RequireUsable(training, validation, recipe);
        var run = new Run(training, validation, recipe, labelled, progress, cancellation);
        TrainedStudent student = run.Generation(0, null);
        for (int generation = 1; recipe.Signals.SelfWeight > 0 && generation <= recipe.Signals.SelfGenerations; generation++)
        {
            using TrainedStudent earlier = student;
            float[] self = [.. earlier.Logits(training).Select(z => (float)Logit.Sigmoid(z))];
            student = run.Generation(generation, self);
        }

        return student;
    }

    /// <summary>The mean negative log-likelihood [nats] of the collision output over windows of known truth.</summary>
    internal static double CollisionNll(ReadOnlySpan<float> logits, TeacherDataset data)
    {
        double sum = 0;
        int count = 0, k = data.OutputCount;
        for (int i = 0; i < data.Count; i++)
        {
            Truth t = data.Truth[i * k];
            if (t != Truth.Unknown)
            {
                float z = logits[i * k];
                sum += Logit.Softplus(t == Truth.Hazard ? -z : z);
                count++;
            }
        }

        return sum / count;
    }

    private static void RequireUsable(TeacherDataset training, TeacherDataset validation, Recipe recipe)
    {
        if (training.Count == 0 || validation.Count == 0)
        {
            throw new UserErrorException($"the {(training.Count == 0 ? "training" : "validation")} table holds no window", null, "check the bags' topics and the split");
        }

        foreach (SignalSpec signals in recipe.Earlier.Select(s => s.Signals).Append(recipe.Signals))
        {
            SignalSet.RequireAnswers(signals, training);
        }

        if (!training.Features.AsSpan().ContainsFinite())
        {
            throw new UserErrorException("no feature of any training window is a finite number", string.Join(", ", training.Bags), "check the bags' topics against the robot file");
        }

        bool[] seen = new bool[3];
        for (int i = 0; i < validation.Count; i++)
        {
            seen[(int)validation.Truth[i * validation.OutputCount]] = true;
        }

        if (!seen[(int)Truth.Safe] || !seen[(int)Truth.Hazard])
        {
            throw new UserErrorException(
                $"the validation windows hold {(seen[(int)Truth.Safe] ? "no collision" : seen[(int)Truth.Hazard] ? "nothing but collisions" : "no window of known truth")}, so nothing can be chosen or calibrated on them",
                string.Join(", ", validation.Bags),
                "validate on bags that hold both");
        }
    }

    private static bool ContainsFinite(this Span<float> values)
    {
        foreach (float v in values)
        {
            if (float.IsFinite(v))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What all generations and stages of one training share.</summary>
    private sealed class Run(
        TeacherDataset training, TeacherDataset validation, Recipe recipe, IReadOnlyCollection<int>? labelled, IProgress<EpochReport>? progress, CancellationToken cancellation)
    {
        private readonly Normalisation normalisation = Normalisation.Fit(training);

        /// <summary>Trains a fresh network through all stages.</summary>
        /// <param name="generation">0 learns without the self term.</param>
        /// <param name="self">The earlier generation's probabilities [n, k].</param>
        public TrainedStudent Generation(int generation, float[]? self)
        {
            ulong seed = recipe.Seed + ((ulong)generation << 40);
            StudentNetwork network = StudentNetwork.Create(training.FeatureCount, training.OutputCount, recipe.Student, seed);
            try
            {
                using DisposeScope outer = NewDisposeScope();
                Tensor x = Inputs(training, network.Window), vx = Inputs(validation, network.Window);
                var rng = new Philox(seed, BatchStream);
                foreach (StageSpec stage in recipe.Earlier)
                {
                    Stage(network, x, vx, stage.Signals, recipe.Optimiser with { Epochs = stage.Epochs }, null, null, keepBest: false, seed, ref rng);
                }

                (List<EpochReport> history, int best) = Stage(network, x, vx, recipe.Signals, recipe.Optimiser, self, null, keepBest: true, seed, ref rng);
                if (recipe.Student.Prune > 0)
                {
                    // As many epochs again for what is left to make up for what went.
                    var pruning = new MagnitudePruning(network, recipe.Student.Prune);
                    (history, best) = Stage(network, x, vx, recipe.Signals, recipe.Optimiser, self, pruning, keepBest: true, seed, ref rng);
                }

                return new TrainedStudent(network, normalisation, history, best);
            }
            catch
            {
                network.Dispose();
                throw;
            }
        }

        private Tensor Inputs(TeacherDataset data, int window) =>
            tensor(WindowHistory.Of(normalisation.Apply(data.Features), data.BagOf, data.FeatureCount, window)).reshape(data.Count, data.FeatureCount * window);

        private (List<EpochReport> History, int Best) Stage(
            StudentNetwork network, Tensor x, Tensor vx, SignalSpec spec, OptimiserSpec optimiser, float[]? self, MagnitudePruning? pruning, bool keepBest, ulong seed, ref Philox rng)
        {
            using DisposeScope scope = NewDisposeScope();
            using SignalSet set = SignalSet.Create(spec, network, training.Teacher, self is not null, seed);
            IReadOnlyList<ISignal> signals = set.Signals;
            bool useTeacher = training.Teacher is not null && spec.NeedsTeacher;

            // Without a teacher only labelled rows carry a gradient: batches of anything else would be empty steps.
            int[] rows = useTeacher || self is not null ? [.. Enumerable.Range(0, training.Count)] : [.. (labelled ?? KnownRows(training)).Order()];
            if (signals.Count == 0 || rows.Length == 0)
            {
                throw new UserErrorException(
                    signals.Count == 0 ? "every term of the recipe has weight 0" : "no window's truth may be used, and there is no teacher", string.Join(", ", training.Bags), "raise hard_weight, or label the bags first with 'qdistill label'");
            }

            var table = new TrainingTable(x, training, labelled, normalisation, spec, self);
            using optim.Optimizer adam = optim.Adam([.. network.parameters(), .. signals.SelectMany(s => s.Parameters)], lr: optimiser.LearningRate, weight_decay: optimiser.WeightDecay);
            var history = new List<EpochReport>();
            float[][] best = [];
            double bestNll = double.PositiveInfinity;
            int bestEpoch = 0;
            for (int epoch = 1; epoch <= optimiser.Epochs; epoch++)
            {
                rng.Shuffle<int>(rows);
                double loss = 0;
                int steps = 0;
                for (int start = 0; start < rows.Length; start += optimiser.Batch)
                {
                    cancellation.ThrowIfCancellationRequested();
                    loss += Step(network, adam, signals, table, rows.AsSpan(start, Math.Min(optimiser.Batch, rows.Length - start)));
                    pruning?.Apply();
                    steps++;
                }

                double nll = ValidationNll(network, vx);
                var report = new EpochReport(epoch, loss / steps, nll);
                history.Add(report);
                progress?.Report(report);
                if (nll < bestNll - 1e-6)
                {
                    (bestNll, bestEpoch, best) = (nll, epoch, keepBest ? Snapshot(network) : best);
                }
                else if (keepBest && epoch - bestEpoch >= optimiser.Patience)
                {
                    break;
                }
            }

            if (bestEpoch == 0)
            {
                throw new UserErrorException("the training diverged: the validation loss was never a number", string.Join(", ", training.Bags), "lower the recipe's learning_rate");
            }

            if (keepBest)
            {
                Restore(network, best);
            }

            return (history, bestEpoch);
        }

        private double ValidationNll(StudentNetwork network, Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGrad = no_grad();
            return CollisionNll(network.forward(x).contiguous().data<float>().ToArray(), validation);
        }
    }

    private static double Step(StudentNetwork network, optim.Optimizer adam, IReadOnlyList<ISignal> signals, TrainingTable table, ReadOnlySpan<int> rows)
    {
        using DisposeScope scope = NewDisposeScope();
        SignalBatch batch = table.Batch(network, rows);
        Tensor? total = null;
        foreach (ISignal signal in signals)
        {
            Tensor term = signal.Loss(batch) * signal.Weight;
            total = total is null ? term : total + term;
        }

        adam.zero_grad();
        total!.backward();
        adam.step();
        return total.item<float>();
    }

    private static IEnumerable<int> KnownRows(TeacherDataset data) =>
        Enumerable.Range(0, data.Count).Where(i => data.Truth.AsSpan(i * data.OutputCount, data.OutputCount).ContainsAnyExcept(Truth.Unknown));

    private static float[][] Snapshot(StudentNetwork network) => [.. network.parameters().Select(p => p.detach().reshape(-1).data<float>().ToArray())];

    private static void Restore(StudentNetwork network, float[][] values)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        foreach ((Tensor parameter, float[] value) in network.parameters().Zip(values))
        {
            parameter.copy_(tensor(value).reshape(parameter.shape));
        }
    }
}
