using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Signals;

/// <summary>
/// Mean squared error between a linear projection of the student's last hidden layer and the full vector of the teacher's expectation values: the observables act as
/// hints (Romero et al., FitNets, arXiv:1412.6550, eq. 3) that tell more of the teacher's state than its class probability does.
/// </summary>
/// <param name="weight">The term's weight.</param>
/// <param name="hidden">Width of the student's last hidden layer.</param>
/// <param name="observables">The number of observables m.</param>
/// <param name="seed">The seed of the head's first weights.</param>
public sealed class ExpectationSignal(double weight, long hidden, int observables, ulong seed) : ISignal
{
    private readonly Linear head = ProjectionHead.Create(hidden, observables, seed);

    /// <inheritdoc/>
    public string Name => "expectations";

    /// <inheritdoc/>
    public double Weight => weight;

    /// <inheritdoc/>
    public IEnumerable<Parameter> Parameters => head.parameters();

    /// <inheritdoc/>
    public Tensor Loss(SignalBatch batch)
    {
        Tensor target = batch.Expectations ?? throw new InvalidOperationException("the expectations signal needs a teacher with observables");
        return batch.Certainty is null ? nn.functional.mse_loss(head.forward(batch.Hidden), target) : batch.Mean((head.forward(batch.Hidden) - target).square());
    }
}
