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
        new("angle", "Schuld, Petruccione: Supervised Learning with Quantum Computers, 2018, ch. 5", false, n => 4 * n, Angles),
        new("reuploading", "Pérez-Salinas et al., Quantum 4, 226 (2020)", true, n => 4 * n, Angles),
    ];

    /// <summary>Every registered encoding.</summary>
    public static IReadOnlyList<FeatureEncoding> All => Registered;

    /// <summary>The encoding of that name.</summary>
    /// <exception cref="UserErrorException">There is none; the error names the nearest.</exception>
    public static FeatureEncoding Get(string name) => Registered.FirstOrDefault(e => e.Name == name)
        ?? throw new UserErrorException($"unknown encoding '{name}'", null, NearestKey.Hint(name, Registered.Select(e => e.Name)));

    /// <summary>
    /// Feature k mod d turns qubit k mod n, about Y in even rounds and about X in odd ones, for k from 0 to max(n, d) − 1: with fewer features than
    /// qubits the features repeat, with more the qubits take further rounds that do not commute with the first.
    /// </summary>
    private static void Angles(CircuitBuilder c, int features)
    {
        int n = c.Qubits;
        for (int k = 0; k < Math.Max(n, features); k++)
        {
            Angle x = Angle.Input(k % features);
            _ = (k / n % 2) == 0 ? c.RY(k % n, x) : c.RX(k % n, x);
        }
    }
}
