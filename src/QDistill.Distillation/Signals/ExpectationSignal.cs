using QDistill.Numerics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Signals;

/// <summary>
/// Mean squared error between a linear projection of the student's last hidden layer and the teacher's expectation values: the observables act as
/// hints (Romero et al., FitNets, arXiv:1412.6550, eq. 3) that tell more of the teacher's state than its class probability does.
/// </summary>
public sealed class ExpectationSignal : ISignal
{
    private readonly Linear head;

    /// <summary>Creates the signal with its projection head.</summary>
    /// <param name="weight">The term's weight.</param>
    /// <param name="hidden">Width of the student's last hidden layer.</param>
    /// <param name="observables">The number of observables m.</param>
    /// <param name="seed">The seed of the head's first weights.</param>
    public ExpectationSignal(double weight, long hidden, int observables, ulong seed)
    {
        Weight = weight;
        head = nn.Linear(hidden, observables);
        var rng = new Philox(seed, 0x4845_4144); // "HEAD"
        double bound = Math.Sqrt(3.0 / hidden);
        float[] w = new float[hidden * observables];
        for (int i = 0; i < w.Length; i++)
        {
            w[i] = (float)rng.NextDouble(-bound, bound);
        }

        using IDisposable noGrad = no_grad();
        using Tensor fresh = tensor(w).reshape(observables, hidden);
        head.weight.copy_(fresh);
        head.bias!.zero_();
    }

    /// <inheritdoc/>
    public string Name => "expectations";

    /// <inheritdoc/>
    public double Weight { get; }

    /// <inheritdoc/>
    public IEnumerable<Parameter> Parameters => head.parameters();

    /// <inheritdoc/>
    public Tensor Loss(SignalBatch batch) => nn.functional.mse_loss(
        head.forward(batch.Hidden),
        batch.Expectations ?? throw new InvalidOperationException("the expectations signal needs a teacher with observables"));
}
