using System.Numerics;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>A one-qubit quantum channel by its Kraus operators: ρ → Σ K ρ K†.</summary>
public sealed class Channel
{
    private Channel(IEnumerable<Complex[]> kraus, bool isPauli)
    {
        Kraus = [.. kraus.Where(k => k.Any(v => v != Complex.Zero))];
        IsPauli = isPauli;
    }

    /// <summary>Row-major 2×2 Kraus operators.</summary>
    public IReadOnlyList<Complex[]> Kraus { get; }

    /// <summary>Whether every operator is a multiple of a Pauli matrix, so that errors do not depend on the state.</summary>
    public bool IsPauli { get; }

    /// <summary>Whether it changes nothing.</summary>
    public bool IsIdentity => Kraus.Count == 1 && IsPauli && Kraus[0][0].Magnitude > 0 && Kraus[0][1] == Complex.Zero && Kraus[0][0] == Kraus[0][3];

    /// <summary>No change.</summary>
    public static Channel Identity { get; } = Pauli(0, 0, 0);

    /// <summary>X, Y and Z errors with the given probabilities.</summary>
    /// <exception cref="UserErrorException">A probability is negative or not a number, or they add up to more than 1.</exception>
    public static Channel Pauli(double x, double y, double z)
    {
        Require(x >= 0 && y >= 0 && z >= 0 && x + y + z <= 1 + 1e-12, $"Pauli error probabilities {x}, {y}, {z} must not be negative and must add up to at most 1");
        Complex i = Complex.ImaginaryOne;
        double s = Math.Sqrt(Math.Max(0, 1 - x - y - z));
        (x, y, z) = (Math.Sqrt(x), Math.Sqrt(y), Math.Sqrt(z));
        return new Channel([[s, 0, 0, s], [0, x, x, 0], [0, -i * y, i * y, 0], [z, 0, 0, -z]], isPauli: true);
    }

    /// <summary>With probability p one of X, Y, Z, equally likely.</summary>
    public static Channel Depolarising(double p)
    {
        Require(p is >= 0 and <= 1, $"the depolarising probability {p} is outside [0, 1]");
        return Pauli(p / 3, p / 3, p / 3);
    }

    /// <summary>|1⟩ falls to |0⟩ with probability γ.</summary>
    public static Channel AmplitudeDamping(double gamma)
    {
        Require(gamma is >= 0 and <= 1, $"the damping probability {gamma} is outside [0, 1]");
        return new Channel([[1, 0, 0, Math.Sqrt(1 - gamma)], [0, Math.Sqrt(gamma), 0, 0]], isPauli: gamma == 0);
    }

    /// <summary>Coherence shrinks by √(1 − λ).</summary>
    public static Channel PhaseDamping(double lambda)
    {
        Require(lambda is >= 0 and <= 1, $"the phase damping probability {lambda} is outside [0, 1]");
        return Pauli(0, 0, (1 - Math.Sqrt(1 - lambda)) / 2);
    }

    /// <summary>Relaxation over a time: populations decay with T1, coherence with T2 ≤ 2 T1 (all in the same unit).</summary>
    public static Channel Thermal(double t1, double t2, double time)
    {
        Require(t1 > 0 && t2 > 0 && t2 <= 2 * t1, $"relaxation times T1 = {t1} and T2 = {t2} must be positive with T2 ≤ 2 T1");
        Require(time >= 0, $"the gate time {time} is negative");
        double gamma = 1 - Math.Exp(-time / t1);

        // exp(−t/T2) = √(1 − γ) √(1 − λ)
        double lambda = Math.Clamp(1 - Math.Exp((-2 * time / t2) + (time / t1)), 0, 1);
        return AmplitudeDamping(gamma).Then(PhaseDamping(lambda));
    }

    /// <summary>This channel, then another.</summary>
    public Channel Then(Channel next)
    {
        if (next.IsIdentity)
        {
            return this;
        }

        if (IsIdentity)
        {
            return next;
        }

        var products = new List<Complex[]>();
        foreach (Complex[] b in next.Kraus)
        {
            foreach (Complex[] a in Kraus)
            {
                products.Add([(b[0] * a[0]) + (b[1] * a[2]), (b[0] * a[1]) + (b[1] * a[3]), (b[2] * a[0]) + (b[3] * a[2]), (b[2] * a[1]) + (b[3] * a[3])]);
            }
        }

        return new Channel(products, IsPauli && next.IsPauli);
    }

    /// <summary>The channel as a matrix on (ρ00, ρ01, ρ10, ρ11), row-major.</summary>
    public Complex[] Superoperator()
    {
        var s = new Complex[16];
        foreach (Complex[] k in Kraus)
        {
            for (int i = 0; i < 4; i++)
            {
                for (int j = 0; j < 4; j++)
                {
                    s[(4 * i) + j] += k[(2 * (i >> 1)) + (j >> 1)] * Complex.Conjugate(k[(2 * (i & 1)) + (j & 1)]);
                }
            }
        }

        return s;
    }

    private static void Require(bool good, string sentence)
    {
        if (!good)
        {
            throw new UserErrorException(sentence);
        }
    }
}
