using System.Numerics;

namespace QDistill.Quantum;

/// <summary>The few operations on state vectors that Krylov methods need.</summary>
internal static class HilbertSpace
{
    /// <summary>O v.</summary>
    public static Complex[] Apply(Observable observable, Complex[] v)
    {
        var result = new Complex[v.Length];
        foreach ((double c, PauliString p) in observable.Terms)
        {
            Complex unit = (p.YCount & 3) switch { 0 => new(c, 0), 1 => new(0, c), 2 => new(-c, 0), _ => new(0, -c) };
            for (int i = 0; i < v.Length; i++)
            {
                int j = i ^ p.XMask;
                result[i] += (BitOperations.PopCount((uint)(j & p.ZMask)) & 1) == 0 ? unit * v[j] : -unit * v[j];
            }
        }

        return result;
    }

    /// <summary>⟨a|b⟩.</summary>
    public static Complex Inner(Complex[] a, Complex[] b)
    {
        Complex sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += Complex.Conjugate(a[i]) * b[i];
        }

        return sum;
    }

    /// <summary>√⟨v|v⟩.</summary>
    public static double Norm(Complex[] v) => Math.Sqrt(Inner(v, v).Real);

    /// <summary>v ← factor · v.</summary>
    public static void Scale(Complex[] v, double factor)
    {
        for (int i = 0; i < v.Length; i++)
        {
            v[i] *= factor;
        }
    }

    /// <summary>to ← to + factor · v.</summary>
    public static void Add(Complex[] to, Complex[] v, Complex factor)
    {
        for (int i = 0; i < v.Length; i++)
        {
            to[i] += factor * v[i];
        }
    }
}
