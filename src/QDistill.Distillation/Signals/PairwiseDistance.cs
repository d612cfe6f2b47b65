using TorchSharp;
using static TorchSharp.torch;

namespace QDistill.Distillation.Signals;

/// <summary>Euclidean distances between all rows.</summary>
internal static class PairwiseDistance
{
    /// <summary>‖x_i − x_j‖ [b, b]: exactly 0 on the diagonal, with a gradient of 0 between equal rows.</summary>
    public static Tensor Of(Tensor x) => cdist(x, x, 2, compute_mode.donot_use_mm_for_euclid_dist);

    /// <summary>‖x_i − x_j‖² [b, b] by one matrix product, not below 0.</summary>
    public static Tensor Squared(Tensor x)
    {
        Tensor norms = x.square().sum(1, keepdim: true);
        return (norms + norms.t() - (x.matmul(x.t()) * 2)).clamp_min(0);
    }
}
