using QDistill.Quantum;
using TorchSharp;
using static TorchSharp.torch;

namespace QDistill.Distillation.QuantumLayers;

/// <summary>What one application of <see cref="AdjointFunction"/> works with.</summary>
/// <param name="Engine">The simulator.</param>
/// <param name="Probabilities">Whether probabilities are the output, not expectations.</param>
/// <param name="Recorded">Whether a backward pass may follow.</param>
/// <param name="InputGradient">Whether it will ask for the inputs' gradient.</param>
internal sealed record AdjointCall(StateVector Engine, bool Probabilities, bool Recorded, bool InputGradient);

/// <summary>The circuit as an operator of the graph: forward by the simulator, backward by the adjoint method. Arguments: inputs, weights, <see cref="AdjointCall"/>.</summary>
internal sealed class AdjointFunction : autograd.SingleTensorFunction<AdjointFunction>
{
    /// <inheritdoc/>
    public override string Name => "QuantumLayer";

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        (var input, var weight, var call) = ((Tensor)vars[0], (Tensor)vars[1], (AdjointCall)vars[2]);
        double[] x = TensorNumbers.Read(input), w = TensorNumbers.Read(weight);
        int batch = x.Length / call.Engine.Circuit.InputCount, width = call.Probabilities ? call.Engine.Circuit.Dimension : call.Engine.Observables.Count;
        double[] values;
        if (call.Recorded)
        {
            ForwardPass pass = call.Engine.Forward(w, x, batch, call.Probabilities);
            values = call.Probabilities ? pass.Probabilities! : pass.Expectations;
            ctx.save_for_backward([input, weight]);
            ctx.save_data(nameof(AdjointCall), call);
            ctx.save_data(nameof(Tape), new Tape(pass));
        }
        else
        {
            values = call.Probabilities ? call.Engine.Probabilities(w, x, batch) : call.Engine.Expectations(w, x, batch);
        }

        return TensorNumbers.Make(values, [.. input.shape[..^1], width], input.dtype);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        if (is_grad_enabled())
        {
            // The result would be a constant to the graph: a second derivative through it would silently be wrong.
            throw new NotSupportedException("a quantum layer can be differentiated once: create_graph is not supported");
        }

        List<Tensor> saved = ctx.get_saved_variables();
        var call = (AdjointCall)ctx.get_data(nameof(AdjointCall));
        double[] upstream = TensorNumbers.Read(grad_output), dw = new double[call.Engine.Circuit.WeightCount], dx = call.InputGradient ? new double[saved[0].numel()] : [];
        int batch = (int)(saved[0].numel() / call.Engine.Circuit.InputCount);

        // A graph that is kept may run backward again; the states of the first run are spent by then.
        using (ForwardPass pass = ((Tape)ctx.get_data(nameof(Tape))).Take() ?? call.Engine.Forward(TensorNumbers.Read(saved[1]), TensorNumbers.Read(saved[0]), batch, call.Probabilities))
        {
            pass.Backward(call.Probabilities ? default : upstream, call.Probabilities ? upstream : default, dw, dx);
        }

        return [call.InputGradient ? TensorNumbers.Make(dx, saved[0].shape, saved[0].dtype) : null!, TensorNumbers.Make(dw, saved[1].shape, saved[1].dtype), null!];
    }

    /// <summary>Holds the states of a forward run until one backward run takes them; a graph that is dropped frees them with it.</summary>
    private sealed class Tape(ForwardPass pass)
    {
        private ForwardPass? pass = pass;

        public ForwardPass? Take() => Interlocked.Exchange(ref pass, null);
    }
}
