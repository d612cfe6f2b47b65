using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>A named family of trainable circuits, built layer by layer; each layer takes the next weights.</summary>
/// <param name="Name">The name used in configuration and in the Q# program.</param>
/// <param name="Paper">Where it comes from.</param>
/// <param name="Append">Adds one layer: builder, layer index, number of layers.</param>
public sealed record Ansatz(string Name, string Paper, Action<CircuitBuilder, int, int> Append)
{
    private static readonly Ansatz[] Registered =
    [
        new("hardware-efficient", "Kandala et al., Nature 549, 242 (2017)", (c, _, _) =>
        {
            Rotations(c);
            Ring(c, (a, b) => c.CNOT(a, b));
        }),
        new("no-entanglement", "the control without entangling gates; cf. Bowles et al., arXiv:2403.07059", (c, _, _) => Rotations(c)),
        new("ry-rz-cz", "Kandala et al., Nature 549, 242 (2017), with CZ", (c, _, _) =>
        {
            Rotations(c);
            Ring(c, (a, b) => c.CZ(a, b));
        }),
        new("real-amplitudes", "Qiskit's RealAmplitudes: RY and a chain of CNOTs, closed by RY", RealAmplitudes),
        new("strongly-entangling", "Schuld et al., Phys. Rev. A 101, 032308 (2020)", StronglyEntangling),
        new("simplified-two-design", "Cerezo et al., Nat. Commun. 12, 1791 (2021)", SimplifiedTwoDesign),
        new("universal-two-qubit", "Vatan, Williams, Phys. Rev. A 69, 032315 (2004): any two-qubit unitary, in a brick wall", Universal),
        new("qcnn", "Cong, Choi, Lukin, Nat. Phys. 15, 1273 (2019); blocks after Hur et al., Quantum Mach. Intell. 4, 3 (2022)", Qcnn),
    ];

    /// <summary>Every registered ansatz.</summary>
    public static IReadOnlyList<Ansatz> All => Registered;

    /// <summary>The ansatz of that name.</summary>
    /// <exception cref="UserErrorException">There is none; the error names the nearest.</exception>
    public static Ansatz Get(string name) => Registered.FirstOrDefault(a => a.Name == name)
        ?? throw new UserErrorException($"unknown ansatz '{name}'", null, NearestKey.Hint(name, Registered.Select(a => a.Name)));

    /// <summary>RY then RZ on every qubit: 2n weights.</summary>
    private static void Rotations(CircuitBuilder c)
    {
        for (int q = 0; q < c.Qubits; q++)
        {
            c.RY(q, c.NewWeight()).RZ(q, c.NewWeight());
        }
    }

    /// <summary>A gate from each qubit to the next, closing the ring; two qubits get one gate, one qubit none.</summary>
    private static void Ring(CircuitBuilder c, Action<int, int> gate)
    {
        for (int q = 0; q < (c.Qubits == 2 ? 1 : c.Qubits) && c.Qubits > 1; q++)
        {
            gate(q, (q + 1) % c.Qubits);
        }
    }

    /// <summary>RY on every qubit and CNOTs in a chain; after the last layer RY again: n weights a layer and n more.</summary>
    private static void RealAmplitudes(CircuitBuilder c, int layer, int layers)
    {
        TurnAll(c);
        for (int q = 0; q + 1 < c.Qubits; q++)
        {
            c.CNOT(q, q + 1);
        }

        if (layer == layers - 1)
        {
            TurnAll(c);
        }
    }

    private static void TurnAll(CircuitBuilder c)
    {
        for (int q = 0; q < c.Qubits; q++)
        {
            c.RY(q, c.NewWeight());
        }
    }

    /// <summary>RZ RY RZ on every qubit, then CNOTs that reach (layer mod (n − 1)) + 1 qubits on: 3n weights.</summary>
    private static void StronglyEntangling(CircuitBuilder c, int layer, int layers)
    {
        int n = c.Qubits;
        for (int q = 0; q < n; q++)
        {
            c.RZ(q, c.NewWeight()).RY(q, c.NewWeight()).RZ(q, c.NewWeight());
        }

        for (int q = 0; q < n && n > 1; q++)
        {
            c.CNOT(q, (q + (layer % (n - 1)) + 1) % n);
        }
    }

    /// <summary>RY on every qubit first; each layer: CZ and two RY on the even pairs, then on the odd ones: n weights and 2(n − 1) a layer.</summary>
    private static void SimplifiedTwoDesign(CircuitBuilder c, int layer, int layers)
    {
        if (layer == 0)
        {
            TurnAll(c);
        }

        for (int start = 0; start < 2; start++)
        {
            for (int q = start; q + 1 < c.Qubits; q += 2)
            {
                c.CZ(q, q + 1).RY(q, c.NewWeight()).RY(q + 1, c.NewWeight());
            }
        }
    }

    /// <summary>Blocks that reach any two-qubit unitary, on the even pairs, then on the odd ones: 15 weights a block; a lone qubit takes U3.</summary>
    private static void Universal(CircuitBuilder c, int layer, int layers)
    {
        if (c.Qubits == 1)
        {
            AnyTurn(c, 0);
        }

        for (int start = 0; start < 2; start++)
        {
            for (int q = start; q + 1 < c.Qubits; q += 2)
            {
                AnyTurn(c, q);
                AnyTurn(c, q + 1);
                c.RXX(q, q + 1, c.NewWeight()).RYY(q, q + 1, c.NewWeight()).RZZ(q, q + 1, c.NewWeight());
                AnyTurn(c, q);
                AnyTurn(c, q + 1);
            }
        }
    }

    private static void AnyTurn(CircuitBuilder c, int q)
    {
        int w = c.NextWeight;
        c.U3(q, Angle.Weight(w), Angle.Weight(w + 1), Angle.Weight(w + 2));
    }

    /// <summary>
    /// Convolution with shared weights on neighbouring active qubits (even pairs, then odd), then pooling onto every second one; each layer halves the active qubits. Six weights a layer; the last
    /// active qubit takes RY and RZ.
    /// </summary>
    private static void Qcnn(CircuitBuilder c, int layer, int layers)
    {
        int stride = 1 << Math.Min(layer, 30), w = c.NextWeight;
        int active = (int)(((long)c.Qubits + stride - 1) / stride);
        if (active <= 1)
        {
            c.RY(0, Angle.Weight(w)).RZ(0, Angle.Weight(w + 1));
            return;
        }

        for (int start = 0; start < 2; start++)
        {
            for (int k = start; k + 1 < active; k += 2)
            {
                int a = k * stride, b = (k + 1) * stride;
                c.RY(a, Angle.Weight(w)).RY(b, Angle.Weight(w + 1)).CZ(a, b).RY(a, Angle.Weight(w + 2)).RY(b, Angle.Weight(w + 3));
            }
        }

        for (int k = 0; k + 1 < active; k += 2)
        {
            int keep = k * stride, drop = (k + 1) * stride;
            c.CRZ(drop, keep, Angle.Weight(w + 4)).X(drop).CRX(drop, keep, Angle.Weight(w + 5)).X(drop);
        }
    }
}
