using TorchSharp.Modules;

namespace TorchSharp.Optim;

/// <summary>
/// The update of Adam and AdamW for one group, in the order of PyTorch's formulas: with m and v the running means of the gradient and of its
/// square, and t the step, w -= lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + eps).
/// </summary>
internal sealed unsafe class AdamStep : IDisposable
{
    private readonly GroupBuffers group;
    private readonly long[] steps;
    private readonly torch.Tensor?[] mean;
    private readonly torch.Tensor?[] square;
    private readonly torch.Tensor?[]? greatest;
    private readonly nint[] meanHandles;
    private readonly nint[] squareHandles;
    private readonly nint[] greatestHandles;

    public AdamStep(IEnumerable<Parameter> parameters, bool amsgrad)
    {
        group = new GroupBuffers(parameters);
        int n = group.Parameters.Length;
        steps = new long[n];
        mean = new torch.Tensor?[n];
        square = new torch.Tensor?[n];
        greatest = amsgrad ? new torch.Tensor?[n] : null;
        meanHandles = group.NewArray();
        squareHandles = group.NewArray();
        greatestHandles = group.NewArray();
    }

    public void Run(double lr, double beta1, double beta2, double eps, double weightDecay, bool decoupled, bool maximize)
    {
        group.Collect();
        try
        {
            bool together = true;
            for (int k = 0; k < group.Count; k++)
            {
                int i = group.Active[k];
                mean[i] ??= torch.zeros_like(group.Parameters[i]).DetachFromDisposeScope();
                square[i] ??= torch.zeros_like(group.Parameters[i]).DetachFromDisposeScope();
                meanHandles[k] = mean[i]!.Handle;
                squareHandles[k] = square[i]!.Handle;
                if (greatest is not null)
                {
                    greatest[i] ??= torch.zeros_like(group.Parameters[i]).DetachFromDisposeScope();
                    greatestHandles[k] = greatest[i]!.Handle;
                }

                steps[i]++;
                together &= steps[i] == steps[group.Active[0]];
            }

            group.Prepare(maximize, decoupled ? 0 : weightDecay);
            if (decoupled && weightDecay != 0 && group.Count > 0)
            {
                Foreach.Mul(group.Handles, group.Count, 1 - (lr * weightDecay));
            }

            // Parameters that joined later are behind in t: then each goes by itself.
            int size = together ? group.Count : 1;
            for (int from = 0; from < group.Count; from += size)
            {
                Update(from, size, steps[group.Active[from]], lr, beta1, beta2, eps);
            }
        }
        finally
        {
            group.Release();
            GC.KeepAlive(this);
        }
    }

    public void ZeroGradients() => group.Zero();

    public void Dispose()
    {
        foreach (torch.Tensor? t in mean.Concat(square).Concat(greatest ?? []))
        {
            t?.Dispose();
        }
    }

    private void Update(int from, int n, long t, double lr, double beta1, double beta2, double eps)
    {
        nint* p = group.Handles + from, g = group.Gradients + from, d = group.Scratch + from;
        nint* m = GroupBuffers.Pin(meanHandles) + from, v = GroupBuffers.Pin(squareHandles) + from;
        Foreach.Mul(m, n, beta1);
        Foreach.Add(m, g, n, 1 - beta1);
        Foreach.Mul(v, n, beta2);
        Foreach.AddMul(v, g, g, n, 1 - beta2);
        if (greatest is not null)
        {
            nint* most = GroupBuffers.Pin(greatestHandles) + from;
            Foreach.Maximum(most, v, n, d);
            for (int k = 0; k < n; k++)
            {
                // The new maxima take the place of the old.
                int i = group.Active[from + k];
                greatest[i]!.Dispose();
                greatest[i] = new torch.Tensor(d[k], null);
                most[k] = d[k];
            }

            v = most;
        }

        Foreach.Sqrt(v, n, d);
        try
        {
            Foreach.Div(d, n, Math.Sqrt(1 - Math.Pow(beta2, t)));
            Foreach.Add(d, n, eps);
            Foreach.AddDiv(p, m, d, n, -lr / (1 - Math.Pow(beta1, t)));
        }
        finally
        {
            Foreach.Free(d, n);
        }
    }
}
