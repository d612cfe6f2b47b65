using System.Numerics;
using System.Runtime.Intrinsics;
using QDistill.Numerics;
using QDistill.Quantum.Simulation;
using QDistill.Quantum.Simulation.Compiled;

namespace QDistill.Quantum.Tests;

/// <summary>Tables of phases against the sum of signed angles in every entry.</summary>
public unsafe class PhaseTableTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(11)]
    public void EntriesArePhasesOfTheSignedSumsOfAngles(int qubits)
    {
        foreach (int rows in new[] { 0, 1, 3, 2 * qubits, 60 })
        {
            Check<double, LanesScalarDouble>(qubits, rows, 1e-13);
            Check<Vector256<double>, Lanes256Double>(qubits, rows, 1e-13);
            Check<Vector256<float>, Lanes256Single>(qubits, rows, 1e-5);
            Check<Vector512<double>, Lanes512Double>(qubits, rows, 1e-13);
            Check<Vector512<float>, Lanes512Single>(qubits, rows, 1e-5);
        }
    }

    [Fact]
    public void RowsOfOneHighestBitTakeSeveralLookUps()
    {
        // All pairs of ten bits, as in maps of them: nine rows come with the highest bit, and far more than fit into the next.
        int[] pairs = [.. Enumerable.Range(0, 10).SelectMany(a => Enumerable.Range(0, a).Select(b => (1 << a) | (1 << b))).Concat(Enumerable.Range(0, 10).Select(a => 1 << a)).Order()];
        Assert.NotNull(PhaseTable<double, LanesScalarDouble>.For(pairs, 10, 0));
        Compare<double, LanesScalarDouble>(10, pairs, 1e-13);
        Compare<Vector256<double>, Lanes256Double>(10, pairs, 1e-13);
        Assert.Null(PhaseTable<double, LanesScalarDouble>.For([.. Enumerable.Range(1, 1023)], 10, 0));
    }

    [Fact]
    public void SamplesSideBySideHaveTheirOwnTables()
    {
        const int Qubits = 6, Rows = 14, Width = 4;
        int[] rows = Distinct(Qubits, Rows);
        double[] angles = RandomCircuits.Vector(rows.Length * Width, 3);
        using var table = new AlignedBuffer(2L * sizeof(Vector256<double>) << Qubits);
        using var phases = new AlignedBuffer(2L * sizeof(Vector256<double>) * rows.Length);
        for (int j = 0; j < rows.Length; j++)
        {
            for (int lane = 0; lane < Width; lane++)
            {
                phases.Span<double>()[(2 * j * Width) + lane] = Math.Cos(angles[(j * Width) + lane]);
                phases.Span<double>()[(((2 * j) + 1) * Width) + lane] = -Math.Sin(angles[(j * Width) + lane]);
            }
        }

        PhaseTable<Vector256<double>, Lanes256Double>.For(rows, Qubits, 0)!.Across(table.Pointer, phases.Pointer, 0.5);
        for (int p = 0; p < 1 << Qubits; p++)
        {
            for (int lane = 0; lane < Width; lane++)
            {
                Complex expected = Entry(rows, j => angles[(j * Width) + lane], p, 0.5);
                Assert.Equal(expected.Real, table.Span<double>()[(2 * p * Width) + lane], 1e-13);
                Assert.Equal(expected.Imaginary, table.Span<double>()[(((2 * p) + 1) * Width) + lane], 1e-13);
            }
        }
    }

    private static void Check<V, O>(int qubits, int count, double tolerance)
        where V : unmanaged
        where O : struct, ILanes<V>
    {
        if (qubits >= O.Bits)
        {
            Compare<V, O>(qubits, Distinct(qubits, count), tolerance);
        }
    }

    private static void Compare<V, O>(int qubits, int[] rows, double tolerance)
        where V : unmanaged
        where O : struct, ILanes<V>
    {
        if (PhaseTable<V, O>.For(rows, qubits, O.Bits) is not { } phases)
        {
            return;
        }

        double[] angles = RandomCircuits.Vector(rows.Length, (ulong)rows.Length);
        using var table = new AlignedBuffer(2L * sizeof(V) << (qubits - O.Bits));
        phases.Within(table.Pointer, [.. angles.Select(Math.Cos)], [.. angles.Select(Math.Sin)], 0.75);
        double* re = stackalloc double[1 << O.Bits], im = stackalloc double[1 << O.Bits];
        for (int p = 0; p < 1 << qubits; p++)
        {
            byte* block = table.Pointer + ((nint)(p >> O.Bits) * 2 * sizeof(V));
            O.ToDoubles(O.Load(block), re);
            O.ToDoubles(O.Load(block + sizeof(V)), im);
            Complex expected = Entry(rows, j => angles[j], p, 0.75);
            int lane = p & ((1 << O.Bits) - 1);
            Assert.Equal(expected.Real, re[lane], tolerance);
            Assert.Equal(expected.Imaginary, im[lane], tolerance);
        }
    }

    private static Complex Entry(int[] rows, Func<int, double> angle, int p, double scale)
    {
        double sum = 0;
        for (int j = 0; j < rows.Length; j++)
        {
            sum += (BitOperations.PopCount((uint)(rows[j] & p)) & 1) == 0 ? angle(j) : -angle(j);
        }

        return Complex.FromPolarCoordinates(scale, -sum);
    }

    private static int[] Distinct(int qubits, int count)
    {
        var random = new Philox((ulong)count, (ulong)qubits);
        var rows = new SortedSet<int>();
        for (int j = 0; j < count; j++)
        {
            rows.Add(1 + random.NextInt((1 << qubits) - 1));
        }

        return [.. rows];
    }
}
