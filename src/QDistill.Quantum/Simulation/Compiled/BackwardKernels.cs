using System.Runtime.CompilerServices;
using static QDistill.Quantum.Simulation.Compiled.LaneInlining;

namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>
/// The passes of the adjoint method: ψ and λ walk back side by side. ∂L/∂θ of exp(−iθP/2) is Im⟨λ|P|ψ⟩. The rotations of an X step commute, so their inner
/// products are taken from the values that the pass which undoes them has in registers anyway; radix 4 keeps both states' cosets (16 vectors) beside the sums.
/// </summary>
internal abstract unsafe class BackwardKernels<V, O, M> : BlockKernels<V, O, M>
    where V : unmanaged
    where O : struct, ILanes<V>
    where M : struct, IKernelMode
{
    [MethodImpl(Inline)]
    private static void Undo(ref V r0, ref V i0, ref V r1, ref V i1, V t)
    {
        V a = O.Fnma(t, i1, r0), b = O.Fma(t, r1, i0), c = O.Fnma(t, i0, r1), d = O.Fma(t, r0, i1);
        (r0, i0, r1, i1) = (a, b, c, d);
    }

    [MethodImpl(Inline)]
    private static void Undo(ref V r0, ref V i0, ref V r1, ref V i1, V c, V s)
    {
        V a = O.Fnma(s, i1, O.Multiply(c, r0)), b = O.Fma(s, r1, O.Multiply(c, i0));
        V d = O.Fnma(s, i0, O.Multiply(c, r1)), e = O.Fma(s, r0, O.Multiply(c, i1));
        (r0, i0, r1, i1) = (a, b, d, e);
    }

    /// <summary>acc + Im(conj(λ) ψ).</summary>
    [MethodImpl(Inline)]
    private static V Dot(V acc, V lr, V li, V pr, V pi) => O.Fnma(li, pr, O.Fma(lr, pi, acc));

    [MethodImpl(Inline)]
    private static void Load(byte* s, nint e, out V r, out V i)
    {
        r = O.Load(s + e);
        i = O.Load(s + e + sizeof(V));
    }

    [MethodImpl(Inline)]
    private static void Load(byte* s, nint e, V lane, out V r, out V i)
    {
        Load(s, e, out r, out i);
        Move(lane, ref r, ref i);
    }

    /// <summary>
    /// Loads ψ and λ; a pending diagonal is undone on the way, after w[p] += Im(conj(λ_p) ψ_p).
    /// </summary>
    [MethodImpl(Inline)]
    private static void Load(byte* s, byte* u, nint e, byte* diagonal, byte* w, V lane, out V r, out V i, out V p, out V q)
    {
        Load(s, u, e, diagonal, w, out r, out i, out p, out q);
        Move(lane, ref r, ref i);
        Move(lane, ref p, ref q);
    }

    [MethodImpl(Inline)]
    private static void Load(byte* s, byte* u, nint e, byte* diagonal, byte* w, out V r, out V i, out V p, out V q)
    {
        r = O.Load(s + e);
        i = O.Load(s + e + sizeof(V));
        p = O.Load(u + e);
        q = O.Load(u + e + sizeof(V));
        if (diagonal != null)
        {
            byte* at = w + (e >> 1);
            O.Store(Dot(O.Load(at), p, q, r, i), at);
            LoadDiagonal(diagonal, e, out V dr, out V di);
            TakeOff(ref r, ref i, dr, di);
            TakeOff(ref p, ref q, dr, di);
        }
    }

    [MethodImpl(Inline)]
    private static void StoreFirst(byte* s, nint e, LaneLayout<V, O>* layout, nint at, V r, V i)
    {
        if (M.Leaves)
        {
            Move(layout->Permutation(at), ref r, ref i);
        }

        Store(s, e, r, i);
    }

    /// <summary>Inner products and undoing of one or two rotations given by tangents.</summary>
    public static void Shared(byte* s, byte* u, nint end, PassGroup g, double[] tangents, byte* diagonal, byte* w, V* sums, LaneLayout<V, O>* layout)
    {
        nint h1 = (nint)g.BlockMasks[0] * Block, pivots = (nint)g.Pivots * Block;
        V l1 = O.XorIndex(g.LaneMasks[0]);
        V t1 = O.Broadcast(tangents[g.Rotations[0]]);
        V a1 = O.Zero, b1 = a1, a2 = a1, b2 = a1;
        nint c1 = Coset(layout, h1, g.LaneMasks[0]);
        if (g.Rotations.Length == 1)
        {
            for (nint e = 0; e < end; e = ((e | pivots) + Block) & ~pivots)
            {
                Load(s, u, e, diagonal, w, out V r0, out V i0, out V p0, out V q0);
                Load(s, u, e ^ h1, diagonal, w, l1, out V r1, out V i1, out V p1, out V q1);
                a1 = Dot(a1, p0, q0, r1, i1);
                b1 = Dot(b1, p1, q1, r0, i0);
                Undo(ref r0, ref i0, ref r1, ref i1, t1);
                Undo(ref p0, ref q0, ref p1, ref q1, t1);
                nint at = Change(layout, e);
                StoreFirst(s, e, layout, at, r0, i0);
                Store(s, e ^ h1, Out(layout, at ^ c1, l1), r1, i1);
                StoreFirst(u, e, layout, at, p0, q0);
                Store(u, e ^ h1, Out(layout, at ^ c1, l1), p1, q1);
            }

            sums[0] = O.Add(a1, b1);
            return;
        }

        nint h2 = (nint)g.BlockMasks[1] * Block, h3 = h1 ^ h2;
        V l2 = O.XorIndex(g.LaneMasks[1]), l3 = O.XorIndex(g.LaneMasks[0] ^ g.LaneMasks[1]);
        V t2 = O.Broadcast(tangents[g.Rotations[1]]);
        nint c2 = Coset(layout, h2, g.LaneMasks[1]), c3 = c1 ^ c2;
        for (nint e = 0; e < end; e = ((e | pivots) + Block) & ~pivots)
        {
            Load(s, u, e, diagonal, w, out V r0, out V i0, out V p0, out V q0);
            Load(s, u, e ^ h1, diagonal, w, l1, out V r1, out V i1, out V p1, out V q1);
            Load(s, u, e ^ h2, diagonal, w, l2, out V r2, out V i2, out V p2, out V q2);
            Load(s, u, e ^ h3, diagonal, w, l3, out V r3, out V i3, out V p3, out V q3);
            a1 = Dot(a1, p0, q0, r1, i1);
            b1 = Dot(b1, p1, q1, r0, i0);
            a2 = Dot(a2, p0, q0, r2, i2);
            b2 = Dot(b2, p2, q2, r0, i0);
            a1 = Dot(a1, p2, q2, r3, i3);
            b1 = Dot(b1, p3, q3, r2, i2);
            a2 = Dot(a2, p1, q1, r3, i3);
            b2 = Dot(b2, p3, q3, r1, i1);
            Undo(ref r0, ref i0, ref r1, ref i1, t1);
            Undo(ref r2, ref i2, ref r3, ref i3, t1);
            Undo(ref r0, ref i0, ref r2, ref i2, t2);
            Undo(ref r1, ref i1, ref r3, ref i3, t2);
            Undo(ref p0, ref q0, ref p1, ref q1, t1);
            Undo(ref p2, ref q2, ref p3, ref q3, t1);
            Undo(ref p0, ref q0, ref p2, ref q2, t2);
            Undo(ref p1, ref q1, ref p3, ref q3, t2);
            nint at = Change(layout, e);
            StoreFirst(s, e, layout, at, r0, i0);
            Store(s, e ^ h1, Out(layout, at ^ c1, l1), r1, i1);
            Store(s, e ^ h2, Out(layout, at ^ c2, l2), r2, i2);
            Store(s, e ^ h3, Out(layout, at ^ c3, l3), r3, i3);
            StoreFirst(u, e, layout, at, p0, q0);
            Store(u, e ^ h1, Out(layout, at ^ c1, l1), p1, q1);
            Store(u, e ^ h2, Out(layout, at ^ c2, l2), p2, q2);
            Store(u, e ^ h3, Out(layout, at ^ c3, l3), p3, q3);
        }

        sums[0] = O.Add(a1, b1);
        sums[1] = O.Add(a2, b2);
    }

    /// <summary>Inner product and undoing of one rotation given by cosine and sine vectors.</summary>
    public static V Own(byte* s, byte* u, nint end, PassGroup g, int which, byte* cosSin, byte* diagonal, byte* w)
    {
        nint h = (nint)g.BlockMasks[which] * Block, pivots = (nint)(1 << System.Numerics.BitOperations.Log2((uint)g.BlockMasks[which])) * Block;
        V l = O.XorIndex(g.LaneMasks[which]);
        byte* at = cosSin + ((nint)g.Rotations[which] * Block);
        V c = O.Load(at), n = O.Load(at + sizeof(V)), a = O.Zero, b = a;
        for (nint e = 0; e < end; e = ((e | pivots) + Block) & ~pivots)
        {
            Load(s, u, e, diagonal, w, out V r0, out V i0, out V p0, out V q0);
            Load(s, u, e ^ h, diagonal, w, l, out V r1, out V i1, out V p1, out V q1);
            a = Dot(a, p0, q0, r1, i1);
            b = Dot(b, p1, q1, r0, i0);
            Undo(ref r0, ref i0, ref r1, ref i1, c, n);
            Undo(ref p0, ref q0, ref p1, ref q1, c, n);
            Store(s, e, r0, i0);
            Store(s, e ^ h, l, r1, i1);
            Store(u, e, p0, q0);
            Store(u, e ^ h, l, p1, q1);
        }

        return O.Add(a, b);
    }

    /// <summary>
    /// Inner products of one to three rotations with linearly independent block masks, without undoing. ψ's coset stays in registers, λ's comes block by block, and a coset's products
    /// form a chain of their own before they are added up: that fits 16 registers, and the chains of several cosets overlap.
    /// </summary>
    public static void DotsOnly(byte* s, byte* u, nint end, PassGroup g, V* sums, byte* w)
    {
        if (g.Rotations.Length == 3)
        {
            Dots3(s, u, end, g, sums);
            return;
        }

        nint h1 = (nint)g.BlockMasks[0] * Block, pivots = (nint)g.Pivots * Block;
        V l1 = O.XorIndex(g.LaneMasks[0]);
        V sum1 = O.Zero, sum2 = O.Zero;
        if (g.Rotations.Length == 1)
        {
            for (nint e = 0; e < end; e = ((e | pivots) + Block) & ~pivots)
            {
                Load(s, e, out V r0, out V i0);
                Load(s, e ^ h1, l1, out V r1, out V i1);
                Load(u, e, out V p, out V q);
                AddTo(w, e, p, q, r0, i0);
                V chain = O.Fnma(q, r1, O.Multiply(p, i1));
                Load(u, e ^ h1, l1, out p, out q);
                AddTo(w, e ^ h1, p, q, r1, i1);
                sum1 = O.Add(sum1, Dot(chain, p, q, r0, i0));
            }

            sums[0] = sum1;
            return;
        }

        nint h2 = (nint)g.BlockMasks[1] * Block, h3 = h1 ^ h2;
        V l2 = O.XorIndex(g.LaneMasks[1]), l3 = O.XorIndex(g.LaneMasks[0] ^ g.LaneMasks[1]);
        for (nint e = 0; e < end; e = ((e | pivots) + Block) & ~pivots)
        {
            Load(s, e, out V r0, out V i0);
            Load(s, e ^ h1, l1, out V r1, out V i1);
            Load(s, e ^ h2, l2, out V r2, out V i2);
            Load(s, e ^ h3, l3, out V r3, out V i3);
            Load(u, e, out V p, out V q);
            AddTo(w, e, p, q, r0, i0);
            V chain1 = O.Fnma(q, r1, O.Multiply(p, i1)), chain2 = O.Fnma(q, r2, O.Multiply(p, i2));
            Load(u, e ^ h1, l1, out p, out q);
            AddTo(w, e ^ h1, p, q, r1, i1);
            chain1 = Dot(chain1, p, q, r0, i0);
            chain2 = Dot(chain2, p, q, r3, i3);
            Load(u, e ^ h2, l2, out p, out q);
            AddTo(w, e ^ h2, p, q, r2, i2);
            chain1 = Dot(chain1, p, q, r3, i3);
            chain2 = Dot(chain2, p, q, r0, i0);
            Load(u, e ^ h3, l3, out p, out q);
            AddTo(w, e ^ h3, p, q, r3, i3);
            sum1 = O.Add(sum1, Dot(chain1, p, q, r2, i2));
            sum2 = O.Add(sum2, Dot(chain2, p, q, r1, i1));
        }

        sums[0] = sum1;
        sums[1] = sum2;
    }

    /// <summary>As <see cref="DotsOnly"/> for three rotations, by halves of a coset of eight that do not meet (<see cref="ForwardKernels{V, O, M}"/>).</summary>
    private static void Dots3(byte* s, byte* u, nint end, PassGroup g, V* sums)
    {
        nint h1 = (nint)g.BlockMasks[0] * Block, h2 = (nint)g.BlockMasks[1] * Block, h4 = (nint)g.BlockMasks[2] * Block;
        nint h3 = h1 ^ h2, h5 = h1 ^ h4, h6 = h2 ^ h4, h7 = h3 ^ h4, pivots = (nint)g.Pivots * Block;
        int m1 = g.LaneMasks[0], m2 = g.LaneMasks[1], m4 = g.LaneMasks[2];
        V l1 = O.XorIndex(m1), l2 = O.XorIndex(m2), l3 = O.XorIndex(m1 ^ m2), l4 = O.XorIndex(m4), l5 = O.XorIndex(m1 ^ m4), l6 = O.XorIndex(m2 ^ m4), l7 = O.XorIndex(m1 ^ m2 ^ m4);
        V sum1 = O.Zero, sum2 = O.Zero, sum4 = O.Zero;
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
            V p = LoadPart(u, e);
            V chain1 = O.Multiply(p, x1);
            V chain2 = O.Multiply(p, x2);
            V chain4 = O.Multiply(p, x4);
            p = LoadPart(u, (e ^ h1) + sizeof(V), l1);
            chain1 = O.Fnma(p, x0, chain1);
            chain2 = O.Fnma(p, x3, chain2);
            chain4 = O.Fnma(p, x5, chain4);
            p = LoadPart(u, (e ^ h2) + sizeof(V), l2);
            chain1 = O.Fnma(p, x3, chain1);
            chain2 = O.Fnma(p, x0, chain2);
            chain4 = O.Fnma(p, x6, chain4);
            p = LoadPart(u, e ^ h3, l3);
            chain1 = O.Fma(p, x2, chain1);
            chain2 = O.Fma(p, x1, chain2);
            chain4 = O.Fma(p, x7, chain4);
            p = LoadPart(u, (e ^ h4) + sizeof(V), l4);
            chain1 = O.Fnma(p, x5, chain1);
            chain2 = O.Fnma(p, x6, chain2);
            chain4 = O.Fnma(p, x0, chain4);
            p = LoadPart(u, e ^ h5, l5);
            chain1 = O.Fma(p, x4, chain1);
            chain2 = O.Fma(p, x7, chain2);
            chain4 = O.Fma(p, x1, chain4);
            p = LoadPart(u, e ^ h6, l6);
            chain1 = O.Fma(p, x7, chain1);
            chain2 = O.Fma(p, x4, chain2);
            chain4 = O.Fma(p, x2, chain4);
            p = LoadPart(u, (e ^ h7) + sizeof(V), l7);
            chain1 = O.Fnma(p, x6, chain1);
            chain2 = O.Fnma(p, x5, chain2);
            chain4 = O.Fnma(p, x3, chain4);

            V y0 = LoadPart(s, e + sizeof(V));
            V y1 = LoadPart(s, e ^ h1, l1);
            V y2 = LoadPart(s, e ^ h2, l2);
            V y3 = LoadPart(s, (e ^ h3) + sizeof(V), l3);
            V y4 = LoadPart(s, e ^ h4, l4);
            V y5 = LoadPart(s, (e ^ h5) + sizeof(V), l5);
            V y6 = LoadPart(s, (e ^ h6) + sizeof(V), l6);
            V y7 = LoadPart(s, e ^ h7, l7);
            V q = LoadPart(u, e + sizeof(V));
            V other1 = O.Fnma(q, y1, chain1);
            V other2 = O.Fnma(q, y2, chain2);
            V other4 = O.Fnma(q, y4, chain4);
            q = LoadPart(u, e ^ h1, l1);
            other1 = O.Fma(q, y0, other1);
            other2 = O.Fma(q, y3, other2);
            other4 = O.Fma(q, y5, other4);
            q = LoadPart(u, e ^ h2, l2);
            other1 = O.Fma(q, y3, other1);
            other2 = O.Fma(q, y0, other2);
            other4 = O.Fma(q, y6, other4);
            q = LoadPart(u, (e ^ h3) + sizeof(V), l3);
            other1 = O.Fnma(q, y2, other1);
            other2 = O.Fnma(q, y1, other2);
            other4 = O.Fnma(q, y7, other4);
            q = LoadPart(u, e ^ h4, l4);
            other1 = O.Fma(q, y5, other1);
            other2 = O.Fma(q, y6, other2);
            other4 = O.Fma(q, y0, other4);
            q = LoadPart(u, (e ^ h5) + sizeof(V), l5);
            other1 = O.Fnma(q, y4, other1);
            other2 = O.Fnma(q, y7, other2);
            other4 = O.Fnma(q, y1, other4);
            q = LoadPart(u, (e ^ h6) + sizeof(V), l6);
            other1 = O.Fnma(q, y7, other1);
            other2 = O.Fnma(q, y4, other2);
            other4 = O.Fnma(q, y2, other4);
            q = LoadPart(u, e ^ h7, l7);
            other1 = O.Fma(q, y6, other1);
            other2 = O.Fma(q, y5, other2);
            other4 = O.Fma(q, y3, other4);
            sum1 = O.Add(sum1, other1);
            sum2 = O.Add(sum2, other2);
            sum4 = O.Add(sum4, other4);
        }

        sums[0] = sum1;
        sums[1] = sum2;
        sums[2] = sum4;
    }

    /// <summary>w[p] += Im(conj(λ_p) ψ_p).</summary>
    [MethodImpl(Inline)]
    private static void AddTo(byte* w, nint e, V p, V q, V r, V i)
    {
        if (M.Sums)
        {
            byte* at = w + (e >> 1);
            O.Store(Dot(O.Load(at), p, q, r, i), at);
        }
    }

    /// <summary>w[p] += Im(conj(λ_p) ψ_p) for a whole state.</summary>
    public static void Sums(byte* s, byte* u, nint end, byte* w)
    {
        for (nint e = 0; e < end; e += Block)
        {
            AddTo(w, e, O.Load(u + e), O.Load(u + e + sizeof(V)), O.Load(s + e), O.Load(s + e + sizeof(V)));
        }
    }

    /// <summary>Inner products (into sums, one per rotation) of the rotations inside a vector, without undoing.</summary>
    public static void DotsWithinVector(byte* s, byte* u, nint end, PlanStep step, V* sums)
    {
        int[] masks = step.LaneOnlyMasks;
        if (step.LaneOnlyBits is not { } rotations)
        {
            for (int j = 0; j < masks.Length; j++)
            {
                V index = O.XorIndex(masks[j]), sum = O.Zero;
                for (nint e = 0; e < end; e += Block)
                {
                    sum = O.Add(sum, DotLanes(O.Permute(O.Load(s + e), index), O.Permute(O.Load(s + e + sizeof(V)), index), O.Load(u + e), O.Load(u + e + sizeof(V))));
                }

                sums[j] = sum;
            }

            return;
        }

        V sum0 = O.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0;
        bool is0 = rotations[0] >= 0, is1 = rotations[1] >= 0, is2 = rotations[2] >= 0, is3 = rotations[3] >= 0;
        for (nint e = 0; e < end; e += Block)
        {
            V r = O.Load(s + e), i = O.Load(s + e + sizeof(V)), p = O.Load(u + e), q = O.Load(u + e + sizeof(V));
            if (is0)
            {
                sum0 = O.Add(sum0, DotLanes(O.Swap(r, 0), O.Swap(i, 0), p, q));
            }

            if (is1)
            {
                sum1 = O.Add(sum1, DotLanes(O.Swap(r, 1), O.Swap(i, 1), p, q));
            }

            if (is2)
            {
                sum2 = O.Add(sum2, DotLanes(O.Swap(r, 2), O.Swap(i, 2), p, q));
            }

            if (is3)
            {
                sum3 = O.Add(sum3, DotLanes(O.Swap(r, 3), O.Swap(i, 3), p, q));
            }
        }

        for (int j = 0; j < masks.Length; j++)
        {
            sums[j] = masks[j] switch
            {
                1 => sum0,
                2 => sum1,
                4 => sum2,
                _ => sum3,
            };
        }
    }

    /// <summary>Im(conj(λ) Xψ), given what X moves to a block.</summary>
    [MethodImpl(Inline)]
    private static V DotLanes(V r, V i, V p, V q) => O.Fnma(q, r, O.Multiply(p, i));

    /// <summary>Inner products (into sums, one per rotation) and undoing of the rotations inside a vector.</summary>
    public static void WithinVector(byte* s, byte* u, nint end, PlanStep step, double[] tangents, byte* cosSin, byte* diagonal, byte* w, V* sums)
    {
        int[] rotations = step.LaneOnly, masks = step.LaneOnlyMasks;
        bool[] own = step.LaneOnlyOwn;
        for (int j = 0; j < rotations.Length; j++)
        {
            sums[j] = O.Zero;
        }

        for (nint e = 0; e < end; e += Block)
        {
            Load(s, u, e, diagonal, w, out V r, out V i, out V p, out V q);
            for (int j = 0; j < rotations.Length; j++)
            {
                int k = rotations[j];
                V index = O.XorIndex(masks[j]);
                V xr = O.Permute(r, index), xi = O.Permute(i, index), xp = O.Permute(p, index), xq = O.Permute(q, index);
                sums[j] = Dot(sums[j], p, q, xr, xi);
                if (own[j])
                {
                    V c = O.Load(cosSin + ((nint)k * Block)), n = O.Load(cosSin + ((nint)k * Block) + sizeof(V));
                    (r, i) = (O.Fnma(n, xi, O.Multiply(c, r)), O.Fma(n, xr, O.Multiply(c, i)));
                    (p, q) = (O.Fnma(n, xq, O.Multiply(c, p)), O.Fma(n, xp, O.Multiply(c, q)));
                }
                else
                {
                    V t = O.Broadcast(tangents[k]);
                    (r, i) = (O.Fnma(t, xi, r), O.Fma(t, xr, i));
                    (p, q) = (O.Fnma(t, xq, p), O.Fma(t, xp, q));
                }
            }

            O.Store(r, s + e);
            O.Store(i, s + e + sizeof(V));
            O.Store(p, u + e);
            O.Store(q, u + e + sizeof(V));
        }
    }

    /// <summary>w[p] += Im(conj(λ_p) ψ_p); then both states times the diagonal's conjugate.</summary>
    public static void Diagonal(byte* s, byte* u, nint end, byte* diagonal, byte* w)
    {
        for (nint e = 0; e < end; e += Block)
        {
            Load(s, u, e, diagonal, w, out V r, out V i, out V p, out V q);
            O.Store(r, s + e);
            O.Store(i, s + e + sizeof(V));
            O.Store(p, u + e);
            O.Store(q, u + e + sizeof(V));
        }
    }
}
