using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Signals;

/// <summary>Binary cross-entropy with hindsight truth, averaged over the labelled entries of the batch; 0 when it has none.</summary>
public sealed class HardSignal(double weight) : ISignal
{
    /// <inheritdoc/>
    public string Name => "hard";

    /// <inheritdoc/>
    public double Weight => weight;

    /// <inheritdoc/>
    public IEnumerable<Parameter> Parameters => [];

    /// <inheritdoc/>
    public Tensor Loss(SignalBatch batch)
    {
        Tensor each = nn.functional.binary_cross_entropy_with_logits(batch.Logits, batch.Truth, reduction: nn.Reduction.None);
        return (each * batch.TruthMask).sum() / batch.TruthMask.sum().clamp_min(1);
    }
}
