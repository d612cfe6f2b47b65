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

/// <summary>One line of a training's history.</summary>
/// <param name="Epoch">Counted from 1.</param>
/// <param name="TrainingLoss">Mean weighted loss of the epoch's batches.</param>
/// <param name="ValidationNll">Mean negative log-likelihood [nats] of the collision output on validation windows.</param>
public sealed record EpochReport(int Epoch, double TrainingLoss, double ValidationNll);

/// <summary>A trained student with all it takes to use it.</summary>
/// <param name="Network">The network at its best epoch; the caller disposes it.</param>
/// <param name="Normalisation">How features are scaled before it.</param>
/// <param name="History">Every epoch that ran.</param>
/// <param name="BestEpoch">The epoch kept.</param>
public sealed record TrainedStudent(MlpStudent Network, Normalisation Normalisation, IReadOnlyList<EpochReport> History, int BestEpoch) : IDisposable
{
    /// <summary>Uncalibrated logits [n, k] of raw features [n, d].</summary>
    public float[] Logits(ReadOnlySpan<float> features)
    {
        int d = Normalisation.Mean.Length;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor x = tensor(Normalisation.Apply(features)).reshape(features.Length / d, d);
        return Network.forward(x).reshape(-1).data<float>().ToArray();
    }

    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();
}

/// <summary>
/// Trains a student by a recipe: Adam over the weighted sum of its signals, early stopping on validation NLL, best epoch kept. Everything random
/// comes from the recipe's seed through Philox, so equal inputs give equal students whatever runs beside.
/// </summary>
public static class StudentTrainer
{
    private const ulong BatchStream = 0x4241_5443_48; // "BATCH"

    /// <summary>Trains one student.</summary>
    /// <param name="training">Windows to learn from; with a teacher's answers when the recipe has soft or expectation terms.</param>
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
        int n = training.Count, d = training.FeatureCount, k = training.OutputCount;
        Normalisation normalisation = Normalisation.Fit(training);
        var network = new MlpStudent(d, k, recipe.Student, recipe.Seed);
        try
        {
            using DisposeScope outer = NewDisposeScope();
            Tensor x = tensor(normalisation.Apply(training.Features)).reshape(n, d);
            (Tensor truth, Tensor mask) = TruthTensors(training, labelled);
            bool useTeacher = training.Teacher is not null && (recipe.Signals.SoftWeight > 0 || recipe.Signals.ExpectationsWeight > 0);
            int m = useTeacher ? training.Teacher!.ObservableCount : 0;
            Tensor? soft = useTeacher ? tensor(training.Teacher!.Probabilities).reshape(n, k) : null;
            Tensor? expectations = m > 0 ? tensor(training.Teacher!.Expectations).reshape(n, m) : null;
            Tensor vx = tensor(normalisation.Apply(validation.Features)).reshape(validation.Count, d);

            List<ISignal> signals = Signals(recipe, network, m);
            using optim.Optimizer adam = optim.Adam(
                [.. network.parameters(), .. signals.SelectMany(s => s.Parameters)], lr: recipe.Optimiser.LearningRate, weight_decay: recipe.Optimiser.WeightDecay);

            // Without a teacher only labelled rows carry a gradient: batches of anything else would be empty steps.
            int[] rows = useTeacher ? [.. Enumerable.Range(0, n)] : [.. (labelled ?? KnownRows(training)).Order()];
            if (signals.Count == 0 || rows.Length == 0)
            {
                throw new UserErrorException(
                    signals.Count == 0 ? "every term of the recipe has weight 0" : "no window's truth may be used, and there is no teacher", string.Join(", ", training.Bags), "raise hard_weight, or label the bags first with 'qdistill label'");
            }

            var rng = new Philox(recipe.Seed, BatchStream);
            var history = new List<EpochReport>();
            float[][] best = [];
            double bestNll = double.PositiveInfinity;
            int bestEpoch = 0;
            for (int epoch = 1; epoch <= recipe.Optimiser.Epochs; epoch++)
            {
                rng.Shuffle<int>(rows);
                double loss = 0;
                int steps = 0;
                for (int start = 0; start < rows.Length; start += recipe.Optimiser.Batch)
                {
                    cancellation.ThrowIfCancellationRequested();
                    loss += Step(network, adam, signals, rows.AsSpan(start, Math.Min(recipe.Optimiser.Batch, rows.Length - start)), x, soft, expectations, truth, mask);
                    steps++;
                }

                double nll = ValidationNll(network, vx, validation);
                var report = new EpochReport(epoch, loss / steps, nll);
                history.Add(report);
                progress?.Report(report);
                if (nll < bestNll - 1e-6)
                {
                    (bestNll, bestEpoch, best) = (nll, epoch, Snapshot(network));
                }
                else if (epoch - bestEpoch >= recipe.Optimiser.Patience)
                {
                    break;
                }
            }

            if (bestEpoch == 0)
            {
                throw new UserErrorException("the training diverged: the validation loss was never a number", string.Join(", ", training.Bags), "lower the recipe's learning_rate");
            }

            Restore(network, best);
            return new TrainedStudent(network, normalisation, history, bestEpoch);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static double Step(
        MlpStudent network,
        optim.Optimizer adam,
        List<ISignal> signals,
        ReadOnlySpan<int> rows,
        Tensor x,
        Tensor? soft,
        Tensor? expectations,
        Tensor truth,
        Tensor mask)
    {
        using DisposeScope scope = NewDisposeScope();
        long[] index = new long[rows.Length];
        for (int i = 0; i < index.Length; i++)
        {
            index[i] = rows[i];
        }

        Tensor at = tensor(index);
        Tensor hidden = network.Hidden(x.index_select(0, at));
        var batch = new SignalBatch(
            network.Logits(hidden), hidden, soft?.index_select(0, at), expectations?.index_select(0, at), truth.index_select(0, at), mask.index_select(0, at));
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

    private static List<ISignal> Signals(Recipe recipe, MlpStudent network, int observables)
    {
        var signals = new List<ISignal>();
        if (recipe.Signals.HardWeight > 0)
        {
            signals.Add(new HardSignal(recipe.Signals.HardWeight));
        }

        if (recipe.Signals.SoftWeight > 0)
        {
            signals.Add(new SoftSignal(recipe.Signals.SoftWeight, recipe.Signals.SoftTemperature));
        }

        if (recipe.Signals.ExpectationsWeight > 0 && observables > 0)
        {
            signals.Add(new ExpectationSignal(recipe.Signals.ExpectationsWeight, network.HiddenWidth, observables, recipe.Seed));
        }

        return signals;
    }

    private static void RequireUsable(TeacherDataset training, TeacherDataset validation, Recipe recipe)
    {
        if (training.Count == 0 || validation.Count == 0)
        {
            throw new UserErrorException($"the {(training.Count == 0 ? "training" : "validation")} table holds no window", null, "check the bags' topics and the split");
        }

        if (recipe.Signals is { SoftWeight: > 0 } or { ExpectationsWeight: > 0 } && training.Teacher is null)
        {
            string term = recipe.Signals.SoftWeight > 0 ? "soft" : "expectations";
            throw new UserErrorException(
                $"the recipe has a term '{term}', but the bags hold no teacher's labels", string.Join(", ", training.Bags), $"label them first with 'qdistill label', or set {term}_weight to 0");
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

    private static IEnumerable<int> KnownRows(TeacherDataset data) =>
        Enumerable.Range(0, data.Count).Where(i => data.Truth.AsSpan(i * data.OutputCount, data.OutputCount).ContainsAnyExcept(Truth.Unknown));

    private static (Tensor Truth, Tensor Mask) TruthTensors(TeacherDataset data, IReadOnlyCollection<int>? labelled)
    {
        int k = data.OutputCount;
        float[] truth = new float[data.Truth.Length], mask = new float[data.Truth.Length];
        foreach (int i in labelled ?? (IEnumerable<int>)Enumerable.Range(0, data.Count))
        {
            for (int j = i * k; j < (i + 1) * k; j++)
            {
                truth[j] = data.Truth[j] == Truth.Hazard ? 1 : 0;
                mask[j] = data.Truth[j] == Truth.Unknown ? 0 : 1;
            }
        }

        return (tensor(truth).reshape(data.Count, k), tensor(mask).reshape(data.Count, k));
    }

    private static double ValidationNll(MlpStudent network, Tensor x, TeacherDataset data)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        float[] logits = network.forward(x).select(1, 0).contiguous().data<float>().ToArray();
        double sum = 0;
        int count = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            Truth t = data.Truth[i * data.OutputCount];
            if (t != Truth.Unknown)
            {
                sum += Logit.Softplus(t == Truth.Hazard ? -logits[i] : logits[i]);
                count++;
            }
        }

        return sum / count;
    }

    private static float[][] Snapshot(MlpStudent network) => [.. network.parameters().Select(p => p.detach().reshape(-1).data<float>().ToArray())];

    private static void Restore(MlpStudent network, float[][] values)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        foreach ((Tensor parameter, float[] value) in network.parameters().Zip(values))
        {
            parameter.copy_(tensor(value).reshape(parameter.shape));
        }
    }
}
