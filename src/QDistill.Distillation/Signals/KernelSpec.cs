namespace QDistill.Distillation.Signals;

/// <summary>Which kernel the signal <c>kernel</c> compares windows by.</summary>
/// <param name="Kind"><c>fidelity</c>, <c>projected</c> (both of the encoding's circuit), or <c>rbf</c> (the classical control, with the γ that gives it the fidelity kernel's bandwidth).</param>
/// <param name="Encoding">Name of the quantum encoding.</param>
/// <param name="Qubits">Number of qubits, which is also the number of features that representations are projected to.</param>
/// <param name="Bandwidth">Multiplies the projected features, which have unit variance: small makes the kernel flat (Canatar et al., arXiv:2206.06686).</param>
public sealed record KernelSpec(string Kind, string Encoding, int Qubits, double Bandwidth)
{
    /// <summary>The kinds.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["fidelity", "projected", "rbf"];

    /// <summary>A fidelity kernel of the ZZ feature map (as in QRKD) on 4 qubits.</summary>
    public static KernelSpec Default { get; } = new("fidelity", "zz", 4, 0.5);
}
