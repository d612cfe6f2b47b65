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
            Ring(c);
        }),
        new("no-entanglement", "the control without entangling gates; cf. Bowles et al., arXiv:2403.07059", (c, _, _) => Rotations(c)),
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

    /// <summary>CNOT from each qubit to the next, closing the ring; two qubits get one CNOT, one qubit none.</summary>
    private static void Ring(CircuitBuilder c)
    {
        for (int q = 0; q < (c.Qubits == 2 ? 1 : c.Qubits) && c.Qubits > 1; q++)
        {
            c.CNOT(q, (q + 1) % c.Qubits);
        }
    }
}
