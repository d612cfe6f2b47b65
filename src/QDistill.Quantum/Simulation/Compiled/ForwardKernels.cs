using System.Runtime.CompilerServices;
using static QDistill.Quantum.Simulation.Compiled.LaneInlining;

namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>
/// The passes over a state. A state is a row of blocks, each one vector of real parts and one of imaginary parts. A pass loads the 2^k blocks
/// of one coset into registers, multiplies the merged diagonal on the way if there is one, does k rotations, and stores, in place or into another state (so that a tape
/// of states costs no copying). Offsets are XORed, so any mask costs the same as a stride.
/// Vectors are named locals because the JIT keeps only scalars' promoted fields and locals in registers, never arrays.
/// </summary>
internal abstract unsafe partial class ForwardKernels<V, O, M> : BlockKernels<V, O, M>
    where V : unmanaged
    where O : struct, ILanes<V>
    where M : struct, IKernelMode
{
    /// <summary>RX without its cosine: (v0, v1) → (v0 − i t v1, v1 − i t v0), one multiply-add per component.</summary>
    [MethodImpl(Inline)]
    private static void Turn(ref V r0, ref V i0, ref V r1, ref V i1, V t)
    {
        V a = O.Fma(t, i1, r0), b = O.Fnma(t, r1, i0), c = O.Fma(t, i0, r1), d = O.Fnma(t, r0, i1);
        (r0, i0, r1, i1) = (a, b, c, d);
    }

    /// <summary>RX with cosine and sine.</summary>
    [MethodImpl(Inline)]
    private static void Turn(ref V r0, ref V i0, ref V r1, ref V i1, V c, V s)
    {
        V a = O.Fma(s, i1, O.Multiply(c, r0)), b = O.Fnma(s, r1, O.Multiply(c, i0));
        V d = O.Fma(s, i0, O.Multiply(c, r1)), e = O.Fnma(s, r0, O.Multiply(c, i1));
        (r0, i0, r1, i1) = (a, b, d, e);
    }

    [MethodImpl(Inline)]
    private static void Load(byte* s, nint e, byte* diagonal, V lane, out V r, out V i)
    {
        Load(s, e, diagonal, out r, out i);
        Move(lane, ref r, ref i);
    }

    [MethodImpl(Inline)]
    private static void Load(byte* s, nint e, byte* diagonal, out V r, out V i)
    {
        if (!M.Multiplies)
        {
            r = O.Load(s + e);
            i = O.Load(s + e + sizeof(V));
            return;
        }

        LoadDiagonal(diagonal, e, out V dr, out V di);
        Load(s, e, dr, di, out r, out i);
    }

    [MethodImpl(Inline)]
    private static void Store(byte* s, nint e, byte* diagonal, V lane, V r, V i)
    {
        Move(lane, ref r, ref i);
        Store(s, e, diagonal, r, i);
    }

    /// <summary>Stores the values times the conjugate of a diagonal, if there is one.</summary>
    [MethodImpl(Inline)]
    private static void Store(byte* s, nint e, byte* diagonal, V r, V i)
    {
        if (M.Undoes)
        {
            LoadDiagonal(diagonal, e, out V dr, out V di);
            TakeOff(ref r, ref i, dr, di);
        }

        Store(s, e, r, i);
    }

    /// <summary>Into the new layout.</summary>
    [MethodImpl(Inline)]
    private static void Enter(LaneLayout<V, O>* layout, nint at, ref V r, ref V i)
    {
        if (M.Enters)
        {
            Move(layout->Permutation(at), ref r, ref i);
        }
    }

    /// <summary>Back into the old layout.</summary>
    [MethodImpl(Inline)]
    private static void Leave(LaneLayout<V, O>* layout, nint at, ref V r, ref V i)
    {
        if (M.Leaves)
        {
            Move(layout->Permutation(at), ref r, ref i);
        }
    }

    /// <summary>How a block is loaded: into the lanes of the coset's first block, from the old layout where the pass changes it.</summary>
    [MethodImpl(Inline)]
    private static V In(LaneLayout<V, O>* layout, nint at, V lane) => M.Enters ? layout->Permutation(at) : lane;

    /// <summary>One to three rotations given by their tangents.</summary>
    public static void Shared(byte* s, byte* to, nint end, PassGroup g, double[] tangents, byte* diagonal, LaneLayout<V, O>* layout, byte* before = null)
    {
        switch (g.Rotations.Length)
        {
            case 1:
                Shared1(s, to, end, g, tangents, diagonal, layout);
                break;
            case 2 when M.FactoredDiagonal:
                Factored2(s, to, end, g, tangents, diagonal, layout, before);
                break;
            case 2:
                Shared2(s, to, end, g, tangents, diagonal, layout);
                break;
            case 3 when !M.Multiplies && !M.Undoes && !M.Enters && !M.Leaves:
                Halves3(s, to, end, g, tangents);
                break;
            default:
                Shared3(s, to, end, g, tangents, diagonal, layout);
                break;
        }
    }

    private static void Shared1(byte* s, byte* to, nint end, PassGroup g, double[] tangents, byte* diagonal, LaneLayout<V, O>* layout)
    {
        nint h = (nint)g.BlockMasks[0] * Block, pivots = (nint)g.Pivots * Block;
        V l = O.XorIndex(g.LaneMasks[0]);
        V t = O.Broadcast(tangents[g.Rotations[0]]);
        nint c1 = Coset(layout, h, g.LaneMasks[0]);
        for (nint e = 0; e < end; e = ((e | pivots) + Block) & ~pivots)
        {
            nint at = Change(layout, e);
            Load(s, e, diagonal, out V r0, out V i0);
            Enter(layout, at, ref r0, ref i0);
            Load(s, e ^ h, diagonal, In(layout, at ^ c1, l), out V r1, out V i1);
            Turn(ref r0, ref i0, ref r1, ref i1, t);
            Leave(layout, at, ref r0, ref i0);
            Store(to, e, diagonal, r0, i0);
            Store(to, e ^ h, diagonal, Out(layout, at ^ c1, l), r1, i1);
        }
    }

    private static void Shared2(byte* s, byte* to, nint end, PassGroup g, double[] tangents, byte* diagonal, LaneLayout<V, O>* layout)
    {
        nint h1 = (nint)g.BlockMasks[0] * Block, h2 = (nint)g.BlockMasks[1] * Block, h3 = h1 ^ h2, pivots = (nint)g.Pivots * Block;
        V t1 = O.Broadcast(tangents[g.Rotations[0]]), t2 = O.Broadcast(tangents[g.Rotations[1]]);
        int m1 = g.LaneMasks[0], m2 = g.LaneMasks[1];
        nint c1 = Coset(layout, h1, m1), c2 = Coset(layout, h2, m2), c3 = c1 ^ c2;
        V l1 = O.XorIndex(m1), l2 = O.XorIndex(m2), l3 = O.XorIndex(m1 ^ m2);
        for (nint e = 0; e < end; e = ((e | pivots) + Block) & ~pivots)
        {
            nint at = Change(layout, e);
            Load(s, e, diagonal, out V r0, out V i0);
            Enter(layout, at, ref r0, ref i0);
            Load(s, e ^ h1, diagonal, In(layout, at ^ c1, l1), out V r1, out V i1);
            Load(s, e ^ h2, diagonal, In(layout, at ^ c2, l2), out V r2, out V i2);
            Load(s, e ^ h3, diagonal, In(layout, at ^ c3, l3), out V r3, out V i3);
            Turn(ref r0, ref i0, ref r1, ref i1, t1);
            Turn(ref r2, ref i2, ref r3, ref i3, t1);
            Turn(ref r0, ref i0, ref r2, ref i2, t2);
            Turn(ref r1, ref i1, ref r3, ref i3, t2);
            Leave(layout, at, ref r0, ref i0);
            Store(to, e, diagonal, r0, i0);
            Store(to, e ^ h1, diagonal, Out(layout, at ^ c1, l1), r1, i1);
            Store(to, e ^ h2, diagonal, Out(layout, at ^ c2, l2), r2, i2);
            Store(to, e ^ h3, diagonal, Out(layout, at ^ c3, l3), r3, i3);
        }
    }

    private static void Shared3(byte* s, byte* to, nint end, PassGroup g, double[] tangents, byte* diagonal, LaneLayout<V, O>* layout)
    {
        nint h1 = (nint)g.BlockMasks[0] * Block, h2 = (nint)g.BlockMasks[1] * Block, h4 = (nint)g.BlockMasks[2] * Block;
        nint h3 = h1 ^ h2, h5 = h1 ^ h4, h6 = h2 ^ h4, h7 = h3 ^ h4, pivots = (nint)g.Pivots * Block;
        int m1 = g.LaneMasks[0], m2 = g.LaneMasks[1], m4 = g.LaneMasks[2];
        V l1 = O.XorIndex(m1), l2 = O.XorIndex(m2), l3 = O.XorIndex(m1 ^ m2), l4 = O.XorIndex(m4), l5 = O.XorIndex(m1 ^ m4), l6 = O.XorIndex(m2 ^ m4), l7 = O.XorIndex(m1 ^ m2 ^ m4);
        V t1 = O.Broadcast(tangents[g.Rotations[0]]), t2 = O.Broadcast(tangents[g.Rotations[1]]), t4 = O.Broadcast(tangents[g.Rotations[2]]);
        nint c1 = Coset(layout, h1, m1), c2 = Coset(layout, h2, m2), c4 = Coset(layout, h4, m4), c3 = c1 ^ c2, c5 = c1 ^ c4, c6 = c2 ^ c4, c7 = c3 ^ c4;
        for (nint e = 0; e < end; e = ((e | pivots) + Block) & ~pivots)
        {
            nint at = Change(layout, e);
            Load(s, e, diagonal, out V r0, out V i0);
            Enter(layout, at, ref r0, ref i0);
            Load(s, e ^ h1, diagonal, In(layout, at ^ c1, l1), out V r1, out V i1);
            Load(s, e ^ h2, diagonal, In(layout, at ^ c2, l2), out V r2, out V i2);
            Load(s, e ^ h3, diagonal, In(layout, at ^ c3, l3), out V r3, out V i3);
            Load(s, e ^ h4, diagonal, In(layout, at ^ c4, l4), out V r4, out V i4);
            Load(s, e ^ h5, diagonal, In(layout, at ^ c5, l5), out V r5, out V i5);
            Load(s, e ^ h6, diagonal, In(layout, at ^ c6, l6), out V r6, out V i6);
            Load(s, e ^ h7, diagonal, In(layout, at ^ c7, l7), out V r7, out V i7);
            Turn(ref r0, ref i0, ref r1, ref i1, t1);
            Turn(ref r2, ref i2, ref r3, ref i3, t1);
            Turn(ref r4, ref i4, ref r5, ref i5, t1);
            Turn(ref r6, ref i6, ref r7, ref i7, t1);
            Turn(ref r0, ref i0, ref r2, ref i2, t2);
            Turn(ref r1, ref i1, ref r3, ref i3, t2);
            Turn(ref r4, ref i4, ref r6, ref i6, t2);
            Turn(ref r5, ref i5, ref r7, ref i7, t2);
            Turn(ref r0, ref i0, ref r4, ref i4, t4);
            Turn(ref r1, ref i1, ref r5, ref i5, t4);
            Turn(ref r2, ref i2, ref r6, ref i6, t4);
            Turn(ref r3, ref i3, ref r7, ref i7, t4);
            Leave(layout, at, ref r0, ref i0);
            Store(to, e, diagonal, r0, i0);
            Store(to, e ^ h1, diagonal, Out(layout, at ^ c1, l1), r1, i1);
            Store(to, e ^ h2, diagonal, Out(layout, at ^ c2, l2), r2, i2);
            Store(to, e ^ h3, diagonal, Out(layout, at ^ c3, l3), r3, i3);
            Store(to, e ^ h4, diagonal, Out(layout, at ^ c4, l4), r4, i4);
            Store(to, e ^ h5, diagonal, Out(layout, at ^ c5, l5), r5, i5);
            Store(to, e ^ h6, diagonal, Out(layout, at ^ c6, l6), r6, i6);
            Store(to, e ^ h7, diagonal, Out(layout, at ^ c7, l7), r7, i7);
        }
    }

    /// <summary>One or two rotations given by cosine and sine vectors [rotation][2].</summary>
    public static void Own(byte* s, byte* to, nint end, PassGroup g, byte* cosSin, byte* diagonal)
    {
        nint h1 = (nint)g.BlockMasks[0] * Block, pivots = (nint)g.Pivots * Block;
        V l1 = O.XorIndex(g.LaneMasks[0]);
        byte* at = cosSin + ((nint)g.Rotations[0] * Block);
        V c1 = O.Load(at), s1 = O.Load(at + sizeof(V));
        if (g.Rotations.Length == 1)
        {
            for (nint e = 0; e < end; e = ((e | pivots) + Block) & ~pivots)
            {
                Load(s, e, diagonal, out V r0, out V i0);
                Load(s, e ^ h1, diagonal, l1, out V r1, out V i1);
                Turn(ref r0, ref i0, ref r1, ref i1, c1, s1);
                Store(to, e, r0, i0);
                Store(to, e ^ h1, l1, r1, i1);
            }

            return;
        }

        nint h2 = (nint)g.BlockMasks[1] * Block, h3 = h1 ^ h2;
        V l2 = O.XorIndex(g.LaneMasks[1]), l3 = O.XorIndex(g.LaneMasks[0] ^ g.LaneMasks[1]);
        at = cosSin + ((nint)g.Rotations[1] * Block);
        V c2 = O.Load(at), s2 = O.Load(at + sizeof(V));
        for (nint e = 0; e < end; e = ((e | pivots) + Block) & ~pivots)
        {
            Load(s, e, diagonal, out V r0, out V i0);
            Load(s, e ^ h1, diagonal, l1, out V r1, out V i1);
            Load(s, e ^ h2, diagonal, l2, out V r2, out V i2);
            Load(s, e ^ h3, diagonal, l3, out V r3, out V i3);
            Turn(ref r0, ref i0, ref r1, ref i1, c1, s1);
            Turn(ref r2, ref i2, ref r3, ref i3, c1, s1);
            Turn(ref r0, ref i0, ref r2, ref i2, c2, s2);
            Turn(ref r1, ref i1, ref r3, ref i3, c2, s2);
            Store(to, e, r0, i0);
            Store(to, e ^ h1, l1, r1, i1);
            Store(to, e ^ h2, l2, r2, i2);
            Store(to, e ^ h3, l3, r3, i3);
        }
    }

    /// <summary>All rotations whose masks stay inside a vector, in one sweep; cosines and sines are [rotation][2].</summary>
    public static void WithinVector(byte* s, byte* to, nint end, PlanStep step, double[] tangents, byte* cosSin, byte* diagonal)
    {
        if (step.LaneOnlyBits is not { } rotations)
        {
            WithinVectorByMany(s, to, end, step, tangents, cosSin, diagonal);
            return;
        }

        // What is not there costs a branch that is always predicted.
        V t0 = Tangent(rotations[0], tangents), t1 = Tangent(rotations[1], tangents), t2 = Tangent(rotations[2], tangents), t3 = Tangent(rotations[3], tangents);
        bool is0 = rotations[0] >= 0, is1 = rotations[1] >= 0, is2 = rotations[2] >= 0, is3 = rotations[3] >= 0;
        for (nint e = 0; e < end; e += Block)
        {
            Load(s, e, diagonal, out V r, out V i);
            if (is0)
            {
                TurnLanes(ref r, ref i, O.Swap(r, 0), O.Swap(i, 0), t0);
            }

            if (is1)
            {
                TurnLanes(ref r, ref i, O.Swap(r, 1), O.Swap(i, 1), t1);
            }

            if (is2)
            {
                TurnLanes(ref r, ref i, O.Swap(r, 2), O.Swap(i, 2), t2);
            }

            if (is3)
            {
                TurnLanes(ref r, ref i, O.Swap(r, 3), O.Swap(i, 3), t3);
            }

            Store(to, e, r, i);
        }
    }

    private static V Tangent(int rotation, double[] tangents) => rotation < 0 ? O.Zero : O.Broadcast(tangents[rotation]);

    /// <summary>RX inside a vector without its cosine; x and y are the parts of the values one mask away.</summary>
    [MethodImpl(Inline)]
    private static void TurnLanes(ref V r, ref V i, V x, V y, V t)
    {
        r = O.Fma(t, y, r);
        i = O.Fnma(t, x, i);
    }

    private static void WithinVectorByMany(byte* s, byte* to, nint end, PlanStep step, double[] tangents, byte* cosSin, byte* diagonal)
    {
        int[] rotations = step.LaneOnly, masks = step.LaneOnlyMasks;
        bool[] own = step.LaneOnlyOwn;
        for (nint e = 0; e < end; e += Block)
        {
            Load(s, e, diagonal, out V r, out V i);
            for (int j = 0; j < rotations.Length; j++)
            {
                int k = rotations[j];
                V index = O.XorIndex(masks[j]), pr = O.Permute(r, index), pi = O.Permute(i, index);
                if (own[j])
                {
                    V c = O.Load(cosSin + ((nint)k * Block)), n = O.Load(cosSin + ((nint)k * Block) + sizeof(V));
                    (r, i) = (O.Fma(n, pi, O.Multiply(c, r)), O.Fnma(n, pr, O.Multiply(c, i)));
                }
                else
                {
                    TurnLanes(ref r, ref i, pr, pi, O.Broadcast(tangents[k]));
                }
            }

            Store(to, e, r, i);
        }
    }

    /// <summary>A state times the conjugate of a diagonal, in place.</summary>
    public static void UndoDiagonal(byte* s, nint end, byte* diagonal)
    {
        for (nint e = 0; e < end; e += Block)
        {
            Store(s, e, diagonal, O.Load(s + e), O.Load(s + e + sizeof(V)));
        }
    }

    /// <summary>A diagonal with no rotation after it.</summary>
    public static void Diagonal(byte* s, byte* to, nint end, byte* diagonal)
    {
        for (nint e = 0; e < end; e += Block)
        {
            Load(s, e, diagonal, out V r, out V i);
            O.Store(r, to + e);
            O.Store(i, to + e + sizeof(V));
        }
    }
}
