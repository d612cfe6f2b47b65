using QDistill.Configuration;
using QDistill.Quantum;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.QuantumLayers;

/// <summary>
/// A circuit as an ordinary module: inputs [batch, d] (or [d], or more leading dimensions) become expectations of m observables or the probabilities of the 2^n basis states, computed by our
/// simulator in batches; gradients for inputs and weights come from one adjoint pass. Tensors may be of 32 or 64 bits and lie on the CPU. Forward and backward may run on several threads at once.
/// </summary>
public sealed class QuantumLayer : nn.Module<Tensor, Tensor>
{
    private readonly StateVector engine;
    private readonly bool probabilities;

    /// <summary>Makes a layer of a circuit.</summary>
    /// <param name="circuit">The circuit; it has at least one input.</param>
    /// <param name="observables">The observables; Z of every qubit when null.</param>
    /// <param name="seed">The seed of the first weights.</param>
    /// <param name="spread">The first weights are uniform in [−spread, spread) [rad].</param>
    /// <param name="dtype">The type of the weights: float32 or float64.</param>
    /// <param name="options">How the simulator runs; double precision unless set.</param>
    /// <exception cref="UserErrorException">The circuit has no inputs, the type is another, or an observable names a missing qubit.</exception>
    public QuantumLayer(Circuit circuit, IReadOnlyList<Observable>? observables = null, ulong seed = 1, double spread = Math.PI, ScalarType dtype = ScalarType.Float32, StateVectorOptions? options = null)
        : this(circuit, observables, false, seed, spread, dtype, options)
    {
    }

    private QuantumLayer(Circuit circuit, IReadOnlyList<Observable>? observables, bool probabilities, ulong seed, double spread, ScalarType dtype, StateVectorOptions? options)
        : base(nameof(QuantumLayer))
    {
        if (circuit.InputCount == 0)
        {
            throw new UserErrorException("a quantum layer needs a circuit with inputs", null, "begin it with an encoding");
        }

        if (dtype is not (ScalarType.Float32 or ScalarType.Float64))
        {
            throw new UserErrorException($"the weights of a quantum layer are of type float32 or float64, not {dtype}");
        }

        this.probabilities = probabilities;
        engine = new StateVector(circuit, observables, options);
        using Tensor first = tensor(circuit.RandomWeights(seed, spread), [circuit.WeightCount]);
        weight = new Parameter(first.to(dtype, copy: true).DetachFromDisposeScope());
        register_parameter(nameof(weight), weight);
    }

    /// <summary>The circuit.</summary>
    public Circuit Circuit => engine.Circuit;

    /// <summary>The circuit's weights [p].</summary>
    public Parameter weight { get; }

    /// <summary>d.</summary>
    public long in_features => Circuit.InputCount;

    /// <summary>m, or 2^n for probabilities.</summary>
    public long out_features => probabilities ? Circuit.Dimension : engine.Observables.Count;

    /// <summary>A layer whose outputs are the probabilities of all basis states.</summary>
    /// <param name="circuit">The circuit; it has at least one input.</param>
    /// <param name="seed">The seed of the first weights.</param>
    /// <param name="spread">The first weights are uniform in [−spread, spread) [rad].</param>
    /// <param name="dtype">The type of the weights: float32 or float64.</param>
    /// <param name="options">How the simulator runs.</param>
    public static QuantumLayer OfProbabilities(Circuit circuit, ulong seed = 1, double spread = Math.PI, ScalarType dtype = ScalarType.Float32, StateVectorOptions? options = null) =>
        new(circuit, [], true, seed, spread, dtype, options);

    /// <summary>The circuit's answers.</summary>
    /// <param name="input">[…, d], float32 or float64; the output has its type.</param>
    /// <returns>[…, m]</returns>
    /// <exception cref="UserErrorException">The last dimension is not d, the type is another, or an input is not finite.</exception>
    public override Tensor forward(Tensor input)
    {
        if (input.ndim < 1 || input.shape[^1] != in_features)
        {
            throw new UserErrorException($"the quantum layer takes {in_features} inputs, but the tensor is [{string.Join(", ", input.shape)}]");
        }

        if (input.dtype is not (ScalarType.Float32 or ScalarType.Float64))
        {
            throw new UserErrorException($"the quantum layer takes tensors of type float32 or float64, not {input.dtype}");
        }

        bool recorded = is_grad_enabled() && (input.requires_grad || weight.requires_grad);
        return AdjointFunction.apply(input, weight, new AdjointCall(engine, probabilities, recorded, input.requires_grad));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            engine.Dispose();
        }

        base.Dispose(disposing);
    }
}
