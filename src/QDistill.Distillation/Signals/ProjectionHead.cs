using QDistill.Numerics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Signals;

/// <summary>Makes the linear heads through which signals compare a student's layer with a teacher's numbers. They are trained along and then thrown away.</summary>
internal static class ProjectionHead
{
    /// <summary>A head with weights uniform in ±√(3/width) from Philox and a bias of 0.</summary>
    public static Linear Create(long width, int outputs, ulong seed)
    {
        Linear head = nn.Linear(width, outputs);
        var rng = new Philox(seed, 0x4845_4144); // "HEAD"
        double bound = Math.Sqrt(3.0 / width);
        float[] w = new float[width * outputs];
        for (int i = 0; i < w.Length; i++)
        {
            w[i] = (float)rng.NextDouble(-bound, bound);
        }

        using IDisposable noGrad = no_grad();
        using Tensor fresh = tensor(w).reshape(outputs, width);
        head.weight.copy_(fresh);
        head.bias!.zero_();
        return head;
    }
}
