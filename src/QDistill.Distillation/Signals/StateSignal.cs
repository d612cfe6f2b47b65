using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Signals;

/// <summary>
/// Kullback–Leibler divergence of the teacher's measurement distribution from a softmax over a projection of the student's last hidden layer. Basis states are summed into g groups by their leading
/// bits, which is the marginal distribution of some of the qubits (measurement compression, Piperno et al. 2024).
/// </summary>
/// <param name="weight">The term's weight.</param>
/// <param name="hidden">Width of the student's last hidden layer.</param>
/// <param name="states">The number s of probabilities the teacher gives; a power of two.</param>
/// <param name="groups">The number g of groups; a power of two, at most s.</param>
/// <param name="seed">The seed of the head's first weights.</param>
public sealed class StateSignal(double weight, long hidden, int states, int groups, ulong seed) : ISignal
{
    private readonly Linear head = ProjectionHead.Create(hidden, Math.Min(groups, states), seed + 2);
    private readonly int groups = Math.Min(groups, states);

    /// <inheritdoc/>
    public string Name => "states";

    /// <inheritdoc/>
    public double Weight => weight;

    /// <inheritdoc/>
    public IEnumerable<Parameter> Parameters => head.parameters();

    /// <inheritdoc/>
    public Tensor Loss(SignalBatch batch)
    {
        Tensor all = batch.States ?? throw new InvalidOperationException("the states signal needs a teacher's basis-state probabilities");
        Tensor target = groups == states ? all : all.reshape(-1, groups, states / groups).sum(2);
        Tensor each = nn.functional.kl_div(nn.functional.log_softmax(head.forward(batch.Hidden), 1), target, log_target: false, reduction: nn.Reduction.None).sum(1, keepdim: true);
        return batch.Mean(each);
    }
}
