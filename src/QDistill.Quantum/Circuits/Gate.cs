using System.Collections.Immutable;
using System.Numerics;

namespace QDistill.Quantum;

/// <summary>The named gates. Angles follow the field's convention: RP(θ) = exp(−iθP/2).</summary>
public enum GateKind
{
    /// <summary>Pauli X.</summary>
    X,

    /// <summary>Pauli Y.</summary>
    Y,

    /// <summary>Pauli Z.</summary>
    Z,

    /// <summary>Hadamard.</summary>
    H,

    /// <summary>diag(1, i).</summary>
    S,

    /// <summary>diag(1, −i).</summary>
    SDagger,

    /// <summary>diag(1, e^{iπ/4}).</summary>
    T,

    /// <summary>diag(1, e^{−iπ/4}).</summary>
    TDagger,

    /// <summary>exp(−iθX/2).</summary>
    RX,

    /// <summary>exp(−iθY/2).</summary>
    RY,

    /// <summary>exp(−iθZ/2).</summary>
    RZ,

    /// <summary>diag(1, e^{iθ}).</summary>
    Phase,

    /// <summary>U3(θ, φ, λ) = [[cos θ/2, −e^{iλ} sin θ/2], [e^{iφ} sin θ/2, e^{i(φ+λ)} cos θ/2]].</summary>
    U3,

    /// <summary>Controlled X; control first.</summary>
    CNOT,

    /// <summary>Controlled Z.</summary>
    CZ,

    /// <summary>Exchanges two qubits.</summary>
    SWAP,

    /// <summary>Controlled RX; control first.</summary>
    CRX,

    /// <summary>Controlled RY; control first.</summary>
    CRY,

    /// <summary>Controlled RZ; control first.</summary>
    CRZ,

    /// <summary>diag(1, 1, 1, e^{iθ}).</summary>
    CPhase,

    /// <summary>exp(−iθ X⊗X/2).</summary>
    RXX,

    /// <summary>exp(−iθ Y⊗Y/2).</summary>
    RYY,

    /// <summary>exp(−iθ Z⊗Z/2).</summary>
    RZZ,

    /// <summary>exp(−iθP/2) for any Pauli string P.</summary>
    PauliRotation,

    /// <summary>A constant 2×2 unitary.</summary>
    Unitary1,

    /// <summary>A constant 4×4 unitary; the first qubit is the low bit of its indices.</summary>
    Unitary2,
}

/// <summary>One gate of a circuit; made by <see cref="CircuitBuilder"/>, immutable.</summary>
public sealed class Gate
{
    internal Gate(GateKind kind, ImmutableArray<int> qubits, ImmutableArray<Angle> angles, PauliString pauli = default, ImmutableArray<Complex> matrix = default)
    {
        Kind = kind;
        Qubits = qubits;
        Angles = angles;
        Pauli = pauli;
        Matrix = matrix.IsDefault ? [] : matrix;
    }

    /// <summary>Which gate.</summary>
    public GateKind Kind { get; }

    /// <summary>The qubits in the gate's order (control first).</summary>
    public ImmutableArray<int> Qubits { get; }

    /// <summary>The angles in the gate's order; empty for fixed gates.</summary>
    public ImmutableArray<Angle> Angles { get; }

    /// <summary>The string of a <see cref="GateKind.PauliRotation"/>.</summary>
    public PauliString Pauli { get; }

    /// <summary>The row-major matrix of <see cref="GateKind.Unitary1"/> (4 entries) and <see cref="GateKind.Unitary2"/> (16).</summary>
    public ImmutableArray<Complex> Matrix { get; }

    /// <summary>The gate that undoes this one.</summary>
    public Gate Inverse()
    {
        GateKind kind = Kind switch
        {
            GateKind.S => GateKind.SDagger,
            GateKind.SDagger => GateKind.S,
            GateKind.T => GateKind.TDagger,
            GateKind.TDagger => GateKind.T,
            _ => Kind,
        };
        ImmutableArray<Angle> angles = Kind == GateKind.U3 ? [-Angles[0], -Angles[2], -Angles[1]] : [.. Angles.Select(a => -a)];
        int size = Kind == GateKind.Unitary2 ? 4 : 2;
        ImmutableArray<Complex> matrix = [.. Enumerable.Range(0, Matrix.Length).Select(i => Complex.Conjugate(Matrix[(i % size * size) + (i / size)]))];
        return new Gate(kind, Qubits, angles, Pauli, matrix);
    }

    /// <summary>A readable form such as <c>CRX(w0) q1 q2</c>.</summary>
    public override string ToString() =>
        (Kind == GateKind.PauliRotation ? $"R[{Pauli}]" : Kind.ToString())
        + (Angles.IsEmpty ? string.Empty : $"({string.Join(", ", Angles)})")
        + " " + string.Join(" ", Qubits.Select(q => $"q{q}"));
}
