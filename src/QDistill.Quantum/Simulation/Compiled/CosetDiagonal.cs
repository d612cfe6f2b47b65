using System.Numerics;
using System.Runtime.CompilerServices;
using static QDistill.Quantum.Simulation.Compiled.LaneInlining;

namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>
/// A diagonal that a pass of two rotations makes up while it goes over the cosets {e, e⊕h₁, e⊕h₂, e⊕h₁⊕h₂} of their masks, for states whose table of it would have to come from far away. Whether a row's phase
/// is conjugate one mask away depends on its parity with that mask alone, so the rows fall into four classes; with T, F, G and H the products of their phases at e, the coset's entries are TFGH, TF̄GH̄,
/// TFḠH̄ and TF̄ḠH: some six operations a block. A product is looked up: k rows have 2^k products of their phases or conjugates, and the parities of the block's number, which are linear over GF(2) and so the XOR of two numbers
/// looked up, choose one.
/// </summary>
internal sealed unsafe class CosetDiagonal<V, O> : IDisposable
    where V : unmanaged
    where O : struct, ILanes<V>
{
    private const int Classes = 4;

    /// <summary>Look-ups at most, and rows of one at most: a number has 8 bits for each of 8.</summary>
    private const int Most = 8;

    /// <summary>Rows of a look-up from which on two cost less: 2^6 products of 64 bytes are 4 KiB of the first-level cache.</summary>
    private const int RowsOfOne = 6;

    private readonly AlignedBuffer memory;
    private readonly PhaseRows<V, O> rows;
    private readonly List<int[]> parts;   // one per look-up: indices of distinct rows
    private readonly int sumBytes;

    private CosetDiagonal(PhaseRows<V, O> rows, int blockBits, List<int[]> parts, int[] ends)
    {
        this.rows = rows;
        this.parts = parts;
        int lowBits = blockBits / 2, highBits = blockBits - lowBits;
        int head = (sizeof(CosetLookup<V, O>) + (((1 << lowBits) + (1 << highBits)) * sizeof(ulong)) + 63) & ~63;
        int[] sizes = [.. parts.Select(p => Block << p.Length)];
        sumBytes = sizes.Sum() / 2;
        memory = new AlignedBuffer(head + sizes.Sum() + sumBytes);
        ulong* low = (ulong*)(memory.Pointer + sizeof(CosetLookup<V, O>)), high = low + (1 << lowBits);
        Fill(low, lowBits, 0);
        Fill(high, highBits, lowBits);
        *Lookup = new CosetLookup<V, O>(low, high, lowBits, memory.Pointer + head, sizes, ends);
    }

    private static int Block => 2 * sizeof(V);

    private CosetLookup<V, O>* Lookup => (CosetLookup<V, O>*)memory.Pointer;

    /// <summary>What kernels read.</summary>
    public byte* Pointer => memory.Pointer;

    /// <summary>Prepares a diagonal over some rows, or returns null where there are too many.</summary>
    /// <param name="sorted">The rows, sorted.</param>
    /// <param name="qubits">The bits of p.</param>
    /// <param name="laneBits">How many of them, the lowest, are lanes of a block.</param>
    /// <param name="blockMasks">The two masks over blocks.</param>
    public static CosetDiagonal<V, O>? For(ReadOnlySpan<int> sorted, int qubits, int laneBits, int[] blockMasks)
    {
        var rows = new PhaseRows<V, O>(sorted, laneBits);
        int[][] mine = [.. Enumerable.Range(0, Classes).Select(c => Enumerable.Range(0, rows.Distinct.Count).Where(j => rows.Distinct[j] != 0 && ClassOf(rows.Distinct[j], blockMasks) == c).ToArray())];
        int[] lookups = [.. mine.Select(m => Math.Max(1, (m.Length + Most - 1) / Most))];
        if (lookups.Sum() > Most)
        {
            return null;
        }

        for (int left = Most - lookups.Sum(); left > 0; left--)
        {
            int fullest = Enumerable.Range(0, Classes).MaxBy(c => (double)mine[c].Length / lookups[c]);
            lookups[fullest] += mine[fullest].Length > RowsOfOne * lookups[fullest] ? 1 : 0;
        }

        var parts = new List<int[]>();
        int[] ends = new int[Classes];
        for (int c = 0; c < Classes; c++)
        {
            for (int part = 0; part < lookups[c]; part++)
            {
                parts.Add(mine[c][(mine[c].Length * part / lookups[c])..(mine[c].Length * (part + 1) / lookups[c])]);
            }

            ends[c] = parts.Count;
        }

        return new CosetDiagonal<V, O>(rows, qubits - laneBits, parts, ends);
    }

    /// <summary>Sets the angles.</summary>
    /// <param name="cos">cos θ/2 of every row.</param>
    /// <param name="sin">sin θ/2 of every row.</param>
    /// <param name="scale">A factor for all entries.</param>
    [SkipLocalsInit]
    public void Set(ReadOnlySpan<double> cos, ReadOnlySpan<double> sin, double scale)
    {
        byte* phases = stackalloc byte[(rows.Distinct.Count + 1) * Block], mine = stackalloc byte[Most * Block], common = stackalloc byte[Block];
        rows.Fill(phases, cos, sin);
        byte* to = Lookup->First;
        foreach (int[] part in parts)
        {
            for (int j = 0; j < part.Length; j++)
            {
                Buffer.MemoryCopy(phases + ((nint)part[j] * Block), mine + (j * Block), Block, Block);
            }

            PhaseRows<V, O>.Products(to, mine, part.Length);
            to += (nint)Block << part.Length;
        }

        // The first table takes in what is the same for all blocks.
        O.Store(O.Broadcast(scale), common);
        O.Store(O.Zero, common + sizeof(V));
        if (rows.Distinct is [0, ..])
        {
            PhaseRows<V, O>.Multiply(common, phases, common);
        }

        for (nint j = 0; j < (nint)Block << parts[0].Length; j += Block)
        {
            PhaseRows<V, O>.Multiply(Lookup->First + j, common, Lookup->First + j);
        }
    }

    /// <summary>Starts the sums of <see cref="Gradients"/> anew.</summary>
    public void ClearSums() => new Span<byte>(Lookup->FirstSums, sumBytes).Clear();

    /// <summary>Σ_p (−1)^(row·p) w_p of every row, for what the kernels added up: w_p = Im(conj(λ_p) ψ_p).</summary>
    /// <param name="sums">Receives one number per row, in their order.</param>
    public void Gradients(Span<double> sums)
    {
        double* lanes = stackalloc double[1 << O.Bits];
        for (int j = 0; j < rows.Count; j++)
        {
            (int distinct, int mask) = rows[j];
            (nint table, int entries, int bit) = Place(distinct);
            V sum = O.Zero;
            for (int entry = 0; entry < entries; entry++)
            {
                V at = O.Load((byte*)table + ((nint)entry * sizeof(V)));
                sum = (entry & bit) != 0 ? O.Subtract(sum, at) : O.Add(sum, at);
            }

            O.ToDoubles(sum, lanes);
            sums[j] = 0;
            for (int l = 0; l < 1 << O.Bits; l++)
            {
                sums[j] += Plan.Odd(l & mask) ? -lanes[l] : lanes[l];
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();

    /// <summary>The sums that know a row over blocks, and the bit of an entry's index that is its parity; a row inside blocks has none, and any sums of the first class will do.</summary>
    private (nint Table, int Entries, int Bit) Place(int distinct)
    {
        byte* table = Lookup->FirstSums;
        foreach (int[] part in parts)
        {
            int bit = Array.IndexOf(part, distinct);
            if (bit >= 0)
            {
                return ((nint)table, 1 << part.Length, 1 << bit);
            }

            table += (nint)sizeof(V) << part.Length;
        }

        return ((nint)Lookup->FirstSums, 1 << parts[0].Length, 0);
    }

    private static int ClassOf(int row, int[] blockMasks) => (Plan.Odd(row & blockMasks[0]) ? 1 : 0) | (Plan.Odd(row & blockMasks[1]) ? 2 : 0);

    private void Fill(ulong* numbers, int bits, int from)
    {
        for (int b = 0; b < 1 << bits; b++)
        {
            for (int p = 0; p < parts.Count; p++)
            {
                for (int j = 0; j < parts[p].Length; j++)
                {
                    numbers[b] |= Plan.Odd(rows.Distinct[parts[p][j]] & (b << from)) ? 1UL << (j + (8 * p)) : 0;
                }
            }
        }
    }
}

/// <summary>What kernels read of a <see cref="CosetDiagonal{V, O}"/>.</summary>
internal readonly unsafe struct CosetLookup<V, O>
    where V : unmanaged
    where O : struct, ILanes<V>
{
    private readonly ulong* low, high;   // 8 bits per table
    private readonly nint lowMask;
    private readonly int blockShift, highShift;
    private readonly int endT, endF, endG, endH;
    private readonly Tables tables;
    private readonly Tables sums;   // a vector where a table has a block

    public CosetLookup(ulong* low, ulong* high, int lowBits, byte* first, int[] sizes, int[] ends)
    {
        this.low = low;
        this.high = high;
        lowMask = (1 << lowBits) - 1;
        blockShift = BitOperations.Log2((uint)(2 * sizeof(V)));
        highShift = blockShift + lowBits;
        (endT, endF, endG, endH) = (ends[0], ends[1], ends[2], ends[3]);
        for (int t = 0; t < sizes.Length; t++)
        {
            tables[t] = (nint)first;
            first += sizes[t];
        }

        for (int t = 0; t < sizes.Length; t++)
        {
            sums[t] = (nint)first;
            first += sizes[t] / 2;
        }
    }

    /// <summary>The first table; the others follow it.</summary>
    public byte* First => (byte*)tables[0];

    /// <summary>The sums that belong to the first table; the others follow them.</summary>
    public byte* FirstSums => (byte*)sums[0];

    /// <summary>Which products belong to the coset of the block at byte offset <paramref name="e"/>.</summary>
    [MethodImpl(Inline)]
    public ulong Number(nint e) => low[(e >> blockShift) & lowMask] ^ high[e >> highShift];

    /// <summary>TF, TF̄, GH and GH̄ of a coset.</summary>
    [MethodImpl(Inline)]
    public void Load(ulong number, out V tfr, out V tfi, out V tcr, out V tci, out V ghr, out V ghi, out V gcr, out V gci)
    {
        Product(number, 0, endT, out V tr, out V ti);
        Product(number, endT, endF, out V fr, out V fi);
        PhaseRows<V, O>.Both(tr, ti, fr, fi, out tfr, out tfi, out tcr, out tci);
        Product(number, endF, endG, out V gr, out V gi);
        Product(number, endG, endH, out V hr, out V hi);
        PhaseRows<V, O>.Both(gr, gi, hr, hi, out ghr, out ghi, out gcr, out gci);
    }

    /// <summary>Adds w of the blocks e, e⊕h₁, e⊕h₂ and e⊕h₁⊕h₂ to the sums, with the signs that a class's rows have there.</summary>
    [MethodImpl(Inline)]
    public void AddSums(ulong number, V w0, V w1, V w2, V w3)
    {
        V a = O.Add(w0, w1), b = O.Subtract(w0, w1), c = O.Add(w2, w3), d = O.Subtract(w2, w3);
        Add(number, 0, endT, O.Add(a, c));
        Add(number, endT, endF, O.Add(b, d));
        Add(number, endF, endG, O.Subtract(a, c));
        Add(number, endG, endH, O.Subtract(b, d));
    }

    [MethodImpl(Inline)]
    private void Product(ulong number, int table, int end, out V r, out V i)
    {
        Entry(number, table, out r, out i);
        while (++table < end)
        {
            Entry(number, table, out V x, out V y);
            PhaseRows<V, O>.Times(ref r, ref i, x, y);
        }
    }

    [MethodImpl(Inline)]
    private void Add(ulong number, int table, int end, V w)
    {
        for (; table < end; table++)
        {
            byte* at = (byte*)Unsafe.Add(ref Unsafe.As<Tables, nint>(ref Unsafe.AsRef(in sums)), table) + ((nint)((number >> (8 * table)) & 255) << (blockShift - 1));
            O.Store(O.Add(O.Load(at), w), at);
        }
    }

    [MethodImpl(Inline)]
    private void Entry(ulong number, int table, out V r, out V i)
    {
        byte* at = (byte*)Unsafe.Add(ref Unsafe.As<Tables, nint>(ref Unsafe.AsRef(in tables)), table) + ((nint)((number >> (8 * table)) & 255) << blockShift);
        r = O.Load(at);
        i = O.Load(at + sizeof(V));
    }

    [InlineArray(8)]
    private struct Tables
    {
        private nint first;
    }
}
