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
    /// <inheritdoc/>
    public string Name => "soft";

    /// <inheritdoc/>
    public double Weight => weight;

    /// <summary>T.</summary>
    public double Temperature => temperature;

    /// <inheritdoc/>
    public IEnumerable<Parameter> Parameters => [];

    /// <inheritdoc/>
    public Tensor Loss(SignalBatch batch) => Tempered(
        batch.Logits, batch.TeacherProbability ?? throw new InvalidOperationException("the soft signal needs a teacher"), temperature, batch.Certainty);

    internal static Tensor Tempered(Tensor logits, Tensor probability, double temperature, Tensor? weight)
    {
        Tensor target = (TeacherLogits(probability) / temperature).sigmoid();
        return nn.functional.binary_cross_entropy_with_logits(logits / temperature, target, weight) * (temperature * temperature);
    }

    /// <summary>ln(p/(1 − p)), finite for every p: a teacher that is certain keeps a logit of ±13.8.</summary>
    internal static Tensor TeacherLogits(Tensor probability)
    {
        const double Clip = 1e-6;
        Tensor p = probability.clamp(Clip, 1 - Clip);
        return (p / (1 - p)).log();
    }
}
