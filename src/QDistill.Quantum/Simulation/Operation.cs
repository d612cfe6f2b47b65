using System.Collections.Immutable;
using System.Numerics;

namespace QDistill.Quantum.Simulation;

/// <summary>The few operations that every gate is made of.</summary>
internal enum OperationKind
{
    /// <summary>exp(−iθP/2), on the subspace where all control bits are 1.</summary>
    Rotation,

    /// <summary>e^{iθ} on basis states whose masked bits are all 1 (mask 0: a global phase).</summary>
    Phase,

    /// <summary>A constant 2×2 matrix.</summary>
    Matrix1,

    /// <summary>A constant 4×4 matrix.</summary>
    Matrix2,

    /// <summary>CNOT.</summary>
    ControlledNot,

    /// <summary>SWAP.</summary>
    Swap,
}

/// <summary>One operation; which fields count depends on the kind.</summary>
internal sealed record Operation(
    OperationKind Kind,
    int XMask = 0,
    int ZMask = 0,
    int Controls = 0,
    Angle? Angle = null,
    int Qubit0 = 0,
    int Qubit1 = 0,
    ImmutableArray<Complex> Matrix = default)
{
    /// <summary>Lowers a circuit's gates, in order.</summary>
    public static Operation[] Lower(Circuit circuit) => [.. circuit.Gates.SelectMany(Lower)];

    /// <summary>Lowers one gate.</summary>
    public static IEnumerable<Operation> Lower(Gate g)
    {
        int a = g.Qubits[0], b = g.Qubits.Length > 1 ? g.Qubits[1] : 0;
        int ba = 1 << a, bb = 1 << b;
        double r = Math.Sqrt(0.5);
        return g.Kind switch
        {
            GateKind.X => [Constant(a, 0, 1, 1, 0)],
            GateKind.Y => [Constant(a, 0, -Complex.ImaginaryOne, Complex.ImaginaryOne, 0)],
            GateKind.H => [Constant(a, r, r, r, -r)],
            GateKind.Z => [Phased(ba, Math.PI)],
            GateKind.S => [Phased(ba, Math.PI / 2)],
            GateKind.SDagger => [Phased(ba, -Math.PI / 2)],
            GateKind.T => [Phased(ba, Math.PI / 4)],
            GateKind.TDagger => [Phased(ba, -Math.PI / 4)],
            GateKind.Phase => [Phased(ba, g.Angles[0])],
            GateKind.CZ => [Phased(ba | bb, Math.PI)],
            GateKind.CPhase => [Phased(ba | bb, g.Angles[0])],
            GateKind.RX => [Rotated(ba, 0, 0, g.Angles[0])],
            GateKind.RY => [Rotated(ba, ba, 0, g.Angles[0])],
            GateKind.RZ => [Rotated(0, ba, 0, g.Angles[0])],
            GateKind.CRX => [Rotated(bb, 0, ba, g.Angles[0])],
            GateKind.CRY => [Rotated(bb, bb, ba, g.Angles[0])],
            GateKind.CRZ => [Rotated(0, bb, ba, g.Angles[0])],
            GateKind.RXX => [Rotated(ba | bb, 0, 0, g.Angles[0])],
            GateKind.RYY => [Rotated(ba | bb, ba | bb, 0, g.Angles[0])],
            GateKind.RZZ => [Rotated(0, ba | bb, 0, g.Angles[0])],
            GateKind.PauliRotation => [Rotated(g.Pauli.XMask, g.Pauli.ZMask, 0, g.Angles[0])],

            // U3(θ, φ, λ) = Phase(φ) RY(θ) Phase(λ), exactly and with its global phase.
            GateKind.U3 => [Phased(ba, g.Angles[2]), Rotated(ba, ba, 0, g.Angles[0]), Phased(ba, g.Angles[1])],
            GateKind.CNOT => [new(OperationKind.ControlledNot, Qubit0: a, Qubit1: b)],
            GateKind.SWAP => [new(OperationKind.Swap, Qubit0: a, Qubit1: b)],
            GateKind.Unitary1 => [new(OperationKind.Matrix1, Qubit0: a, Matrix: g.Matrix)],
            GateKind.Unitary2 => [new(OperationKind.Matrix2, Qubit0: a, Qubit1: b, Matrix: g.Matrix)],
            _ => throw new InvalidOperationException($"gate {g.Kind} has no lowering"),
        };
    }

    private static Operation Constant(int qubit, params ReadOnlySpan<Complex> matrix) => new(OperationKind.Matrix1, Qubit0: qubit, Matrix: [.. matrix]);

    private static Operation Phased(int mask, Angle angle) => new(OperationKind.Phase, Controls: mask, Angle: angle);

    private static Operation Rotated(int x, int z, int controls, Angle angle) => new(OperationKind.Rotation, x, z, controls, angle);
}
