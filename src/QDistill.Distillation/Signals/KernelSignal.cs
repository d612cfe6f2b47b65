using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Signals;

/// <summary>
/// Quantum relational distillation (QRKD, arXiv:2508.13054): the smooth L1 distance (δ = 1) between the Gram matrices of one quantum kernel on the student's last hidden layer and on the teacher's
/// representation. The kernel is differentiated with respect to the student's features; the photonic and Qiskit kernels of the paper's public reproduction are detached and give no gradient.
/// </summary>
public sealed class KernelSignal : ISignal, IDisposable
{
    private readonly RelationalKernel kernel;

    /// <summary>Creates the signal.</summary>
    /// <param name="weight">The term's weight.</param>
    /// <param name="spec">The kernel.</param>
    /// <param name="reference">The teacher's representation of the training windows [n, e]: sets the bandwidth of an <c>rbf</c> kernel.</param>
    /// <param name="width">e.</param>
    /// <param name="seed">The seed of the projections to the kernel's features.</param>
    public KernelSignal(double weight, KernelSpec spec, float[] reference, int width, ulong seed)
    {
        Weight = weight;
        kernel = new RelationalKernel(spec, reference, width, seed);
    }

    /// <inheritdoc/>
    public string Name => "kernel";

    /// <inheritdoc/>
    public double Weight { get; }

    /// <summary>γ of an <c>rbf</c> kernel; 0 for quantum kernels.</summary>
    public double Gamma => kernel.Gamma;

    /// <inheritdoc/>
    public IEnumerable<Parameter> Parameters => [];

    /// <inheritdoc/>
    public Tensor Loss(SignalBatch batch)
    {
        Tensor teacher = batch.Representation ?? throw new InvalidOperationException("the kernel signal needs a teacher"), target;
        using (no_grad())
        {
            target = kernel.Gram(teacher).detach();
        }

        return nn.functional.smooth_l1_loss(kernel.Gram(batch.Hidden), target);
    }

    /// <inheritdoc/>
    public void Dispose() => kernel.Dispose();
}
