using QDistill.Distillation.Students;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Training;

/// <summary>
/// Magnitude pruning (Han et al., arXiv:1506.02626): the share of weights with the least absolute value over all matrices and kernels becomes 0 and stays 0 while the rest is trained on. Biases stay.
/// </summary>
internal sealed class MagnitudePruning
{
    private readonly (Parameter Parameter, Tensor Mask)[] masks;

    /// <summary>Chooses what goes and sets it to 0. The masks belong to the caller's dispose scope.</summary>
    public MagnitudePruning(StudentNetwork network, double share)
    {
        float[][] values = [.. network.Prunable.Select(p => p.detach().reshape(-1).data<float>().ToArray())];
        float[] sizes = [.. values.SelectMany(v => v).Select(Math.Abs).Order()];
        int cut = (int)(share * sizes.Length);

        // Ties at the threshold go as well, but never everything.
        float threshold = cut == 0 ? -1 : sizes[cut - 1];
        masks = [.. network.Prunable.Zip(values, (p, v) => (p, tensor(v.Select(x => Math.Abs(x) > threshold ? 1f : 0f).ToArray()).reshape(p.shape)))];
        Apply();
    }

    /// <summary>Sets what was pruned to 0 again, after an optimiser's step.</summary>
    public void Apply()
    {
        using IDisposable noGrad = no_grad();
        foreach ((Parameter parameter, Tensor mask) in masks)
        {
            parameter.mul_(mask);
        }
    }

    /// <summary>The share of a network's matrices and kernels that is exactly 0.</summary>
    public static double Sparsity(StudentNetwork network)
    {
        long zero = 0, all = 0;
        foreach (Parameter p in network.Prunable)
        {
            foreach (float v in p.detach().reshape(-1).data<float>().ToArray())
            {
                zero += v == 0 ? 1 : 0;
                all++;
            }
        }

        return all == 0 ? 0 : (double)zero / all;
    }
}
