using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Signals;

/// <summary>
/// 1 − linear centred kernel alignment, ‖TᵀS‖²_F / (‖SᵀS‖_F ‖TᵀT‖_F) of the centred student's last hidden layer S [b, h] and teacher's representation T [b, e]
/// (Kornblith et al., arXiv:1905.00414, eq. 5 with HSIC of linear kernels; Cortes, Mohri, Rostamizadeh, JMLR 13, 795).
/// </summary>
public sealed class AlignmentSignal(double weight) : ISignal
{
    /// <inheritdoc/>
    public string Name => "cka";

    /// <inheritdoc/>
    public double Weight => weight;

    /// <inheritdoc/>
    public IEnumerable<Parameter> Parameters => [];

    /// <inheritdoc/>
    public Tensor Loss(SignalBatch batch)
    {
        Tensor t = Centred(batch.Representation ?? throw new InvalidOperationException("the cka signal needs a teacher")), s = Centred(batch.Hidden);
        Tensor joint = t.t().matmul(s).square().sum();
        Tensor apart = s.t().matmul(s).square().sum().sqrt() * t.t().matmul(t).square().sum().sqrt();
        return 1 - (joint / apart.clamp_min(1e-12));
    }

    private static Tensor Centred(Tensor x) => x - x.mean([0], keepdim: true);
}
