using System.Numerics;

namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>Pauli strings with X or Y: expectation values and their adjoint. One sweep each.</summary>
internal static unsafe class MixedKernels<V, O>
    where V : unmanaged
    where O : struct, ILanes<V>
{
    private static int Block => 2 * sizeof(V);

    /// <summary>Re⟨ψ| i^k X^mask Z^row |ψ⟩, lanes not added up.</summary>
    /// <param name="s">The state.</param>
    /// <param name="end">Its size in bytes.</param>
    /// <param name="laneBits">log2 of the basis states in a vector.</param>
    /// <param name="term">The string.</param>
    public static V Expectation(byte* s, nint end, int laneBits, in ObservableTerms.Term term)
    {
        int inLane = (1 << laneBits) - 1;
        nint h = (nint)(term.Mask >> laneBits) * Block;
        V index = O.XorIndex(term.Mask & inLane), signs = LaneSigns(term.Row & inLane, laneBits), acc = O.Zero;
        bool imaginary = (term.Quarter & 1) != 0;
        for (nint e = 0, block = 0; e < end; e += Block, block++)
        {
            // Σ conj(ψ_p) (−1)^(row·q) ψ_q with q = p ^ mask; the sum is real for even k, imaginary for odd k.
            Source(s, e ^ h, index, signs, out V r, out V i);
            V ar = O.Load(s + e), ai = O.Load(s + e + sizeof(V));
            V v = imaginary ? O.Fnma(ai, r, O.Multiply(ar, i)) : O.Fma(ar, r, O.Multiply(ai, i));
            acc = Plan.Odd((int)(block ^ (term.Mask >> laneBits)) & (term.Row >> laneBits)) ? O.Subtract(acc, v) : O.Add(acc, v);
        }

        // i^1 (i b) = −b, i^2 a = −a, i^3 (i b) = b.
        return term.Quarter is 1 or 2 ? O.Subtract(O.Zero, acc) : acc;
    }

    /// <summary>u += c · i^k X^mask Z^row ψ.</summary>
    public static void Accumulate(byte* s, byte* u, nint end, int laneBits, in ObservableTerms.Term term, V c)
    {
        int inLane = (1 << laneBits) - 1;
        nint h = (nint)(term.Mask >> laneBits) * Block;
        V index = O.XorIndex(term.Mask & inLane), signs = LaneSigns(term.Row & inLane, laneBits);
        V minus = O.Subtract(O.Zero, c);
        for (nint e = 0, block = 0; e < end; e += Block, block++)
        {
            Source(s, e ^ h, index, signs, out V r, out V i);
            bool odd = Plan.Odd((int)(block ^ (term.Mask >> laneBits)) & (term.Row >> laneBits));
            V f = odd ? minus : c, g = odd ? c : minus;
            (V re, V im, V fr, V fi) = term.Quarter switch
            {
                0 => (r, i, f, f),
                1 => (i, r, g, f),
                2 => (r, i, g, g),
                _ => (i, r, f, g),
            };
            O.Store(O.Fma(fr, re, O.Load(u + e)), u + e);
            O.Store(O.Fma(fi, im, O.Load(u + e + sizeof(V))), u + e + sizeof(V));
        }
    }

    private static void Source(byte* s, nint e, V index, V signs, out V r, out V i)
    {
        r = O.Permute(O.Multiply(O.Load(s + e), signs), index);
        i = O.Permute(O.Multiply(O.Load(s + e + sizeof(V)), signs), index);
    }

    private static V LaneSigns(int row, int laneBits)
    {
        double* sign = stackalloc double[1 << O.Bits];
        for (int i = 0; i < 1 << O.Bits; i++)
        {
            sign[i] = laneBits > 0 && (BitOperations.PopCount((uint)(i & row)) & 1) != 0 ? -1 : 1;
        }

        return O.FromDoubles(sign);
    }
}
