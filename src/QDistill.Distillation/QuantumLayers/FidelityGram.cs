using QDistill.Quantum;
using TorchSharp;
using static TorchSharp.torch;

namespace QDistill.Distillation.QuantumLayers;

/// <summary>
/// The Gram matrix of a fidelity kernel as an operator of the graph, differentiable by the samples: forward |⟨ψ(x_i)|ψ(x_j)⟩|², backward by one adjoint pass over the states. Arguments: samples
/// [b, d], the kernel.
/// </summary>
internal sealed class FidelityGram : autograd.SingleTensorFunction<FidelityGram>
{
    /// <inheritdoc/>
    public override string Name => "FidelityGram";

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        (var samples, var kernel) = ((Tensor)vars[0], (FidelityKernel)vars[1]);
        int n = (int)samples.shape[0];
        ctx.save_for_backward([samples]);
        ctx.save_data(nameof(FidelityKernel), kernel);
        return TensorNumbers.Make(kernel.Gram(TensorNumbers.Read(samples), n), [n, n], samples.dtype);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        if (is_grad_enabled())
        {
            throw new NotSupportedException("a quantum kernel can be differentiated once: create_graph is not supported");
        }

        Tensor samples = ctx.get_saved_variables()[0];
        var kernel = (FidelityKernel)ctx.get_data(nameof(FidelityKernel));
        double[] upstream = TensorNumbers.Read(grad_output), dw = new double[kernel.Circuit.WeightCount], dx = new double[samples.numel()];
        kernel.GramAndVjp(TensorNumbers.Read(samples), (int)samples.shape[0], _ => upstream, dw, dx);
        return [TensorNumbers.Make(dx, samples.shape, samples.dtype), null!];
    }
}
