using System.Runtime.CompilerServices;
using static QDistill.Quantum.Simulation.Compiled.LaneInlining;

namespace QDistill.Quantum.Simulation.Compiled;

/// <content>Three rotations in one pass of few registers.</content>
internal abstract unsafe partial class ForwardKernels<V, O, M>
    where V : unmanaged
    where O : struct, ILanes<V>
    where M : struct, IKernelMode
{
    /// <summary>
    /// Three rotations with no diagonal before them. RX couples the real parts of blocks an even number of masks away with the imaginary parts of those an odd number away, and the other way round, but
    /// never the two sets: each set of a coset of eight is eight vectors, which 16 registers hold.
    /// </summary>
    private static void Halves3(byte* s, byte* to, nint end, PassGroup g, double[] tangents)
    {
        nint h1 = (nint)g.BlockMasks[0] * Block, h2 = (nint)g.BlockMasks[1] * Block, h4 = (nint)g.BlockMasks[2] * Block;
        nint h3 = h1 ^ h2, h5 = h1 ^ h4, h6 = h2 ^ h4, h7 = h3 ^ h4, pivots = (nint)g.Pivots * Block;
        int m1 = g.LaneMasks[0], m2 = g.LaneMasks[1], m4 = g.LaneMasks[2];
        V l1 = O.XorIndex(m1), l2 = O.XorIndex(m2), l3 = O.XorIndex(m1 ^ m2), l4 = O.XorIndex(m4), l5 = O.XorIndex(m1 ^ m4), l6 = O.XorIndex(m2 ^ m4), l7 = O.XorIndex(m1 ^ m2 ^ m4);
        V t1 = O.Broadcast(tangents[g.Rotations[0]]), t2 = O.Broadcast(tangents[g.Rotations[1]]), t4 = O.Broadcast(tangents[g.Rotations[2]]);
        for (nint e = 0; e < end; e = ((e | pivots) + Block) & ~pivots)
        {
            V x0 = LoadPart(s, e);
            V x1 = LoadPart(s, (e ^ h1) + sizeof(V), l1);
            V x2 = LoadPart(s, (e ^ h2) + sizeof(V), l2);
            V x3 = LoadPart(s, e ^ h3, l3);
            V x4 = LoadPart(s, (e ^ h4) + sizeof(V), l4);
            V x5 = LoadPart(s, e ^ h5, l5);
            V x6 = LoadPart(s, e ^ h6, l6);
            V x7 = LoadPart(s, (e ^ h7) + sizeof(V), l7);
            Plus(ref x0, ref x1, t1);
            Plus(ref x3, ref x2, t1);
            Plus(ref x5, ref x4, t1);
            Plus(ref x6, ref x7, t1);
            Plus(ref x0, ref x2, t2);
            Plus(ref x3, ref x1, t2);
            Plus(ref x6, ref x4, t2);
            Plus(ref x5, ref x7, t2);
            Plus(ref x0, ref x4, t4);
            Plus(ref x5, ref x1, t4);
            Plus(ref x6, ref x2, t4);
            Plus(ref x3, ref x7, t4);
            StorePart(to, e, x0);
            StorePart(to, (e ^ h1) + sizeof(V), l1, x1);
            StorePart(to, (e ^ h2) + sizeof(V), l2, x2);
            StorePart(to, e ^ h3, l3, x3);
            StorePart(to, (e ^ h4) + sizeof(V), l4, x4);
            StorePart(to, e ^ h5, l5, x5);
            StorePart(to, e ^ h6, l6, x6);
            StorePart(to, (e ^ h7) + sizeof(V), l7, x7);

            V y0 = LoadPart(s, e + sizeof(V));
            V y1 = LoadPart(s, e ^ h1, l1);
            V y2 = LoadPart(s, e ^ h2, l2);
            V y3 = LoadPart(s, (e ^ h3) + sizeof(V), l3);
            V y4 = LoadPart(s, e ^ h4, l4);
            V y5 = LoadPart(s, (e ^ h5) + sizeof(V), l5);
            V y6 = LoadPart(s, (e ^ h6) + sizeof(V), l6);
            V y7 = LoadPart(s, e ^ h7, l7);
            Minus(ref y0, ref y1, t1);
            Minus(ref y3, ref y2, t1);
            Minus(ref y5, ref y4, t1);
            Minus(ref y6, ref y7, t1);
            Minus(ref y0, ref y2, t2);
            Minus(ref y3, ref y1, t2);
            Minus(ref y6, ref y4, t2);
            Minus(ref y5, ref y7, t2);
            Minus(ref y0, ref y4, t4);
            Minus(ref y5, ref y1, t4);
            Minus(ref y6, ref y2, t4);
            Minus(ref y3, ref y7, t4);
            StorePart(to, e + sizeof(V), y0);
            StorePart(to, e ^ h1, l1, y1);
            StorePart(to, e ^ h2, l2, y2);
            StorePart(to, (e ^ h3) + sizeof(V), l3, y3);
            StorePart(to, e ^ h4, l4, y4);
            StorePart(to, (e ^ h5) + sizeof(V), l5, y5);
            StorePart(to, (e ^ h6) + sizeof(V), l6, y6);
            StorePart(to, e ^ h7, l7, y7);
        }
    }

    /// <summary>(a, b) → (a + t b, b − t a).</summary>
    [MethodImpl(Inline)]
    private static void Plus(ref V a, ref V b, V t) => (a, b) = (O.Fma(t, b, a), O.Fnma(t, a, b));

    /// <summary>(a, b) → (a − t b, b + t a).</summary>
    [MethodImpl(Inline)]
    private static void Minus(ref V a, ref V b, V t) => (a, b) = (O.Fnma(t, b, a), O.Fma(t, a, b));

    [MethodImpl(Inline)]
    private static void StorePart(byte* s, nint e, V v) => O.Store(v, s + e);

    [MethodImpl(Inline)]
    private static void StorePart(byte* s, nint e, V lane, V v) => O.Store(M.MovesLanes ? O.Permute(v, lane) : v, s + e);
}
