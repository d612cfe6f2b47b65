using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Signals;

/// <summary>
/// Sobolev training (Czarnecki et al., arXiv:1706.04859, eq. 1, first order): mean over windows and outputs of the squared distance between the gradients of the student's and the teacher's logits by
/// the normalised features. A circuit's gradient comes from its adjoint pass.
/// </summary>
public sealed class GradientSignal(double weight) : ISignal
{
    /// <inheritdoc/>
    public string Name => "gradients";

    /// <inheritdoc/>
    public double Weight => weight;

    /// <inheritdoc/>
    public IEnumerable<Parameter> Parameters => [];

    /// <inheritdoc/>
    public Tensor Loss(SignalBatch batch)
    {
        Tensor student = batch.InputGradients ?? throw new InvalidOperationException("the gradients signal needs the student's input gradients");
        Tensor teacher = batch.TeacherGradients ?? throw new InvalidOperationException("the gradients signal needs a teacher's input gradients");
        return (student - teacher).square().sum(2).mean();
    }
}
