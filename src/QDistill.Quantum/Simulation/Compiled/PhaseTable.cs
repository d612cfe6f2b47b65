using System.Numerics;
using System.Runtime.CompilerServices;
using static QDistill.Quantum.Simulation.Compiled.LaneInlining;

namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>
/// Tables of exp(−i Σ_j θ_j/2 (−1)^(row_j·p)) over all basis states p, built by doubling: over a row's highest bit, the half of the table that is there is multiplied by cos ∓ i sin into both
/// halves of one twice as large, at six operations for two vectors. A table costs about two such steps per vector and one sine and cosine per row, where a Walsh–Hadamard transform of the angles needs a
/// sine and cosine per basis state. Rows must come in the order of their highest bits. A table is blocks of one vector of real parts and one of imaginary parts.
/// </summary>
internal static unsafe class PhaseTable<V, O>
    where V : unmanaged
    where O : struct, ILanes<V>
{
    /// <summary>Signs (−1)^(mask·lane), [mask][lane].</summary>
    private static readonly double[] Signs = MakeSigns();

    private static int Block => 2 * sizeof(V);

    /// <summary>Whether doubling costs less than a transform of the angles: not where many rows share their highest bits, as in maps of all pairs.</summary>
    public static bool Pays(ReadOnlySpan<int> rows, int qubits)
    {
        double doubling = 0;
        int last = 0;
        foreach (int row in rows)
        {
            int top = row == 0 ? 0 : 1 << BitOperations.Log2((uint)row);
            doubling += (top == last ? 5.0 : 3.5) * 2 * top;
            last = top;
        }

        return doubling < (40.0 + (2 * qubits)) * (1L << qubits);
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
        fixed (double* signs = Signs)
        {
            for (int j = 0; j < rows.Length; j++)
            {
                V s = O.Multiply(O.Broadcast(sin[j]), O.FromDoubles(signs + ((rows[j] & lanes) << O.Bits)));
                Append(table, ref built, rows[j] >> O.Bits, O.Broadcast(cos[j]), s);
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
        for (int j = 0; j < rows.Length; j++)
        {
            byte* at = cosSin + ((nint)j * Block);
            Append(table, ref built, rows[j], O.Load(at), O.Load(at + sizeof(V)));
        }

        Grow(table, ref built, qubits);
    }

    private static void Start(byte* table, double scale)
    {
        O.Store(O.Broadcast(scale), table);
        O.Store(O.Zero, table + sizeof(V));
    }

    /// <summary>Multiplies a row's phases in; its mask is over blocks.</summary>
    private static void Append(byte* table, ref int built, int row, V c, V s)
    {
        int bits = row == 0 ? 0 : BitOperations.Log2((uint)row) + 1;
        if (bits > built)
        {
            Grow(table, ref built, bits - 1);
            Double(table, built++, row ^ (1 << (bits - 1)), c, s);
        }
        else
        {
            Turn(table, built, row, c, s);
        }
    }

    private static void Grow(byte* table, ref int built, int bits)
    {
        for (; built < bits; built++)
        {
            nint size = (nint)Block << built;
            Buffer.MemoryCopy(table, table + size, size, size);
        }
    }

    /// <summary>2^bits blocks become 2^(bits+1): T·(c − i s σ) where the new bit is 0, T·(c + i s σ) where it is 1, σ = (−1)^(row·p).</summary>
    private static void Double(byte* table, int bits, int row, V c, V s)
    {
        V* signed = stackalloc V[2];
        signed[0] = s;
        signed[1] = O.Subtract(O.Zero, s);
        nint half = (nint)Block << bits;
        for (int p = 0; p < 1 << bits; p++)
        {
            byte* at = table + ((nint)p * Block);
            V r = O.Load(at), i = O.Load(at + sizeof(V)), t = signed[BitOperations.PopCount((uint)(p & row)) & 1];
            V rc = O.Multiply(r, c), ic = O.Multiply(i, c);
            O.Store(O.Fma(i, t, rc), at);
            O.Store(O.Fnma(r, t, ic), at + sizeof(V));
            O.Store(O.Fnma(i, t, rc), at + half);
            O.Store(O.Fma(r, t, ic), at + half + sizeof(V));
        }
    }

    /// <summary>T·(c − i s σ) in place.</summary>
    private static void Turn(byte* table, int bits, int row, V c, V s)
    {
        V* signed = stackalloc V[2];
        signed[0] = s;
        signed[1] = O.Subtract(O.Zero, s);
        for (int p = 0; p < 1 << bits; p++)
        {
            byte* at = table + ((nint)p * Block);
            V r = O.Load(at), i = O.Load(at + sizeof(V)), t = signed[BitOperations.PopCount((uint)(p & row)) & 1];
            O.Store(O.Fma(i, t, O.Multiply(r, c)), at);
            O.Store(O.Fnma(r, t, O.Multiply(i, c)), at + sizeof(V));
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
