using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Signals;

/// <summary>
/// ½ · mean squared error between the student's and the teacher's logits (Ba, Caruana, NIPS 2014, eq. 1; the limit of the soft term at high temperature, Hinton et al. §2.1, but for a factor). A
/// variational teacher's logits are an affine map of its expectation values, so this is matching by expectations.
/// </summary>
public sealed class LogitSignal(double weight) : ISignal
{
    /// <inheritdoc/>
    public string Name => "logits";

    /// <inheritdoc/>
    public double Weight => weight;

    /// <inheritdoc/>
    public IEnumerable<Parameter> Parameters => [];

    /// <inheritdoc/>
    public Tensor Loss(SignalBatch batch)
    {
        Tensor teacher = SoftSignal.TeacherLogits(batch.TeacherProbability ?? throw new InvalidOperationException("the logits signal needs a teacher"));
        return batch.Mean((batch.Logits - teacher).square()) * 0.5;
    }
}
