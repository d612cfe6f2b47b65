using System.Collections.Immutable;
using System.Numerics;

namespace QDistill.Quantum;

/// <summary>One angle of a gate with its Hermitian generator K, gate = exp(−iθK) up to a global phase; U3 is taken apart into its three turns.</summary>
/// <param name="Gate">The gate (of U3, the one turn).</param>
/// <param name="Terms">K as a sum of Pauli strings without the identity, which only adds a phase; empty for a fixed gate.</param>
internal sealed record Generator(Gate Gate, ImmutableArray<(double Coefficient, PauliString Pauli)> Terms)
{
    /// <summary>The gates of a circuit, in order.</summary>
    public static List<Generator> Of(Circuit circuit)
    {
        var list = new List<Generator>();
        foreach (Gate g in circuit.Gates)
        {
            if (g.Kind == GateKind.U3)
            {
                list.Add(Of(new Gate(GateKind.Phase, g.Qubits, [g.Angles[2]])));
                list.Add(Of(new Gate(GateKind.RY, g.Qubits, [g.Angles[0]])));
                list.Add(Of(new Gate(GateKind.Phase, g.Qubits, [g.Angles[1]])));
            }
            else
            {
                list.Add(Of(g));
            }
        }

        return list;
    }

    /// <summary>Whether the gates are sure to commute.</summary>
    public bool CommutesWith(Generator other)
    {
        bool disjoint = true;
        foreach (int q in Gate.Qubits)
        {
            disjoint &= !other.Gate.Qubits.Contains(q);
        }

        if (disjoint || (IsDiagonal && other.IsDiagonal))
        {
            return true;
        }

        bool commute = !Terms.IsEmpty && !other.Terms.IsEmpty;
        for (int i = 0; commute && i < Terms.Length; i++)
        {
            for (int j = 0; commute && j < other.Terms.Length; j++)
            {
                commute = Terms[i].Pauli.CommutesWith(other.Terms[j].Pauli);
            }
        }

        return commute;
    }

    /// <summary>The product of two commuting Pauli strings: a sign and a string.</summary>
    public static (double Sign, PauliString Pauli) Product(PauliString a, PauliString b)
    {
        // P = i^|x∧z| X^x Z^z, and Z^za X^xb = (−1)^|za∧xb| X^xb Z^za.
        var product = new PauliString(a.XMask ^ b.XMask, a.ZMask ^ b.ZMask);
        int power = a.YCount + b.YCount - product.YCount + (2 * BitOperations.PopCount((uint)(a.ZMask & b.XMask)));
        return ((power & 3) == 0 ? 1 : -1, product);
    }

    private bool IsDiagonal => Terms.IsEmpty
        ? Gate.Kind is GateKind.Z or GateKind.S or GateKind.SDagger or GateKind.T or GateKind.TDagger or GateKind.CZ
        : Terms.All(t => t.Pauli.IsDiagonal);

    private static Generator Of(Gate g)
    {
        int a = 1 << g.Qubits[0], b = g.Qubits.Length > 1 ? 1 << g.Qubits[1] : 0;
        PauliString za = new(0, a), zb = new(0, b), zz = new(0, a | b);
        (double, PauliString)[] terms = g.Kind switch
        {
            GateKind.RX => [(0.5, new PauliString(a, 0))],
            GateKind.RY => [(0.5, new PauliString(a, a))],
            GateKind.RZ or GateKind.Phase => [(0.5, za)],
            GateKind.RXX => [(0.5, new PauliString(a | b, 0))],
            GateKind.RYY => [(0.5, new PauliString(a | b, a | b))],
            GateKind.RZZ => [(0.5, zz)],
            GateKind.PauliRotation => [(0.5, g.Pauli)],

            // A control is the projector (1 − Z)/2.
            GateKind.CRX => [(0.25, new PauliString(b, 0)), (-0.25, new PauliString(b, a))],
            GateKind.CRY => [(0.25, new PauliString(b, b)), (-0.25, new PauliString(b, a | b))],
            GateKind.CRZ => [(0.25, zb), (-0.25, zz)],
            GateKind.CPhase => [(0.25, za), (0.25, zb), (-0.25, zz)],
            _ => [],
        };
        return new Generator(g, [.. terms]);
    }
}
