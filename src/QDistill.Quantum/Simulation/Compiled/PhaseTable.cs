using System.Numerics;
using System.Runtime.CompilerServices;
using static QDistill.Quantum.Simulation.Compiled.LaneInlining;

namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>
/// Tables of exp(−i Σ_j θ_j/2 (−1)^(row_j·p)) over all basis states p, built by quadrupling: over a row's two highest bits the quarter of the table that is there, T, becomes four. The rows that come with these two
/// bits fall into three groups by which of them they have; each group's phases multiply to a factor F that depends on p's lower bits only and turns into its conjugate when the row's parity over the two bits is odd. The
/// four quarters are T·F₁^(*)·F₂^(*)·F₃^(*), at four products in pairs (a·b and a·b̄, six operations). F is looked up: k rows have 2^k products of their phases, of which the parities of the lower
/// bits, which are linear in p, choose one. A table so costs some seven operations per vector and a sine and cosine per row, where a Walsh–Hadamard transform of the angles needs a sine and cosine per basis
/// state. A table is blocks of one vector of real parts and one of imaginary parts; rows that differ only inside a block are one row with the product of their phases.
/// </summary>
[SkipLocalsInit]
internal sealed unsafe class PhaseTable<V, O>
    where V : unmanaged
    where O : struct, ILanes<V>
{
    /// <summary>Rows that share a look-up at most: 2^6 products of 64 bytes are 4 KiB of the first-level cache.</summary>
    private const int MostRows = 6;

    /// <summary>Look-ups for one block at most.</summary>
    private const int MostLookups = 12;

    private readonly PhaseRows<V, O> rows;
    private readonly int bits;
    private readonly int inBlock;   // phases of rows inside a block
    private readonly int inPair;   // phases of the row of the lowest bit, where the number of bits is odd
    private readonly Level[] levels;
    private readonly int entries;   // of the look-ups of the largest level

    private PhaseTable(ReadOnlySpan<int> sorted, int qubits, int laneBits)
    {
        rows = new PhaseRows<V, O>(sorted, laneBits);
        bits = qubits - laneBits;
        List<int> distinct = rows.Distinct;
        inBlock = distinct.FindAll(r => r == 0).Count;
        inPair = (bits & 1) == 1 ? distinct.FindAll(r => r == 1).Count : 0;
        levels = new Level[bits / 2];
        int next = inBlock + inPair;
        for (int l = 0; l < levels.Length; l++)
        {
            levels[l] = new Level((bits & 1) + (2 * l), distinct, ref next, Block);
            entries = Math.Max(entries, levels[l].Entries);
        }
    }

    private static int Block => 2 * sizeof(V);

    /// <summary>Prepares tables over some rows, or returns null where a transform of the angles costs less: where far more rows than there are bits share their highest ones.</summary>
    /// <param name="rows">The rows, sorted.</param>
    /// <param name="qubits">The bits of p.</param>
    /// <param name="laneBits">How many of them, the lowest, are lanes of a block; 0 where lanes are samples.</param>
    public static PhaseTable<V, O>? For(ReadOnlySpan<int> rows, int qubits, int laneBits)
    {
        var table = new PhaseTable<V, O>(rows, qubits, laneBits);
        return Array.TrueForAll(table.levels, l => l.Shares.Length <= MostLookups) ? table : null;
    }

    /// <summary>The table of one set of angles; lanes are the low bits of p.</summary>
    /// <param name="table">Receives 2^(qubits − laneBits) blocks.</param>
    /// <param name="cos">cos θ/2 of every row.</param>
    /// <param name="sin">sin θ/2 of every row.</param>
    /// <param name="scale">A factor for all entries.</param>
    public void Within(byte* table, ReadOnlySpan<double> cos, ReadOnlySpan<double> sin, double scale)
    {
        byte* phases = stackalloc byte[(rows.Distinct.Count + 1) * Block];
        rows.Fill(phases, cos, sin);
        Build(table, phases, scale);
    }

    /// <summary>The tables of several samples side by side; lanes are samples.</summary>
    /// <param name="table">Receives 2^qubits blocks.</param>
    /// <param name="phases">Of every row the vector of cos θ/2 and that of −sin θ/2.</param>
    /// <param name="scale">A factor for all entries.</param>
    public void Across(byte* table, byte* phases, double scale) => Build(table, phases, scale);

    private void Build(byte* table, byte* phases, double scale)
    {
        O.Store(O.Broadcast(scale), table);
        O.Store(O.Zero, table + sizeof(V));
        if (inBlock == 1)
        {
            PhaseRows<V, O>.Multiply(table, phases, table);
        }

        if ((bits & 1) == 1)
        {
            // One block becomes two.
            O.Store(O.Load(table), table + Block);
            O.Store(O.Load(table + sizeof(V)), table + Block + sizeof(V));
            if (inPair == 1)
            {
                PhaseRows<V, O>.MultiplyPair(table, phases + ((nint)inBlock * Block), table, table + Block);
            }
        }

        byte* factors = stackalloc byte[entries * Block];
        foreach (Level level in levels)
        {
            byte* f = factors, p = phases + ((nint)level.First * Block);
            foreach (int share in level.Shares)
            {
                PhaseRows<V, O>.Products(f, p, share);
                f += (nint)Block << share;
                p += (nint)share * Block;
            }

            fixed (nint* jumps = level.Jumps)
            {
                if (level.Shares.Length == 3)
                {
                    Quadruple(table, level, factors, jumps);
                }
                else
                {
                    QuadrupleByMany(table, level, factors, jumps);
                }
            }
        }
    }

    /// <summary>2^built blocks become four times as many, with one look-up per group.</summary>
    private static void Quadruple(byte* table, Level level, byte* factors, nint* jumps)
    {
        byte* f = factors, g = factors + level.Offsets[1], h = factors + level.Offsets[2];
        nint quarter = (nint)Block << level.Built, a = 0, b = 0, c = 0;
        for (int p = 0; p < 1 << level.Built; p++)
        {
            Turn(table + ((nint)p * Block), quarter, O.Load(f + a), O.Load(f + a + sizeof(V)), O.Load(g + b), O.Load(g + b + sizeof(V)), O.Load(h + c), O.Load(h + c + sizeof(V)));
            nint* turned = jumps + (3 * BitOperations.TrailingZeroCount(p + 1));
            a ^= turned[0];
            b ^= turned[1];
            c ^= turned[2];
        }
    }

    /// <summary>The same with any number of look-ups.</summary>
    private static void QuadrupleByMany(byte* table, Level level, byte* factors, nint* jumps)
    {
        nint quarter = (nint)Block << level.Built;
        int lookups = level.Shares.Length;
        nint* offset = stackalloc nint[MostLookups];
        new Span<nint>(offset, MostLookups).Clear();
        byte** at = stackalloc byte*[MostLookups];
        for (int l = 0; l < lookups; l++)
        {
            at[l] = factors + level.Offsets[l];
        }

        for (int p = 0; p < 1 << level.Built; p++)
        {
            Factor(at, offset, 0, level.Second, out V fr, out V fi);
            Factor(at, offset, level.Second, level.Third, out V gr, out V gi);
            Factor(at, offset, level.Third, lookups, out V hr, out V hi);
            Turn(table + ((nint)p * Block), quarter, fr, fi, gr, gi, hr, hi);
            nint* turned = jumps + (lookups * BitOperations.TrailingZeroCount(p + 1));
            for (int l = 0; l < lookups; l++)
            {
                offset[l] ^= turned[l];
            }
        }
    }

    [MethodImpl(Inline)]
    private static void Factor(byte** at, nint* offset, int from, int end, out V r, out V i)
    {
        byte* f = at[from] + offset[from];
        (r, i) = (O.Load(f), O.Load(f + sizeof(V)));
        for (int l = from + 1; l < end; l++)
        {
            f = at[l] + offset[l];
            PhaseRows<V, O>.Times(ref r, ref i, O.Load(f), O.Load(f + sizeof(V)));
        }
    }

    /// <summary>A block times the three groups' factors f, g and h into its four places: f is conjugate where the lower new bit is 1, g where the higher is, h where one of them is.</summary>
    [MethodImpl(Inline)]
    private static void Turn(byte* at, nint quarter, V fr, V fi, V gr, V gi, V hr, V hi)
    {
        V x = O.Load(at), y = O.Load(at + sizeof(V)), xr = O.Multiply(x, fr), yr = O.Multiply(y, fr), ghr = O.Multiply(gr, hr), ghi = O.Multiply(gi, hr);
        StorePair(O.Fnma(y, fi, xr), O.Fma(x, fi, yr), O.Fnma(gi, hi, ghr), O.Fma(gr, hi, ghi), at, at + (2 * quarter));
        StorePair(O.Fma(y, fi, xr), O.Fnma(x, fi, yr), O.Fma(gi, hi, ghr), O.Fnma(gr, hi, ghi), at + quarter, at + (3 * quarter));
    }

    /// <summary>Stores a·b and a·b̄.</summary>
    [MethodImpl(Inline)]
    private static void StorePair(V ar, V ai, V br, V bi, byte* product, byte* conjugate)
    {
        PhaseRows<V, O>.Both(ar, ai, br, bi, out V pr, out V pi, out V cr, out V ci);
        O.Store(pr, product);
        O.Store(pi, product + sizeof(V));
        O.Store(cr, conjugate);
        O.Store(ci, conjugate + sizeof(V));
    }

    /// <summary>What of one quadrupling does not depend on angles.</summary>
    private sealed class Level
    {
        /// <summary>Lays out the look-ups of the rows whose highest bits are <paramref name="built"/> and the next.</summary>
        /// <param name="built">log2 of the blocks that are there before.</param>
        /// <param name="distinct">All rows over blocks, sorted.</param>
        /// <param name="next">The first of them that belongs here; moved behind the last.</param>
        /// <param name="block">The bytes of a block.</param>
        public Level(int built, List<int> distinct, ref int next, int block)
        {
            Built = built;
            First = next;
            var shares = new List<int>();
            for (int group = 1; group < 4; group++)
            {
                (Second, Third) = (group == 2 ? shares.Count : Second, group == 3 ? shares.Count : Third);
                int count = 0;
                for (; next < distinct.Count && distinct[next] < (group + 1) << built; next++)
                {
                    count++;
                }

                // A look-up of more products than the table has blocks would cost more than a second one.
                int most = Math.Clamp(built, 1, MostRows), parts = Math.Max(1, (count + most - 1) / most);
                for (int part = parts; part > 0; part--)
                {
                    shares.Add((count + part - 1) / part);
                    count -= shares[^1];
                }
            }

            Shares = [.. shares];
            Offsets = new nint[Shares.Length];
            Jumps = new nint[(built + 1) * Shares.Length];
            for (int l = 0, row = First; l < Shares.Length; row += Shares[l++])
            {
                Offsets[l] = Entries * block;
                Entries += 1 << Shares[l];
                for (int b = 0, turned = 0; b <= built; b++)
                {
                    for (int j = 0; j < Shares[l]; j++)
                    {
                        turned ^= (distinct[row + j] >> b & 1) << j;
                    }

                    Jumps[(b * Shares.Length) + l] = turned * block;
                }
            }
        }

        /// <summary>log2 of the blocks that are there before.</summary>
        public int Built { get; }

        /// <summary>The first phase.</summary>
        public int First { get; }

        /// <summary>The rows of every look-up, group by group.</summary>
        public int[] Shares { get; }

        /// <summary>The first look-up of the second group.</summary>
        public int Second { get; }

        /// <summary>The first look-up of the third group.</summary>
        public int Third { get; }

        /// <summary>Products of all look-ups.</summary>
        public int Entries { get; }

        /// <summary>Where each look-up's products begin.</summary>
        public nint[] Offsets { get; }

        /// <summary>What a step from p to p + 1, which turns the bits 0 to b, changes in the offset of the product chosen, [b][look-up].</summary>
        public nint[] Jumps { get; }
    }
}
