using System.Numerics;
using System.Runtime.CompilerServices;
using static QDistill.Quantum.Simulation.Compiled.LaneInlining;

namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>
/// Tables of exp(−i Σ_j θ_j/2 (−1)^(row_j·p)) over all basis states p, built by doubling: over a row's highest bit, the half of the table that is there is multiplied by cos ∓ i sin into both
/// halves of one twice as large, at six operations for two vectors. Up to three rows of one highest bit share a step: their product is one of 2^k factors F where that bit is 0, chosen by the parities of
/// the lower bits, and F's conjugate where it is 1. A table so costs about one step per two vectors and a sine and cosine per row, where a Walsh–Hadamard transform of the angles needs a sine and cosine per
/// basis state. Rows must come in the order of their highest bits. A table is blocks of one vector of real parts and one of imaginary parts.
/// </summary>
[SkipLocalsInit]
internal static unsafe class PhaseTable<V, O>
    where V : unmanaged
    where O : struct, ILanes<V>
{
    private const int MostRows = 3;

    /// <summary>Signs (−1)^(mask·lane), [mask][lane].</summary>
    private static readonly double[] Signs = MakeSigns();

    private static int Block => 2 * sizeof(V);

    /// <summary>Whether doubling costs less than a transform of the angles: not where many rows share their highest bits, as in maps of all pairs.</summary>
    public static bool Pays(ReadOnlySpan<int> rows, int qubits)
    {
        double steps = 0;
        int last = -1, sharing = 0;
        foreach (int row in rows)
        {
            int top = Top(row);
            sharing = top == last ? sharing + 1 : 0;
            last = top;
            steps += sharing % MostRows == 0 ? 1L << Math.Max(0, top) : 0;
        }

        return 8 * steps < (40.0 + (2 * qubits)) * (1L << qubits);
    }

    /// <summary>The table of one set of angles; lanes are the low bits of p.</summary>
    /// <param name="table">Receives 2^(qubits − Bits) blocks.</param>
    /// <param name="qubits">The bits of p.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="cos">cos θ/2 of every row.</param>
    /// <param name="sin">sin θ/2 of every row.</param>
    /// <param name="scale">A factor for all entries.</param>
    public static void Within(byte* table, int qubits, ReadOnlySpan<int> rows, ReadOnlySpan<double> cos, ReadOnlySpan<double> sin, double scale)
    {
        Start(table, scale);
        int built = 0, lanes = (1 << O.Bits) - 1;
        V* c = stackalloc V[MostRows], s = stackalloc V[MostRows];
        int* blockRows = stackalloc int[MostRows];
        fixed (double* signs = Signs)
        {
            for (int j = 0; j < rows.Length;)
            {
                int k = 0, top = Top(rows[j] >> O.Bits);
                for (; k < MostRows && j < rows.Length && Top(rows[j] >> O.Bits) == top; k++, j++)
                {
                    blockRows[k] = rows[j] >> O.Bits;
                    c[k] = O.Broadcast(cos[j]);
                    s[k] = O.Multiply(O.Broadcast(sin[j]), O.FromDoubles(signs + ((rows[j] & lanes) << O.Bits)));
                }

                Append(table, ref built, top, blockRows, k, c, s);
            }
        }

        Grow(table, ref built, qubits - O.Bits);
    }

    /// <summary>The tables of several samples side by side; lanes are samples.</summary>
    /// <param name="table">Receives 2^qubits blocks.</param>
    /// <param name="qubits">The bits of p.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="cosSin">Of every row the vector of cos θ/2 and that of sin θ/2.</param>
    /// <param name="scale">A factor for all entries.</param>
    public static void Across(byte* table, int qubits, ReadOnlySpan<int> rows, byte* cosSin, double scale)
    {
        Start(table, scale);
        int built = 0;
        V* c = stackalloc V[MostRows], s = stackalloc V[MostRows];
        int* blockRows = stackalloc int[MostRows];
        for (int j = 0; j < rows.Length;)
        {
            int k = 0, top = Top(rows[j]);
            for (; k < MostRows && j < rows.Length && Top(rows[j]) == top; k++, j++)
            {
                byte* at = cosSin + ((nint)j * Block);
                (blockRows[k], c[k], s[k]) = (rows[j], O.Load(at), O.Load(at + sizeof(V)));
            }

            Append(table, ref built, top, blockRows, k, c, s);
        }

        Grow(table, ref built, qubits);
    }

    /// <summary>The highest bit, −1 when there is none.</summary>
    private static int Top(int row) => 31 - BitOperations.LeadingZeroCount((uint)row);

    private static void Start(byte* table, double scale)
    {
        O.Store(O.Broadcast(scale), table);
        O.Store(O.Zero, table + sizeof(V));
    }

    /// <summary>Multiplies the phases of rows with one highest bit in; rows are over blocks.</summary>
    private static void Append(byte* table, ref int built, int top, int* rows, int count, V* c, V* s)
    {
        // Π (c ∓ i s) for every choice of parities, that of row j being bit j.
        V* factors = stackalloc V[2 << MostRows];
        (factors[0], factors[1]) = (O.Broadcast(1), O.Zero);
        for (int j = 0; j < count; j++)
        {
            for (int f = 0; f < 1 << j; f++)
            {
                V r = factors[2 * f], i = factors[(2 * f) + 1], rc = O.Multiply(r, c[j]), ic = O.Multiply(i, c[j]);
                int other = f | (1 << j);
                (factors[2 * f], factors[(2 * f) + 1]) = (O.Fma(i, s[j], rc), O.Fnma(r, s[j], ic));
                (factors[2 * other], factors[(2 * other) + 1]) = (O.Fnma(i, s[j], rc), O.Fma(r, s[j], ic));
            }
        }

        if (top < 0)
        {
            // Such rows come first: the table is one block still.
            V r = O.Load(table), i = O.Load(table + sizeof(V));
            O.Store(O.Fnma(i, factors[1], O.Multiply(r, factors[0])), table);
            O.Store(O.Fma(r, factors[1], O.Multiply(i, factors[0])), table + sizeof(V));
            return;
        }

        int row0 = rows[0] ^ (1 << top), row1 = count > 1 ? rows[1] ^ (1 << top) : 0, row2 = count > 2 ? rows[2] ^ (1 << top) : 0;
        if (top < built)
        {
            Turn(table, top, row0, row1, row2, factors);
            return;
        }

        Grow(table, ref built, top);
        Double(table, built++, row0, row1, row2, factors);
    }

    private static void Grow(byte* table, ref int built, int bits)
    {
        for (; built < bits; built++)
        {
            nint size = (nint)Block << built;
            Buffer.MemoryCopy(table, table + size, size, size);
        }
    }

    [MethodImpl(Inline)]
    private static int Choice(int p, int row0, int row1, int row2) =>
        (BitOperations.PopCount((uint)(p & row0)) & 1) | ((BitOperations.PopCount((uint)(p & row1)) & 1) << 1) | ((BitOperations.PopCount((uint)(p & row2)) & 1) << 2);

    /// <summary>2^bits blocks T become 2^(bits+1): T·F where the new bit is 0, T·conj(F) where it is 1.</summary>
    private static void Double(byte* table, int bits, int row0, int row1, int row2, V* factors)
    {
        nint half = (nint)Block << bits;
        for (int p = 0; p < 1 << bits; p++)
        {
            byte* at = table + ((nint)p * Block);
            V* f = factors + (2 * Choice(p, row0, row1, row2));
            V r = O.Load(at), i = O.Load(at + sizeof(V)), fr = f[0], fi = f[1], rc = O.Multiply(r, fr), ic = O.Multiply(i, fr);
            O.Store(O.Fnma(i, fi, rc), at);
            O.Store(O.Fma(r, fi, ic), at + sizeof(V));
            O.Store(O.Fma(i, fi, rc), at + half);
            O.Store(O.Fnma(r, fi, ic), at + half + sizeof(V));
        }
    }

    /// <summary>The same on 2^(bits+1) blocks that are there already.</summary>
    private static void Turn(byte* table, int bits, int row0, int row1, int row2, V* factors)
    {
        nint half = (nint)Block << bits;
        for (int p = 0; p < 1 << bits; p++)
        {
            byte* at = table + ((nint)p * Block), to = at + half;
            V* f = factors + (2 * Choice(p, row0, row1, row2));
            V r = O.Load(at), i = O.Load(at + sizeof(V)), x = O.Load(to), y = O.Load(to + sizeof(V)), fr = f[0], fi = f[1];
            O.Store(O.Fnma(i, fi, O.Multiply(r, fr)), at);
            O.Store(O.Fma(r, fi, O.Multiply(i, fr)), at + sizeof(V));
            O.Store(O.Fma(y, fi, O.Multiply(x, fr)), to);
            O.Store(O.Fnma(x, fi, O.Multiply(y, fr)), to + sizeof(V));
        }
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
