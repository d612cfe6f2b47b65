using QDistill.Distillation.Data;
using QDistill.Distillation.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace QDistill.Distillation.Teachers;

/// <summary>What teachers share that are trained as students are: several starts on the labelled windows, the least validation NLL kept.</summary>
internal static class FittedNetwork
{
    /// <summary>The recipe of one start: the labels alone, in small batches.</summary>
    public static Recipe Recipe(TeacherSpec spec, StudentSpec student, double rate, double decay, int start) => new(
        student,
        new SignalSpec(HardWeight: 1, SoftWeight: 0, SoftTemperature: 1, ExpectationsWeight: 0) { ClassWeights = spec.ClassWeights },
        new OptimiserSpec(Math.Min(rate, 10), decay, spec.Epochs, Batch: 64, Patience: 25),
        "none",
        spec.Labels,
        spec.Seed + (ulong)start);

    /// <summary>Trains every start and keeps the best.</summary>
    public static TrainedStudent BestOf(
        TeacherDataset training, IReadOnlyCollection<int> labelled, TeacherDataset validation, TeacherSpec spec, Func<int, Recipe> recipe, IProgress<double>? progress, CancellationToken cancellation)
    {
        TrainedStudent? best = null;
        double bestNll = double.PositiveInfinity;
        for (int start = 0; start < spec.Starts; start++)
        {
            TrainedStudent candidate = StudentTrainer.Train(training, validation, recipe(start), labelled, null, cancellation);
            double nll = candidate.History.Count == 0 || candidate.BestEpoch == 0 ? double.PositiveInfinity : candidate.History[candidate.BestEpoch - 1].ValidationNll;
            if (best is null || nll < bestNll)
            {
                best?.Dispose();
                (best, bestNll) = (candidate, nll);
            }
            else
            {
                candidate.Dispose();
            }

            progress?.Report((start + 1.0) / spec.Starts);
        }

        return best!;
    }

    /// <summary>A parameter's numbers.</summary>
    public static float[] Numbers(Tensor parameter)
    {
        using Tensor flat = parameter.detach().reshape(-1);
        return flat.data<float>().ToArray();
    }

    /// <summary>Fills a parameter.</summary>
    public static void Copy(double[] values, Tensor into)
    {
        using Tensor fresh = tensor(values.Select(v => (float)v).ToArray()).reshape(into.shape);
        into.copy_(fresh);
    }
}
