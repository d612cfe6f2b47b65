using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Signals;

/// <summary>
/// Tempered cross-entropy with the teacher's probabilities, T²·BCE(σ(z_s/T), σ(logit(p_t)/T)), for k independent binary outputs
/// (Hinton, Vinyals, Dean, arXiv:1503.02531, §2, two-class case). It differs from the Kullback–Leibler form by the teacher's entropy, which has no gradient.
/// </summary>
public sealed class SoftSignal(double weight, double temperature) : ISignal
{
    private const double Clip = 1e-6;

    /// <inheritdoc/>
    public string Name => "soft";

    /// <inheritdoc/>
    public double Weight => weight;

    /// <summary>T.</summary>
    public double Temperature => temperature;

    /// <inheritdoc/>
    public IEnumerable<Parameter> Parameters => [];

    /// <inheritdoc/>
    public Tensor Loss(SignalBatch batch)
    {
        Tensor p = (batch.TeacherProbability ?? throw new InvalidOperationException("the soft signal needs a teacher")).clamp(Clip, 1 - Clip);
        Tensor target = ((p / (1 - p)).log() / temperature).sigmoid();
        return nn.functional.binary_cross_entropy_with_logits(batch.Logits / temperature, target) * (temperature * temperature);
    }
}
