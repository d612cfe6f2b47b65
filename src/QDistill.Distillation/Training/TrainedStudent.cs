using QDistill.Distillation.Data;
using QDistill.Distillation.Students;
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
/// <param name="History">Every epoch that ran in the last stage.</param>
/// <param name="BestEpoch">The epoch kept.</param>
public sealed record TrainedStudent(StudentNetwork Network, Normalisation Normalisation, IReadOnlyList<EpochReport> History, int BestEpoch) : IDisposable
{
    private const int Chunk = 8192;

    /// <summary>Uncalibrated logits [n, k] of raw features [n, d] of one recording.</summary>
    public float[] Logits(ReadOnlySpan<float> features) => Logits(features, new int[features.Length / Normalisation.Mean.Length]);

    /// <summary>Uncalibrated logits [n, k] of a table.</summary>
    public float[] Logits(TeacherDataset data) => Logits(data.Features, data.BagOf);

    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();

    private float[] Logits(ReadOnlySpan<float> features, int[] bagOf)
    {
        int d = Normalisation.Mean.Length, n = bagOf.Length, w = Network.Window;
        float[] x = WindowHistory.Of(Normalisation.Apply(features), bagOf, d, w);
        var logits = new List<float>();
        using IDisposable noGrad = no_grad();
        for (int first = 0; first < n; first += Chunk)
        {
            using DisposeScope scope = NewDisposeScope();
            int count = Math.Min(Chunk, n - first);
            logits.AddRange(Network.forward(tensor(x[(first * d * w)..((first + count) * d * w)]).reshape(count, d * w)).reshape(-1).data<float>().ToArray());
        }

        return [.. logits];
    }
}
