using System.Collections.Immutable;
using System.Numerics;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>Puts a <see cref="Circuit"/> together gate by gate. Every method returns the builder.</summary>
public sealed class CircuitBuilder
{
    private readonly ImmutableArray<Gate>.Builder gates = ImmutableArray.CreateBuilder<Gate>();

    /// <summary>Starts an empty circuit.</summary>
    /// <exception cref="UserErrorException">The number of qubits is below 1 or above <see cref="Circuit.MaxQubits"/>.</exception>
    public CircuitBuilder(int qubits)
    {
        if (qubits is < 1 or > Circuit.MaxQubits)
        {
            throw new UserErrorException($"a circuit of {qubits} qubits cannot be simulated: 1 to {Circuit.MaxQubits} are possible (2^{Circuit.MaxQubits} amplitudes take 256 MiB)");
        }

        Qubits = qubits;
    }

    /// <summary>The number of qubits.</summary>
    public int Qubits { get; }

    /// <summary>The first weight index no gate has used yet.</summary>
    public int NextWeight { get; private set; }

    /// <summary>The first input index no gate has used yet.</summary>
    public int NextInput { get; private set; }

    /// <summary>The first state; |0…0⟩ unless set.</summary>
    public StatePreparation Preparation { get; set; }

    /// <summary>The gates so far.</summary>
    public IReadOnlyList<Gate> Gates => gates;

    /// <summary>A new weight as an angle.</summary>
    public Angle NewWeight(double factor = 1) => Angle.Weight(NextWeight, factor);

    /// <summary>Pauli X.</summary>
    public CircuitBuilder X(int qubit) => Add(GateKind.X, [qubit]);

    /// <summary>Pauli Y.</summary>
    public CircuitBuilder Y(int qubit) => Add(GateKind.Y, [qubit]);

    /// <summary>Pauli Z.</summary>
    public CircuitBuilder Z(int qubit) => Add(GateKind.Z, [qubit]);

    /// <summary>Hadamard.</summary>
    public CircuitBuilder H(int qubit) => Add(GateKind.H, [qubit]);

    /// <summary>diag(1, i).</summary>
    public CircuitBuilder S(int qubit) => Add(GateKind.S, [qubit]);

    /// <summary>diag(1, −i).</summary>
    public CircuitBuilder SDagger(int qubit) => Add(GateKind.SDagger, [qubit]);

    /// <summary>diag(1, e^{iπ/4}).</summary>
    public CircuitBuilder T(int qubit) => Add(GateKind.T, [qubit]);

    /// <summary>diag(1, e^{−iπ/4}).</summary>
    public CircuitBuilder TDagger(int qubit) => Add(GateKind.TDagger, [qubit]);

    /// <summary>Rotation about X.</summary>
    public CircuitBuilder RX(int qubit, Angle angle) => Add(GateKind.RX, [qubit], angle);

    /// <summary>Rotation about Y.</summary>
    public CircuitBuilder RY(int qubit, Angle angle) => Add(GateKind.RY, [qubit], angle);

    /// <summary>Rotation about Z.</summary>
    public CircuitBuilder RZ(int qubit, Angle angle) => Add(GateKind.RZ, [qubit], angle);

    /// <summary>diag(1, e^{iθ}).</summary>
    public CircuitBuilder Phase(int qubit, Angle angle) => Add(GateKind.Phase, [qubit], angle);

    /// <summary>U3(θ, φ, λ).</summary>
    public CircuitBuilder U3(int qubit, Angle theta, Angle phi, Angle lambda) => Add(GateKind.U3, [qubit], theta, phi, lambda);

    /// <summary>Controlled X.</summary>
    public CircuitBuilder CNOT(int control, int target) => Add(GateKind.CNOT, [control, target]);

    /// <summary>Controlled Z.</summary>
    public CircuitBuilder CZ(int control, int target) => Add(GateKind.CZ, [control, target]);

    /// <summary>Exchanges two qubits.</summary>
    public CircuitBuilder SWAP(int a, int b) => Add(GateKind.SWAP, [a, b]);

    /// <summary>Controlled rotation about X.</summary>
    public CircuitBuilder CRX(int control, int target, Angle angle) => Add(GateKind.CRX, [control, target], angle);

    /// <summary>Controlled rotation about Y.</summary>
    public CircuitBuilder CRY(int control, int target, Angle angle) => Add(GateKind.CRY, [control, target], angle);

    /// <summary>Controlled rotation about Z.</summary>
    public CircuitBuilder CRZ(int control, int target, Angle angle) => Add(GateKind.CRZ, [control, target], angle);

    /// <summary>Controlled phase.</summary>
    public CircuitBuilder CPhase(int control, int target, Angle angle) => Add(GateKind.CPhase, [control, target], angle);

    /// <summary>exp(−iθ X⊗X/2).</summary>
    public CircuitBuilder RXX(int a, int b, Angle angle) => Add(GateKind.RXX, [a, b], angle);

    /// <summary>exp(−iθ Y⊗Y/2).</summary>
    public CircuitBuilder RYY(int a, int b, Angle angle) => Add(GateKind.RYY, [a, b], angle);

    /// <summary>exp(−iθ Z⊗Z/2).</summary>
    public CircuitBuilder RZZ(int a, int b, Angle angle) => Add(GateKind.RZZ, [a, b], angle);

    /// <summary>exp(−iθP/2).</summary>
    /// <exception cref="UserErrorException">The string is the identity or names a qubit outside the circuit.</exception>
    public CircuitBuilder PauliRotation(PauliString pauli, Angle angle)
    {
        ImmutableArray<int> on = [.. Enumerable.Range(0, 31).Where(q => pauli[q] != 'I')];
        if (on.IsEmpty)
        {
            throw new UserErrorException("a rotation about the identity has no effect and cannot be a gate");
        }

        return Append(new Gate(GateKind.PauliRotation, on, [angle], pauli));
    }

    /// <summary>A constant one-qubit unitary, row-major.</summary>
    /// <exception cref="UserErrorException">The matrix is not 2×2 and unitary to 1e-9.</exception>
    public CircuitBuilder Unitary(int qubit, ReadOnlySpan<Complex> matrix) =>
        Append(new Gate(GateKind.Unitary1, [qubit], [], default, Unitary(matrix, 2)));

    /// <summary>A constant two-qubit unitary, row-major; <paramref name="low"/> is the low bit of its indices.</summary>
    /// <exception cref="UserErrorException">The matrix is not 4×4 and unitary to 1e-9.</exception>
    public CircuitBuilder Unitary(int low, int high, ReadOnlySpan<Complex> matrix) =>
        Append(new Gate(GateKind.Unitary2, [low, high], [], default, Unitary(matrix, 4)));

    /// <summary>Appends a gate made elsewhere.</summary>
    /// <exception cref="UserErrorException">It names a qubit outside the circuit or one qubit twice, or its angle is not finite.</exception>
    public CircuitBuilder Append(Gate gate)
    {
        foreach (int q in gate.Qubits)
        {
            if (q < 0 || q >= Qubits)
            {
                throw new UserErrorException($"the gate {gate} names qubit {q}, but the circuit has qubits 0 to {Qubits - 1}");
            }
        }

        if (gate.Qubits.Distinct().Count() != gate.Qubits.Length)
        {
            throw new UserErrorException($"the gate {gate} names one qubit twice");
        }

        foreach (Angle a in gate.Angles)
        {
            if (!double.IsFinite(a.Constant) || a.Terms.Any(t => !double.IsFinite(t.Factor)))
            {
                throw new UserErrorException($"the gate {gate} has an angle that is not a finite number");
            }

            foreach (AngleTerm t in a.Terms)
            {
                Count(t.A);
                Count(t.B);
            }
        }

        gates.Add(gate);
        return this;
    }

    /// <summary>The finished circuit.</summary>
    /// <param name="inputs">The number of inputs; by default the highest used plus one, or the 2·2^n of a given state.</param>
    /// <param name="weights">The number of weights; by default the highest used plus one.</param>
    /// <param name="origin">The named parts, when there are any.</param>
    /// <exception cref="UserErrorException">A gate uses more inputs or weights than stated, or a given state would not have 2·2^n inputs.</exception>
    public Circuit Build(int? inputs = null, int? weights = null, CircuitOrigin? origin = null)
    {
        if (inputs < NextInput || weights < NextWeight)
        {
            throw new UserErrorException($"the gates use {NextInput} inputs and {NextWeight} weights, more than the {inputs ?? NextInput} and {weights ?? NextWeight} stated");
        }

        if (Preparation == StatePreparation.State)
        {
            inputs ??= 2 << Qubits;
            if (inputs != 2 << Qubits)
            {
                throw new UserErrorException($"a circuit on a given state of {Qubits} qubits has {2 << Qubits} inputs (Re and Im of {1 << Qubits} amplitudes), not {inputs}");
            }
        }

        return new Circuit(Qubits, inputs ?? NextInput, weights ?? NextWeight, gates.ToImmutable(), Preparation, origin);
    }

    private static ImmutableArray<Complex> Unitary(ReadOnlySpan<Complex> m, int size)
    {
        bool good = m.Length == size * size;
        for (int i = 0; good && i < size; i++)
        {
            for (int j = 0; j < size; j++)
            {
                Complex dot = i == j ? -1 : 0;
                for (int k = 0; k < size; k++)
                {
                    dot += m[(i * size) + k] * Complex.Conjugate(m[(j * size) + k]);
                }

                good &= Complex.Abs(dot) < 1e-9;
            }
        }

        return good ? [.. m] : throw new UserErrorException($"the matrix of a gate is not a {size}×{size} unitary");
    }

    private void Count(Variable v)
    {
        if (v.Kind == VariableKind.Weight)
        {
            NextWeight = Math.Max(NextWeight, v.Index + 1);
        }
        else if (v.IsInput)
        {
            NextInput = Math.Max(NextInput, v.Index + 1);
        }
    }

    private CircuitBuilder Add(GateKind kind, ImmutableArray<int> qubits, params ReadOnlySpan<Angle> angles) => Append(new Gate(kind, qubits, [.. angles]));
}
