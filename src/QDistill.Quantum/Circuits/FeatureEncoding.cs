using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>A named way to write a sample's features into qubits.</summary>
/// <param name="Name">The name used in configuration and in the Q# program.</param>
/// <param name="Paper">Where it comes from.</param>
/// <param name="Reuploads">Whether it is repeated before every layer of the ansatz.</param>
/// <param name="MaxFeatures">The most features it can take on n qubits.</param>
/// <param name="Append">Adds its gates: builder, number of features.</param>
public sealed record FeatureEncoding(string Name, string Paper, bool Reuploads, Func<int, int> MaxFeatures, Action<CircuitBuilder, int> Append)
{
    private static readonly FeatureEncoding[] Registered =
    [
        new("angle", "Schuld, Petruccione: Supervised Learning with Quantum Computers, 2018, ch. 5", false, n => 4 * n, (c, d) => Angles(c, d, scaled: false)),
        new("reuploading", "Pérez-Salinas et al., Quantum 4, 226 (2020)", true, n => 4 * n, (c, d) => Angles(c, d, scaled: false)),
        new("reuploading-scaled", "Pérez-Salinas et al., Quantum 4, 226 (2020), eq. 6: trainable input scales", true, n => 4 * n, (c, d) => Angles(c, d, scaled: true)),
        new("phase", "Stoudenmire, Schwab, NIPS 2016; Schuld, Killoran, PRL 122, 040504 (2019)", false, n => 4 * n, Phases),
        new("iqp", "Havlíček et al., Nature 567, 209 (2019), with products x_i x_j", false, n => n, Iqp),
        new("zz", "Havlíček et al., Nature 567, 209 (2019), φ = (π − x_i)(π − x_j), two repetitions, all pairs", false, n => n, ZZ),
        new("amplitude", "Schuld, Petruccione: Supervised Learning with Quantum Computers, 2018, ch. 5", false, n => 1 << n, (c, _) => c.Preparation = StatePreparation.Amplitude),
        new("basis", "Schuld, Petruccione, 2018, ch. 5; features above 0.5 are ones", false, n => n, Basis),
    ];

    /// <summary>Every registered encoding of features.</summary>
    public static IReadOnlyList<FeatureEncoding> All => Registered;

    /// <summary>
    /// Quantum data: no features but a given state, 2·2^n numbers Re ψ_0, Im ψ_0, Re ψ_1, … of norm 1 (<see cref="StatePreparation.State"/>). <see cref="Get"/> knows it by its name; it is not among <see cref="All"/>,
    /// because no robot's features are such a state.
    /// </summary>
    public static FeatureEncoding State { get; } =
        new("state", "Cong, Choi, Lukin, Nat. Phys. 15, 1273 (2019): quantum data; prepared after Shende, Bullock, Markov, IEEE Trans. CAD 25, 1000 (2006)", false, n => 2 << n, (c, _) => c.Preparation = StatePreparation.State);

    /// <summary>The encoding of that name.</summary>
    /// <exception cref="UserErrorException">There is none; the error names the nearest.</exception>
    public static FeatureEncoding Get(string name) => name == State.Name ? State : Registered.FirstOrDefault(e => e.Name == name)
        ?? throw new UserErrorException($"unknown encoding '{name}'", null, NearestKey.Hint(name, Registered.Append(State).Select(e => e.Name)));

    /// <summary>
    /// Feature k mod d turns qubit k mod n, about Y in even rounds and about X in odd ones, for k from 0 to max(n, d) − 1: with fewer features than
    /// qubits the features repeat, with more the qubits take further rounds that do not commute with the first. Scaled, each angle is w·x with a weight of its own.
    /// </summary>
    private static void Angles(CircuitBuilder c, int features, bool scaled)
    {
        int n = c.Qubits;
        for (int k = 0; k < Math.Max(n, features); k++)
        {
            Angle x = Angle.Input(k % features) * (scaled ? c.NewWeight() : 1);
            _ = (k / n % 2) == 0 ? c.RY(k % n, x) : c.RX(k % n, x);
        }
    }

    /// <summary>Rounds of H on every qubit and RZ(x) on each; features are laid out as for angles.</summary>
    private static void Phases(CircuitBuilder c, int features)
    {
        int n = c.Qubits;
        for (int k = 0; k < Math.Max(n, features); k++)
        {
            if (k % n == 0)
            {
                Hadamards(c);
            }

            c.RZ(k % n, Angle.Input(k % features));
        }
    }

    /// <summary>Twice: H on every qubit, RZ(x_i), RZZ(x_i x_j) on every pair. Qubit q takes feature q mod d.</summary>
    private static void Iqp(CircuitBuilder c, int features)
    {
        for (int r = 0; r < 2; r++)
        {
            Hadamards(c);
            for (int q = 0; q < c.Qubits; q++)
            {
                c.RZ(q, Angle.Input(q % features));
            }

            for (int a = 0; a < c.Qubits; a++)
            {
                for (int b = a + 1; b < c.Qubits; b++)
                {
                    c.RZZ(a, b, Angle.Input(a % features) * Angle.Input(b % features));
                }
            }
        }
    }

    /// <summary>Twice: H on every qubit, phase 2x_i, and on every pair CNOT, phase 2(π − x_i)(π − x_j), CNOT.</summary>
    private static void ZZ(CircuitBuilder c, int features)
    {
        for (int r = 0; r < 2; r++)
        {
            Hadamards(c);
            for (int q = 0; q < c.Qubits; q++)
            {
                c.Phase(q, Angle.Input(q % features, 2));
            }

            for (int a = 0; a < c.Qubits; a++)
            {
                for (int b = a + 1; b < c.Qubits; b++)
                {
                    Angle both = (Math.PI - Angle.Input(a % features)) * (Math.PI - Angle.Input(b % features));
                    c.CNOT(a, b).Phase(b, both.Scale(2)).CNOT(a, b);
                }
            }
        }
    }

    /// <summary>A half turn about Y of qubit i where feature i exceeds 0.5.</summary>
    private static void Basis(CircuitBuilder c, int features)
    {
        for (int q = 0; q < features; q++)
        {
            c.RY(q, Angle.InputBit(q, Math.PI));
        }
    }

    private static void Hadamards(CircuitBuilder c)
    {
        for (int q = 0; q < c.Qubits; q++)
        {
            c.H(q);
        }
    }
}
