using System.Runtime.CompilerServices;
using static QDistill.Quantum.Simulation.Compiled.LaneInlining;

namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>
/// The rows of a diagonal exp(−i Σ_j θ_j/2 (−1)^(row_j·p)) as phases of blocks: a row's phase is a vector over the lanes, and conjugate where the row's parity over the block's number is odd. Rows that
/// differ only inside a block are one row over blocks with the product of their phases.
/// </summary>
internal sealed unsafe class PhaseRows<V, O>
    where V : unmanaged
    where O : struct, ILanes<V>
{
    /// <summary>Signs (−1)^(mask·lane), [mask][lane].</summary>
    private static readonly double[] Signs = MakeSigns();

    private readonly int[] rows;
    private readonly int laneBits;
    private readonly int[] slots;   // per row: the place of its phase

    /// <summary>Takes rows that are sorted.</summary>
    public PhaseRows(ReadOnlySpan<int> sorted, int laneBits)
    {
        rows = [.. sorted];
        this.laneBits = laneBits;
        slots = new int[rows.Length];
        for (int j = 0; j < rows.Length; j++)
        {
            if (Distinct.Count == 0 || Distinct[^1] != rows[j] >> laneBits)
            {
                Distinct.Add(rows[j] >> laneBits);
            }

            slots[j] = Distinct.Count - 1;
        }
    }

    /// <summary>The rows over blocks, sorted.</summary>
    public List<int> Distinct { get; } = [];

    /// <summary>How many rows there are.</summary>
    public int Count => rows.Length;

    /// <summary>Which of the rows over blocks row <paramref name="j"/> is, and its part over lanes.</summary>
    public (int Distinct, int Lanes) this[int j] => (slots[j], rows[j] & ((1 << laneBits) - 1));

    private static int Block => 2 * sizeof(V);

    /// <summary>The phase of every row over blocks.</summary>
    /// <param name="phases">Receives one block more than there are rows over blocks.</param>
    /// <param name="cos">cos θ/2 of every row.</param>
    /// <param name="sin">sin θ/2 of every row.</param>
    public void Fill(byte* phases, ReadOnlySpan<double> cos, ReadOnlySpan<double> sin)
    {
        byte* one = phases + (Distinct.Count * Block);
        int lanes = (1 << laneBits) - 1, filled = 0;
        fixed (double* signs = Signs)
        {
            for (int j = 0; j < rows.Length; j++)
            {
                byte* slot = phases + ((nint)slots[j] * Block), at = slots[j] == filled ? slot : one;
                O.Store(O.Broadcast(cos[j]), at);
                O.Store(O.Multiply(O.Broadcast(-sin[j]), O.FromDoubles(signs + ((rows[j] & lanes) << O.Bits))), at + sizeof(V));
                if (at == slot)
                {
                    filled++;
                }
                else
                {
                    Multiply(slot, one, slot);
                }
            }
        }
    }

    /// <summary>All products of phases or their conjugates; bit j of an entry's index says that phase j is conjugate.</summary>
    public static void Products(byte* factors, byte* phases, int count)
    {
        if (count == 0)
        {
            O.Store(O.Broadcast(1), factors);
            O.Store(O.Zero, factors + sizeof(V));
            return;
        }

        V r = O.Load(phases), i = O.Load(phases + sizeof(V));
        O.Store(r, factors);
        O.Store(i, factors + sizeof(V));
        O.Store(r, factors + Block);
        O.Store(O.Subtract(O.Zero, i), factors + Block + sizeof(V));
        for (int j = 1; j < count; j++)
        {
            nint size = (nint)Block << j;
            for (nint e = 0; e < size; e += Block)
            {
                O.Store(O.Load(factors + e), factors + e + size);
                O.Store(O.Load(factors + e + sizeof(V)), factors + e + size + sizeof(V));
                MultiplyPair(factors + e, phases + ((nint)j * Block), factors + e, factors + e + size);
            }
        }
    }

    /// <summary>a·b and a·b̄.</summary>
    [MethodImpl(Inline)]
    public static void Both(V ar, V ai, V br, V bi, out V pr, out V pi, out V cr, out V ci)
    {
        V rr = O.Multiply(ar, br), ir = O.Multiply(ai, br);
        pr = O.Fnma(ai, bi, rr);
        pi = O.Fma(ar, bi, ir);
        cr = O.Fma(ai, bi, rr);
        ci = O.Fnma(ar, bi, ir);
    }

    /// <summary>(r, i) times (x, y).</summary>
    [MethodImpl(Inline)]
    public static void Times(ref V r, ref V i, V x, V y)
    {
        V xr = O.Multiply(x, r), yr = O.Multiply(y, r);
        (r, i) = (O.Fnma(y, i, xr), O.Fma(x, i, yr));
    }

    /// <summary>a·b.</summary>
    [MethodImpl(Inline)]
    public static void Multiply(byte* a, byte* b, byte* to)
    {
        V x = O.Load(a), y = O.Load(a + sizeof(V)), r = O.Load(b), i = O.Load(b + sizeof(V));
        O.Store(O.Fnma(y, i, O.Multiply(x, r)), to);
        O.Store(O.Fma(x, i, O.Multiply(y, r)), to + sizeof(V));
    }

    /// <summary>a·b and c·b̄, c being where the second goes.</summary>
    [MethodImpl(Inline)]
    public static void MultiplyPair(byte* a, byte* b, byte* product, byte* conjugate)
    {
        V x = O.Load(a), y = O.Load(a + sizeof(V)), r = O.Load(b), i = O.Load(b + sizeof(V)), z = O.Load(conjugate), w = O.Load(conjugate + sizeof(V));
        O.Store(O.Fnma(y, i, O.Multiply(x, r)), product);
        O.Store(O.Fma(x, i, O.Multiply(y, r)), product + sizeof(V));
        O.Store(O.Fma(w, i, O.Multiply(z, r)), conjugate);
        O.Store(O.Fnma(z, i, O.Multiply(w, r)), conjugate + sizeof(V));
    }

    private static double[] MakeSigns()
    {
        int width = 1 << O.Bits;
        double[] signs = new double[width * width];
        for (int i = 0; i < signs.Length; i++)
        {
            signs[i] = Plan.Odd((i >> O.Bits) & i & (width - 1)) ? -1 : 1;
        }

        return signs;
    }
}
