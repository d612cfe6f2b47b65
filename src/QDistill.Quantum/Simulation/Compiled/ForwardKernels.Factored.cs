using System.Runtime.CompilerServices;
using static QDistill.Quantum.Simulation.Compiled.LaneInlining;

namespace QDistill.Quantum.Simulation.Compiled;

/// <content>Two rotations in one pass with a diagonal that is made up on the way.</content>
internal abstract unsafe partial class ForwardKernels<V, O, M>
    where V : unmanaged
    where O : struct, ILanes<V>
    where M : struct, IKernelMode
{
    /// <summary>
    /// Two rotations after a diagonal, or, where the pass undoes, before the conjugate of one; then the inner products of what comes out, which is λ, with the state at <paramref name="before"/> are added to the diagonal's sums.
    /// </summary>
    private static void Factored2(byte* s, byte* to, nint end, PassGroup g, double[] tangents, byte* diagonal, LaneLayout<V, O>* layout, byte* before)
    {
        var lookup = (CosetLookup<V, O>*)diagonal;
        nint h1 = (nint)g.BlockMasks[0] * Block, h2 = (nint)g.BlockMasks[1] * Block, h3 = h1 ^ h2, pivots = (nint)g.Pivots * Block;
        V t1 = O.Broadcast(tangents[g.Rotations[0]]), t2 = O.Broadcast(tangents[g.Rotations[1]]);
        int m1 = g.LaneMasks[0], m2 = g.LaneMasks[1];
        nint c1 = Coset(layout, h1, m1), c2 = Coset(layout, h2, m2), c3 = c1 ^ c2;
        V l1 = O.XorIndex(m1), l2 = O.XorIndex(m2), l3 = O.XorIndex(m1 ^ m2);
        for (nint e = 0; e < end; e = ((e | pivots) + Block) & ~pivots)
        {
            nint at = Change(layout, e);
            V r0, i0, r1, i1, r2, i2, r3, i3;
            ulong number = lookup->Number(e);
            lookup->Load(number, out V ar, out V ai, out V br, out V bi, out V cr, out V ci, out V dr, out V di);
            if (M.Multiplies)
            {
                PhaseRows<V, O>.Both(ar, ai, cr, ci, out V xr, out V xi, out V yr, out V yi);
                Load(s, e, xr, xi, out r0, out i0);
                Load(s, e ^ h2, yr, yi, out r2, out i2);
                PhaseRows<V, O>.Both(br, bi, dr, di, out xr, out xi, out yr, out yi);
                Load(s, e ^ h1, xr, xi, out r1, out i1);
                Load(s, e ^ h3, yr, yi, out r3, out i3);
            }
            else
            {
                Load(s, e, null, out r0, out i0);
                Load(s, e ^ h1, null, out r1, out i1);
                Load(s, e ^ h2, null, out r2, out i2);
                Load(s, e ^ h3, null, out r3, out i3);
            }

            Enter(layout, at, ref r0, ref i0);
            Move(In(layout, at ^ c1, l1), ref r1, ref i1);
            Move(In(layout, at ^ c2, l2), ref r2, ref i2);
            Move(In(layout, at ^ c3, l3), ref r3, ref i3);
            Turn(ref r0, ref i0, ref r1, ref i1, t1);
            Turn(ref r2, ref i2, ref r3, ref i3, t1);
            Turn(ref r0, ref i0, ref r2, ref i2, t2);
            Turn(ref r1, ref i1, ref r3, ref i3, t2);
            Leave(layout, at, ref r0, ref i0);
            Move(Out(layout, at ^ c1, l1), ref r1, ref i1);
            Move(Out(layout, at ^ c2, l2), ref r2, ref i2);
            Move(Out(layout, at ^ c3, l3), ref r3, ref i3);
            if (M.Undoes)
            {
                PhaseRows<V, O>.Both(ar, ai, cr, ci, out V xr, out V xi, out V yr, out V yi);
                TakeOff(ref r0, ref i0, xr, xi);
                TakeOff(ref r2, ref i2, yr, yi);
                PhaseRows<V, O>.Both(br, bi, dr, di, out xr, out xi, out yr, out yi);
                TakeOff(ref r1, ref i1, xr, xi);
                TakeOff(ref r3, ref i3, yr, yi);
                lookup->AddSums(number, Dot(before, e, r0, i0), Dot(before, e ^ h1, r1, i1), Dot(before, e ^ h2, r2, i2), Dot(before, e ^ h3, r3, i3));
            }

            Store(to, e, r0, i0);
            Store(to, e ^ h1, r1, i1);
            Store(to, e ^ h2, r2, i2);
            Store(to, e ^ h3, r3, i3);
        }
    }

    /// <summary>Im(conj(λ) ψ), given λ and where ψ is.</summary>
    [MethodImpl(Inline)]
    private static V Dot(byte* s, nint e, V p, V q) => O.Fnma(q, O.Load(s + e), O.Multiply(p, O.Load(s + e + sizeof(V))));
}
