using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>How the Q# programs measure a fidelity.</summary>
public enum FidelityTest
{
    /// <summary>One encoding, then the other undone: n qubits, twice the depth.</summary>
    Overlap,

    /// <summary>The swap test: 2n + 1 qubits.</summary>
    Swap,
}

/// <summary>The fidelity kernel of a named encoding, measured by Q# programs with shots. Estimates need not form a positive matrix: see <see cref="KernelMatrix.Repair"/>.</summary>
public sealed class QSharpKernel : IQuantumKernel, IDisposable
{
    private const int PairsPerRun = 256;
    private readonly QSharpHost host;
    private readonly Circuit circuit;
    private readonly FidelityTest test;
    private readonly int shots;

    /// <summary>Creates the kernel.</summary>
    /// <param name="circuit">A circuit of a named encoding with 0 layers and no weights.</param>
    /// <param name="shots">Shots for each pair.</param>
    /// <param name="test">How fidelities are measured.</param>
    /// <param name="options">How the host process is found and watched.</param>
    /// <exception cref="UserErrorException">The circuit is no bare named encoding, or there are no shots.</exception>
    public QSharpKernel(Circuit circuit, int shots, FidelityTest test = FidelityTest.Overlap, QSharpHostOptions? options = null)
    {
        if (circuit.Origin is not { Layers: 0 } || circuit.WeightCount > 0)
        {
            throw new UserErrorException("a Q# kernel needs a named encoding without ansatz layers and without weights");
        }

        if (shots < 1)
        {
            throw new UserErrorException($"{shots} shots give no estimate");
        }

        (this.circuit, this.shots, this.test) = (circuit, shots, test);
        host = new QSharpHost(options);
    }

    /// <inheritdoc/>
    public int InputCount => circuit.InputCount;

    /// <summary>What the kernel values have cost so far.</summary>
    public Ledger Ledger { get; } = new();

    /// <inheritdoc/>
    public double[] Gram(ReadOnlySpan<double> inputs, int count)
    {
        circuit.Check([], inputs, count);
        var pairs = new List<(int I, int J)>();
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                pairs.Add((i, j));
            }
        }

        double[] values = Measure(inputs.ToArray(), inputs.ToArray(), pairs), gram = new double[count * count];
        for (int i = 0; i < count; i++)
        {
            gram[i * (count + 1)] = 1;
        }

        for (int p = 0; p < pairs.Count; p++)
        {
            gram[(pairs[p].I * count) + pairs[p].J] = gram[(pairs[p].J * count) + pairs[p].I] = values[p];
        }

        return gram;
    }

    /// <inheritdoc/>
    public double[] Cross(ReadOnlySpan<double> left, int leftCount, ReadOnlySpan<double> right, int rightCount)
    {
        circuit.Check([], left, leftCount);
        circuit.Check([], right, rightCount);
        return Measure(left.ToArray(), right.ToArray(), [.. Enumerable.Range(0, leftCount * rightCount).Select(p => (p / rightCount, p % rightCount))]);
    }

    /// <inheritdoc/>
    public void Dispose() => host.Dispose();

    private double[] Measure(double[] left, double[] right, List<(int I, int J)> pairs)
    {
        long start = Stopwatch.GetTimestamp();
        int d = circuit.InputCount;
        double[] values = new double[pairs.Count];
        for (int first = 0; first < pairs.Count; first += PairsPerRun)
        {
            int count = Math.Min(PairsPerRun, pairs.Count - first);
            double[] x = new double[count * d], y = new double[count * d];
            for (int p = 0; p < count; p++)
            {
                left.AsSpan(pairs[first + p].I * d, d).CopyTo(x.AsSpan(p * d));
                right.AsSpan(pairs[first + p].J * d, d).CopyTo(y.AsSpan(p * d));
            }

            var text = new StringBuilder();
            text.Append(CultureInfo.InvariantCulture, $"QDistill.Kernels.PairsBatch({(test == FidelityTest.Swap ? "true" : "false")},\"{circuit.Origin!.Encoding}\",{circuit.Qubits},");
            text.AppendLiteral(x, count).Append(',').AppendLiteral(y, count).Append(CultureInfo.InvariantCulture, $",{shots})");
            using JsonDocument zeros = JsonDocument.Parse(host.Run(text.ToString())[0]);
            for (int p = 0; p < count; p++)
            {
                double frequency = (double)zeros.RootElement[p].GetInt32() / shots;
                values[first + p] = test == FidelityTest.Swap ? (2 * frequency) - 1 : frequency;
            }
        }

        Ledger.Record(pairs.Count, (long)pairs.Count * shots, 2 * circuit.Depth, 2 * circuit.TwoQubitGates, Stopwatch.GetElapsedTime(start).TotalSeconds);
        return values;
    }
}
