using QDistill.Quantum;
using QDistill.Quantum.Simulation;

namespace QDistill.Benchmarks;

/// <summary>
/// How time and memory grow: with qubits, depth, distinct weights, batch and threads, one at a time, around 10 qubits and 10 layers of RZ-RX-RZ and a ring of CNOTs in double precision.
/// Names are "growth AXIS X: what", which growth_plot.mjs reads.
/// </summary>
internal static class QuantumGrowth
{
    public static void Run(BenchReport report)
    {
        foreach (int n in new[] { 2, 4, 6, 8, 10, 12, 14, 16, 18 })
        {
            OneThread(report, $"growth qubits {n}", Layered(n, 10, int.MaxValue));
        }

        foreach (int layers in new[] { 1, 2, 4, 8, 16, 32 })
        {
            OneThread(report, $"growth layers {layers}", Layered(10, layers, int.MaxValue));
        }

        foreach (int weights in new[] { 1, 10, 30, 100, 300 })
        {
            OneThread(report, $"growth weights {weights}", Layered(10, 10, weights));
        }

        foreach (int batch in new[] { 1, 4, 16, 64, 256, 1024 })
        {
            Batch(report, $"growth batch {batch}", 6, batch, threads: 1);
        }

        for (int threads = 1; threads <= Environment.ProcessorCount; threads *= 2)
        {
            Batch(report, $"growth threads {threads}", 12, 64, threads);
        }
    }

    /// <summary>The circuit; rotation k has weight k mod <paramref name="most"/>.</summary>
    private static Circuit Layered(int n, int layers, int most)
    {
        var c = new CircuitBuilder(n);
        int k = 0;
        Angle Next() => Angle.Weight(k++ % most);
        for (int layer = 0; layer < layers; layer++)
        {
            for (int q = 0; q < n; q++)
            {
                c.RZ(q, Next()).RX(q, Next()).RZ(q, Next());
            }

            for (int q = 0; q < n; q++)
            {
                c.CNOT(q, (q + 1) % n);
            }
        }

        return c.Build();
    }

    private static void OneThread(BenchReport report, string name, Circuit circuit)
    {
        using GroupRunner runner = RunnerFactory.Create(circuit, Observable.EachZ(circuit.Qubits), SimulationPath.Automatic, Precision.Double, batched: false);
        using var state = new AlignedBuffer(runner.StateBytes);
        using var tape = new AlignedBuffer(runner.TapeBytes);
        double[] weights = circuit.RandomWeights(1), upstream = new double[circuit.Qubits], gradient = new double[circuit.WeightCount];
        Array.Fill(upstream, 1);
        runner.SetWeights(weights);
        runner.SetInputs([], 1);
        report.Compare($"{name}: forward and gradient", "us", Gradient, $"{name}: forward", () => runner.Forward(state), rounds: 7, minSeconds: 0.02);
        report.Add(new BenchRow($"{name}: state", "MiB", runner.StateBytes / 1048576.0, 0));
        report.Add(new BenchRow($"{name}: tape", "MiB", runner.TapeBytes / 1048576.0, 0));

        void Gradient()
        {
            runner.Forward(tape);
            runner.Backward(tape, upstream, [], gradient, []);
        }
    }

    private static void Batch(BenchReport report, string name, int n, int batch, int threads)
    {
        Circuit circuit = TeacherCircuit.Build("angle", "hardware-efficient", n, 10, n);
        using var engine = new StateVector(circuit, null, new StateVectorOptions { Threads = threads });
        double[] weights = circuit.RandomWeights(1), inputs = new double[batch * n], upstream = new double[batch * n], gradient = new double[circuit.WeightCount];
        Array.Fill(upstream, 1);
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i] = Math.Sin(i);
        }

        report.Compare(
            $"{name}: forward and gradient",
            "us",
            () => engine.ExpectationsAndVjp(weights, inputs, batch, upstream, gradient),
            $"{name}: forward",
            () => engine.Expectations(weights, inputs, batch),
            perCall: batch,
            rounds: 7,
            minSeconds: 0.02);
    }
}
