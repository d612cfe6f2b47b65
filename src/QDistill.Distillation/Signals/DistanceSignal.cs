using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Signals;

/// <summary>
/// Relational distillation by distance (Park et al., RKD, arXiv:1904.05068, eq. 5 and 6): the pairwise Euclidean distances of the student's last hidden layer and of the teacher's representation,
/// each divided by its mean over the pairs of the batch, under the Huber loss with δ = 1, averaged over pairs of different windows.
/// </summary>
public sealed class DistanceSignal(double weight) : ISignal
{
    /// <inheritdoc/>
    public string Name => "distance";

    /// <inheritdoc/>
    public double Weight => weight;

    /// <inheritdoc/>
    public IEnumerable<Parameter> Parameters => [];

    /// <inheritdoc/>
    public Tensor Loss(SignalBatch batch)
    {
        Tensor teacher = batch.Representation ?? throw new InvalidOperationException("the distance signal needs a teacher");
        long n = teacher.shape[0], pairs = Math.Max(1, n * (n - 1));
        Tensor target;
        using (no_grad())
        {
            target = Relative(teacher, pairs).detach();
        }

        // The diagonals are equal (0), so a mean over the pairs is the sum over all entries.
        return nn.functional.smooth_l1_loss(Relative(batch.Hidden, pairs), target, nn.Reduction.Sum) / pairs;
    }

    private static Tensor Relative(Tensor x, long pairs)
    {
        Tensor d = PairwiseDistance.Of(x);
        return d / (d.sum() / pairs).clamp_min(1e-12);
    }
}
