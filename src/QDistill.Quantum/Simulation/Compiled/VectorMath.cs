using System.Runtime.CompilerServices;
using static QDistill.Quantum.Simulation.Compiled.LaneInlining;

namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>Sine and cosine, and the Walsh–Hadamard transform, in any lanes.</summary>
internal static unsafe class VectorMath<V, O>
    where V : unmanaged
    where O : struct, ILanes<V>
{
    /// <summary>
    /// Sine and cosine for |x| up to about 1e5: reduction by multiples of π/2 in two parts, then the polynomials of fdlibm's kernels
    /// (Ng, 1993; below 1 ulp on [−π/4, π/4]). .NET's own vector SinCos costs several times more.
    /// </summary>
    [MethodImpl(Inline)]
    public static void SinCos(V x, out V sin, out V cos)
    {
        V k = O.Round(O.Multiply(x, O.Broadcast(2 / Math.PI)));
        V r = O.Fnma(k, O.Broadcast(O.HalfPiHigh), x);
        r = O.Fnma(k, O.Broadcast(O.HalfPiLow), r);
        V z = O.Multiply(r, r);
        V s = O.Fma(O.Broadcast(1.58969099521155010221e-10), z, O.Broadcast(-2.50507602534068634195e-08));
        s = O.Fma(s, z, O.Broadcast(2.75573137070700676789e-06));
        s = O.Fma(s, z, O.Broadcast(-1.98412698298579493134e-04));
        s = O.Fma(s, z, O.Broadcast(8.33333333332248946124e-03));
        s = O.Fma(s, z, O.Broadcast(-1.66666666666666324348e-01));
        s = O.Fma(O.Multiply(s, z), r, r);
        V c = O.Fma(O.Broadcast(-1.13596475577881948265e-11), z, O.Broadcast(2.08757232129817482790e-09));
        c = O.Fma(c, z, O.Broadcast(-2.75573143513906633035e-07));
        c = O.Fma(c, z, O.Broadcast(2.48015872894767294178e-05));
        c = O.Fma(c, z, O.Broadcast(-1.38888888888741095749e-03));
        c = O.Fma(c, z, O.Broadcast(4.16666666666666019037e-02));
        c = O.Fma(O.Multiply(c, z), z, O.Fma(O.Broadcast(-0.5), z, O.Broadcast(1)));

        // k mod 4 as −2 … 2: odd quadrants exchange sine and cosine; the signs follow.
        V q = O.Fnma(O.Broadcast(4), O.Round(O.Multiply(k, O.Broadcast(0.25))), k);
        V one = O.Broadcast(1), minus = O.Broadcast(-1);
        V odd = O.EqualTo(O.Abs(q), one);
        V half = O.EqualTo(O.Abs(q), O.Broadcast(2));
        V sinSign = O.Select(half, minus, O.Select(odd, q, one));
        V cosSign = O.Select(half, minus, O.Select(odd, O.Subtract(O.Zero, q), one));
        sin = O.Multiply(sinSign, O.Select(odd, c, s));
        cos = O.Multiply(cosSign, O.Select(odd, s, c));
    }

    /// <summary>
    /// f[p] ← Σ_r f[r] (−1)^(r·p) in place, for 2^n vectors side by side that are not mixed with each other (lanes = samples).
    /// </summary>
    public static void WalshAcross(byte* f, int n) => Butterflies(f, (nint)sizeof(V) << n, sizeof(V));

    /// <summary>The same for 2^n single numbers, 2^n being at least one vector (lanes = low bits of the index).</summary>
    public static void WalshWithin(byte* f, int n)
    {
        nint end = (nint)sizeof(V) << (n - O.Bits);
        V i0 = O.XorIndex(1), i1 = O.XorIndex(2), i2 = O.XorIndex(4), i3 = O.XorIndex(8);
        V s0 = LaneSigns(0), s1 = LaneSigns(1), s2 = LaneSigns(2), s3 = LaneSigns(3);
        for (nint e = 0; e < end && O.Bits > 0; e += sizeof(V))
        {
            V v = O.Load(f + e);
            v = O.Fma(v, s0, O.Permute(v, i0));
            v = O.Bits > 1 ? O.Fma(v, s1, O.Permute(v, i1)) : v;
            v = O.Bits > 2 ? O.Fma(v, s2, O.Permute(v, i2)) : v;
            v = O.Bits > 3 ? O.Fma(v, s3, O.Permute(v, i3)) : v;
            O.Store(v, f + e);
        }

        Butterflies(f, end, sizeof(V));
    }

    /// <summary>(−1)^(bit of the lane's number).</summary>
    private static V LaneSigns(int bit)
    {
        double* sign = stackalloc double[1 << O.Bits];
        for (int i = 0; i < 1 << O.Bits; i++)
        {
            sign[i] = (i >> bit & 1) == 0 ? 1 : -1;
        }

        return O.FromDoubles(sign);
    }

    private static void Butterflies(byte* f, nint end, nint step)
    {
        nint h = step;
        for (; 4 * h <= end; h *= 4)
        {
            for (nint b = 0; b < end; b += 4 * h)
            {
                for (nint e = b; e < b + h; e += step)
                {
                    V v0 = O.Load(f + e), v1 = O.Load(f + e + h), v2 = O.Load(f + e + (2 * h)), v3 = O.Load(f + e + (3 * h));
                    V a = O.Add(v0, v1), s = O.Subtract(v0, v1), c = O.Add(v2, v3), d = O.Subtract(v2, v3);
                    O.Store(O.Add(a, c), f + e);
                    O.Store(O.Add(s, d), f + e + h);
                    O.Store(O.Subtract(a, c), f + e + (2 * h));
                    O.Store(O.Subtract(s, d), f + e + (3 * h));
                }
            }
        }

        for (; h < end; h *= 2)
        {
            for (nint b = 0; b < end; b += 2 * h)
            {
                for (nint e = b; e < b + h; e += step)
                {
                    V v0 = O.Load(f + e), v1 = O.Load(f + e + h);
                    O.Store(O.Add(v0, v1), f + e);
                    O.Store(O.Subtract(v0, v1), f + e + h);
                }
            }
        }
    }
}
