using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Signals;

/// <summary>
/// ½ · mean squared error between a linear regressor on the student's guided layer (its first hidden layer) and the teacher's feature map (Romero et al., FitNets, arXiv:1412.6550, eq. 3): usually a
/// stage of its own before the soft term.
/// </summary>
/// <param name="weight">The term's weight.</param>
/// <param name="guided">Width of the student's guided layer.</param>
/// <param name="features">Width of the teacher's feature map f.</param>
/// <param name="seed">The seed of the regressor's first weights.</param>
public sealed class HintSignal(double weight, long guided, int features, ulong seed) : ISignal
{
    private readonly Linear regressor = ProjectionHead.Create(guided, features, seed + 1);

    /// <inheritdoc/>
    public string Name => "hint";

    /// <inheritdoc/>
    public double Weight => weight;

    /// <inheritdoc/>
    public IEnumerable<Parameter> Parameters => regressor.parameters();

    /// <inheritdoc/>
    public Tensor Loss(SignalBatch batch) => nn.functional.mse_loss(
        regressor.forward(batch.Guided ?? batch.Hidden),
        batch.TeacherFeatures ?? throw new InvalidOperationException("the hint signal needs a teacher's feature map")) * 0.5;
}
