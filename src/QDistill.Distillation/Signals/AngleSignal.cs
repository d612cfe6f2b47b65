using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Signals;

/// <summary>
/// Relational distillation by angle (Park et al., RKD, arXiv:1904.05068, eq. 7 and 8): the cosines of the angles that every three windows form in the student's last hidden layer and in the teacher's
/// representation, under the Huber loss with δ = 1, averaged over all triples as in the authors' code. Triples grow with the cube, so they are taken from the first <see cref="MostRows"/> windows of a
/// batch, which is in random order.
/// </summary>
public sealed class AngleSignal(double weight) : ISignal
{
    /// <summary>Windows of a batch whose angles are compared.</summary>
    public const int MostRows = 48;

    private const double Nearest = 1e-6;

    /// <inheritdoc/>
    public string Name => "angle";

    /// <inheritdoc/>
    public double Weight => weight;

    /// <inheritdoc/>
    public IEnumerable<Parameter> Parameters => [];

    /// <inheritdoc/>
    public Tensor Loss(SignalBatch batch)
    {
        Tensor teacher = batch.Representation ?? throw new InvalidOperationException("the angle signal needs a teacher");
        long rows = Math.Min(teacher.shape[0], MostRows);
        Tensor target;
        using (no_grad())
        {
            target = Cosines(teacher.narrow(0, 0, rows)).detach();
        }

        return nn.functional.smooth_l1_loss(Cosines(batch.Hidden.narrow(0, 0, rows)), target);
    }

    // e_ij = (x_j − x_i)/‖x_j − x_i‖, and for every corner i all products e_ij · e_ik: [b, b, b]. Equal rows have no direction: without the mask its gradient would be 1/ε, and what rounding leaves of it
    // would drown all others wherever a teacher answers equal windows differently, as it does through shots.
    private static Tensor Cosines(Tensor x)
    {
        Tensor apart = x.unsqueeze(0) - x.unsqueeze(1), e = nn.functional.normalize(apart, 2, 2) * (apart.detach().square().sum(2, keepdim: true) > Nearest * Nearest).to(x.dtype);
        return e.bmm(e.transpose(1, 2));
    }
}
