using System.Collections.Immutable;

namespace QDistill.Quantum;

/// <summary>One term of a shift rule: the function at the angle plus <paramref name="Shift"/> [rad], times <paramref name="Coefficient"/>.</summary>
public readonly record struct ShiftTerm(double Coefficient, double Shift);

/// <summary>
/// An exact derivative made of function values: f′(θ) = Σ c_k f(θ + s_k), for an expectation f that is a Fourier sum of the frequencies 1, 2, …, R times a base.
/// </summary>
public sealed class ShiftRule
{
    /// <summary>Gates of one frequency (Pauli rotations, phases, the angles of U3): shifts ±π/2.</summary>
    public static readonly ShiftRule TwoTerm = Equidistant(1, 1);

    /// <summary>Controlled rotations, whose generator has the eigenvalues 0 and ±1/2: shifts ±π/2 and ±3π/2.</summary>
    public static readonly ShiftRule FourTerm = Equidistant(2, 0.5);

    private ShiftRule(ImmutableArray<ShiftTerm> terms) => Terms = terms;

    /// <summary>The terms.</summary>
    public ImmutableArray<ShiftTerm> Terms { get; }

    /// <summary>
    /// The rule of R equidistant frequencies (Wierichs et al., Quantum 6, 677 (2022), eq. 16): 2R shifts (2μ − 1)π/2R over the base frequency, with coefficients (−1)^{μ−1} / (4R sin²((2μ − 1)π/4R)).
    /// </summary>
    /// <param name="frequencies">R, at least 1.</param>
    /// <param name="baseFrequency">The lowest frequency, of which all are multiples.</param>
    public static ShiftRule Equidistant(int frequencies, double baseFrequency)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frequencies, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(baseFrequency);
        int count = 2 * frequencies;
        var terms = ImmutableArray.CreateBuilder<ShiftTerm>(count);
        for (int k = 0; k < count; k++)
        {
            double at = ((2 * k) + 1) * Math.PI / count, half = Math.Sin(at / 2);
            double shift = at > Math.PI ? at - (2 * Math.PI) : at;
            terms.Add(new ShiftTerm((k % 2 == 0 ? 1 : -1) * baseFrequency / (2 * count * half * half), shift / baseFrequency));
        }

        return new ShiftRule(terms.MoveToImmutable());
    }

    /// <summary>The rule of an angle of a gate of that kind.</summary>
    public static ShiftRule For(GateKind kind) => IsControlledRotation(kind) ? FourTerm : TwoTerm;

    internal static bool IsControlledRotation(GateKind kind) => kind is GateKind.CRX or GateKind.CRY or GateKind.CRZ;
}
