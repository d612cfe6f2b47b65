using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Signals;

/// <summary>
/// Self-distillation: the tempered cross-entropy with the answers of the same student's earlier generation, which was trained on all other terms
/// (born-again networks, Furlanello et al., arXiv:1805.04770, eq. 4; QNN-KD, arXiv:2603.21586, experiment C).
/// </summary>
public sealed class SelfSignal(double weight, double temperature) : ISignal
{
    /// <inheritdoc/>
    public string Name => "self";

    /// <inheritdoc/>
    public double Weight => weight;

    /// <inheritdoc/>
    public IEnumerable<Parameter> Parameters => [];

    /// <inheritdoc/>
    public Tensor Loss(SignalBatch batch) =>
        SoftSignal.Tempered(batch.Logits, batch.SelfProbability ?? throw new InvalidOperationException("the self signal needs an earlier generation"), temperature, null);
}
