using System.Numerics;
using System.Runtime.CompilerServices;

namespace QDistill.Quantum.Simulation;

/// <summary>The sweeps of the gate-by-gate path over a state of samples in lanes.</summary>
internal static unsafe class GateKernels
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    private static int W => Vector<double>.Count;

    /// <summary>exp(−iθP/2) where the control bits are all 1.</summary>
    public static void Rotate(double* s, int dimension, int x, int z, int controls, Vector<double> angle)
    {
        (Vector<double> sin, Vector<double> cos) = Vector.SinCos(angle * 0.5);
        if (x == 0)
        {
            for (int p = 0; p < dimension; p++)
            {
                if ((p & controls) == controls)
                {
                    Multiply(s, p, cos, Parity(p & z) ? sin : -sin);
                }
            }

            return;
        }

        int pivot = 1 << BitOperations.Log2((uint)x);
        int quarter = BitOperations.PopCount((uint)(x & z)) & 3;
        for (int p = 0; p < dimension; p++)
        {
            if ((p & pivot) != 0 || (p & controls) != controls)
            {
                continue;
            }

            // P|q⟩ = f_q |q^x⟩ with f_q = i^k (−1)^{z·q}; −i f is real for odd k and imaginary for even k.
            int q = p ^ x;
            Load(s, p, out Vector<double> ar, out Vector<double> ai);
            Load(s, q, out Vector<double> br, out Vector<double> bi);
            if ((quarter & 1) == 0)
            {
                Vector<double> t = Parity(p & z) == (quarter == 0) ? sin : -sin;   // −i f_p sin = i t, f_q = f_p
                Store(s, p, (cos * ar) - (t * bi), (cos * ai) + (t * br));
                Store(s, q, (cos * br) - (t * ai), (cos * bi) + (t * ar));
            }
            else
            {
                Vector<double> t = Parity(p & z) == (quarter == 3) ? sin : -sin;   // −i f_p sin = t, f_q = −f_p
                Store(s, p, (cos * ar) - (t * br), (cos * ai) - (t * bi));
                Store(s, q, (cos * br) + (t * ar), (cos * bi) + (t * ai));
            }
        }
    }

    /// <summary>e^{iθ} where the masked bits are all 1.</summary>
    public static void Phase(double* s, int dimension, int mask, Vector<double> angle)
    {
        (Vector<double> sin, Vector<double> cos) = Vector.SinCos(angle);
        for (int p = 0; p < dimension; p++)
        {
            if ((p & mask) == mask)
            {
                Multiply(s, p, cos, sin);
            }
        }
    }

    /// <summary>CNOT.</summary>
    public static void ControlledNot(double* s, int dimension, int control, int target)
    {
        for (int p = 0; p < dimension; p++)
        {
            if ((p & control) != 0 && (p & target) == 0)
            {
                Exchange(s, p, p | target);
            }
        }
    }

    /// <summary>SWAP.</summary>
    public static void Swap(double* s, int dimension, int a, int b)
    {
        for (int p = 0; p < dimension; p++)
        {
            if ((p & a) != 0 && (p & b) == 0)
            {
                Exchange(s, p, p ^ a ^ b);
            }
        }
    }

    /// <summary>A 2×2 matrix, or its adjoint.</summary>
    public static void Matrix1(double* s, int dimension, int bit, ReadOnlySpan<Complex> m, bool adjoint)
    {
        Complex m00 = m[0], m01 = adjoint ? m[2] : m[1], m10 = adjoint ? m[1] : m[2], m11 = m[3];
        if (adjoint)
        {
            (m00, m01, m10, m11) = (Complex.Conjugate(m00), Complex.Conjugate(m01), Complex.Conjugate(m10), Complex.Conjugate(m11));
        }

        for (int p = 0; p < dimension; p++)
        {
            if ((p & bit) != 0)
            {
                continue;
            }

            Load(s, p, out Vector<double> ar, out Vector<double> ai);
            Load(s, p | bit, out Vector<double> br, out Vector<double> bi);
            Store(s, p, Real(m00, ar, ai) + Real(m01, br, bi), Imaginary(m00, ar, ai) + Imaginary(m01, br, bi));
            Store(s, p | bit, Real(m10, ar, ai) + Real(m11, br, bi), Imaginary(m10, ar, ai) + Imaginary(m11, br, bi));
        }
    }

    /// <summary>A 4×4 matrix, or its adjoint.</summary>
    public static void Matrix2(double* s, int dimension, int low, int high, ReadOnlySpan<Complex> m, bool adjoint)
    {
        Vector<double>* re = stackalloc Vector<double>[4];
        Vector<double>* im = stackalloc Vector<double>[4];
        int* at = stackalloc int[4];
        for (int p = 0; p < dimension; p++)
        {
            if ((p & (low | high)) != 0)
            {
                continue;
            }

            (at[0], at[1], at[2], at[3]) = (p, p | low, p | high, p | low | high);
            for (int j = 0; j < 4; j++)
            {
                Load(s, at[j], out re[j], out im[j]);
            }

            for (int i = 0; i < 4; i++)
            {
                Vector<double> r = Vector<double>.Zero, c = r;
                for (int j = 0; j < 4; j++)
                {
                    Complex e = adjoint ? Complex.Conjugate(m[(4 * j) + i]) : m[(4 * i) + j];
                    r += Real(e, re[j], im[j]);
                    c += Imaginary(e, re[j], im[j]);
                }

                Store(s, at[i], r, c);
            }
        }
    }

    /// <summary>The real or imaginary part of ⟨u|P|s⟩ on the subspace where all control bits are 1.</summary>
    public static Vector<double> Inner(double* u, double* s, int dimension, int x, int z, int controls, bool imaginary)
    {
        int quarter = BitOperations.PopCount((uint)(x & z)) & 3;
        Vector<double> re = Vector<double>.Zero, im = re;
        for (int p = 0; p < dimension; p++)
        {
            if ((p & controls) != controls)
            {
                continue;
            }

            // conj(u_p) f_q s_q with q = p^x
            int q = p ^ x;
            Load(u, p, out Vector<double> ar, out Vector<double> ai);
            Load(s, q, out Vector<double> br, out Vector<double> bi);
            Vector<double> r = (ar * br) + (ai * bi), i = (ar * bi) - (ai * br);
            bool minus = Parity(q & z);
            re += minus ? -r : r;
            im += minus ? -i : i;
        }

        return (quarter, imaginary) switch
        {
            (0, false) or (1, true) => re,
            (0, true) => im,
            (1, false) => -im,
            (2, false) or (3, true) => -re,
            (2, true) => -im,
            _ => im,
        };
    }

    /// <summary>u += c · P s.</summary>
    public static void AddPauli(double* s, double* u, int dimension, int x, int z, Vector<double> c)
    {
        int quarter = BitOperations.PopCount((uint)(x & z)) & 3;
        for (int p = 0; p < dimension; p++)
        {
            int q = p ^ x;
            Load(s, q, out Vector<double> br, out Vector<double> bi);
            Load(u, p, out Vector<double> ar, out Vector<double> ai);
            Vector<double> f = Parity(q & z) ? -c : c;
            (Vector<double> r, Vector<double> i) = quarter switch
            {
                0 => (br, bi),
                1 => (-bi, br),
                2 => (-br, -bi),
                _ => (bi, -br),
            };
            Store(u, p, ar + (f * r), ai + (f * i));
        }
    }

    [MethodImpl(Inline)]
    private static bool Parity(int bits) => (BitOperations.PopCount((uint)bits) & 1) != 0;

    [MethodImpl(Inline)]
    private static void Load(double* s, int p, out Vector<double> re, out Vector<double> im)
    {
        double* at = s + ((nint)2 * p * W);
        re = Vector.Load(at);
        im = Vector.Load(at + W);
    }

    [MethodImpl(Inline)]
    private static void Store(double* s, int p, Vector<double> re, Vector<double> im)
    {
        double* at = s + ((nint)2 * p * W);
        Vector.Store(re, at);
        Vector.Store(im, at + W);
    }

    [MethodImpl(Inline)]
    private static void Multiply(double* s, int p, Vector<double> re, Vector<double> im)
    {
        Load(s, p, out Vector<double> r, out Vector<double> i);
        Store(s, p, (re * r) - (im * i), (re * i) + (im * r));
    }

    [MethodImpl(Inline)]
    private static void Exchange(double* s, int p, int q)
    {
        Load(s, p, out Vector<double> ar, out Vector<double> ai);
        Load(s, q, out Vector<double> br, out Vector<double> bi);
        Store(s, p, br, bi);
        Store(s, q, ar, ai);
    }

    [MethodImpl(Inline)]
    private static Vector<double> Real(Complex m, Vector<double> re, Vector<double> im) => (m.Real * re) - (m.Imaginary * im);

    [MethodImpl(Inline)]
    private static Vector<double> Imaginary(Complex m, Vector<double> re, Vector<double> im) => (m.Real * im) + (m.Imaginary * re);
}
