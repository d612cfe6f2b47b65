using QDistill.Distillation.QuantumLayers;
using QDistill.Distillation.Training;
using QDistill.Numerics;
using QDistill.Quantum;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Students;

/// <summary>
/// A dressed circuit (Mari et al., Quantum 4, 340 (2020), eq. 10): a linear layer to one angle π/2·tanh(z) for each qubit, the circuit, and a linear layer on its ⟨Z⟩ values, which are the hidden layer.
/// </summary>
public sealed class HybridStudent : StudentNetwork
{
    private readonly Linear enter;
    private readonly QuantumLayer circuit;
    private readonly Linear leave;

    /// <summary>Creates a freshly initialised student.</summary>
    public HybridStudent(int features, int outputs, StudentSpec spec, ulong seed)
        : base(nameof(HybridStudent), spec)
    {
        var rng = new Philox(seed, MlpStudent.InitialisationStream);
        enter = nn.Linear(features, spec.Qubits);
        circuit = new QuantumLayer(TeacherCircuit.Build(spec.Encoding, spec.Ansatz, spec.Qubits, spec.Layers, spec.Qubits), seed: seed, spread: 0.5, options: new StateVectorOptions { Threads = 1 });
        leave = nn.Linear(spec.Qubits, outputs);
        register_module(nameof(enter), enter);
        register_module(nameof(circuit), circuit);
        register_module(nameof(leave), leave);
        Fill(enter.weight, Bound("tanh", false, features), ref rng);
        Fill(enter.bias!, 0, ref rng);
        Fill(leave.weight, Bound("tanh", true, spec.Qubits), ref rng);
        Fill(leave.bias!, 0, ref rng);
    }

    /// <inheritdoc/>
    public override long HiddenWidth => Spec.Qubits;

    /// <inheritdoc/>
    public override StudentPass Pass(Tensor input)
    {
        Tensor hidden = circuit.forward(enter.forward(input).tanh() * (Math.PI / 2));
        return new StudentPass(leave.forward(hidden), hidden, hidden, null);
    }
}
