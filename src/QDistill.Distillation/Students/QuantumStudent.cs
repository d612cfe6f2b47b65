using QDistill.Configuration;
using QDistill.Distillation.QuantumLayers;
using QDistill.Distillation.Training;
using QDistill.Quantum;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Students;

/// <summary>
/// A circuit and nothing else: the normalised features enter an encoding (amplitudes unless set), and output j is the probability that qubit j is measured as 1, which sums the basis states into
/// two bins for each output (measurement compression, Piperno et al. 2024). Its logit is ln(p/(1 − p)) with p kept within [0.001, 0.999].
/// </summary>
public sealed class QuantumStudent : StudentNetwork
{
    private const double Edge = 0.998;
    private readonly QuantumLayer circuit;
    private readonly int features;
    private readonly int outputs;
    private readonly bool amplitudes;

    /// <summary>Creates a freshly initialised student.</summary>
    /// <exception cref="UserErrorException">The encoding has no room for the features, or there are fewer qubits than outputs.</exception>
    public QuantumStudent(int features, int outputs, StudentSpec spec, ulong seed)
        : base(nameof(QuantumStudent), spec)
    {
        (this.features, this.outputs, amplitudes) = (features, outputs, spec.Encoding == "amplitude");

        // An amplitude of its own that is always 1 keeps a window of zeros from having no state.
        int inputs = amplitudes ? features + 1 : features, room = FeatureEncoding.Get(spec.Encoding).MaxFeatures(spec.Qubits);
        if (inputs > room || outputs > spec.Qubits)
        {
            throw new UserErrorException(
                inputs > room ? $"a quantum student of {spec.Qubits} qubits with the encoding '{spec.Encoding}' has room for {(amplitudes ? room - 1 : room)} features, but the data have {features}" : $"a quantum student of {spec.Qubits} qubits cannot give {outputs} outputs",
                null,
                "give student.qubits a larger number");
        }

        circuit = new QuantumLayer(
            TeacherCircuit.Build(spec.Encoding, spec.Ansatz, spec.Qubits, spec.Layers, inputs), seed: seed, options: new StateVectorOptions { Threads = 1 });
        register_module(nameof(circuit), circuit);
    }

    /// <inheritdoc/>
    public override long HiddenWidth => Spec.Qubits;

    /// <inheritdoc/>
    public override StudentPass Pass(Tensor input)
    {
        Tensor x = amplitudes ? cat([input, ones(input.shape[0], 1)], 1) : input, z = circuit.forward(x);

        // p = (1 − z)/2, so ln(p/(1 − p)) = ln((1 − z)/(1 + z)).
        Tensor kept = z.narrow(1, 0, outputs) * Edge;
        return new StudentPass(((1 - kept) / (1 + kept)).log(), z, z, null);
    }
}
