using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Signals;

/// <summary>
/// Binary cross-entropy with hindsight truth, averaged over the labelled entries of the batch; 0 when it has none. With smoothing ε the targets are y(1 − ε) + ε/2
/// (Szegedy et al., CVPR 2016, §7, two-class case).
/// </summary>
public sealed class HardSignal(double weight, double smoothing = 0) : ISignal
{
    /// <inheritdoc/>
    public string Name => "hard";

    /// <inheritdoc/>
    public double Weight => weight;

    /// <summary>ε.</summary>
    public double Smoothing => smoothing;

    /// <inheritdoc/>
    public IEnumerable<Parameter> Parameters => [];

    /// <inheritdoc/>
    public Tensor Loss(SignalBatch batch)
    {
        Tensor target = smoothing == 0 ? batch.Truth : (batch.Truth * (1 - smoothing)) + (smoothing / 2);
        Tensor each = nn.functional.binary_cross_entropy_with_logits(batch.Logits, target, reduction: nn.Reduction.None);
        return (each * batch.TruthMask).sum() / batch.TruthMask.sum().clamp_min(1);
    }
}
