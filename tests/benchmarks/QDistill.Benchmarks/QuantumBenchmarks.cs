using QDistill.Quantum;

namespace QDistill.Benchmarks;

/// <summary>Figures of the quantum room: labelling throughput of the back ends.</summary>
internal static class QuantumBenchmarks
{
    public static void Run(BenchReport report)
    {
        Labelling(report);
    }

    /// <summary>Windows per second at 6 qubits × 3 layers.</summary>
    private static void Labelling(BenchReport report)
    {
        Circuit circuit = TeacherCircuit.Build("reuploading", "hardware-efficient", 6, 3, 6);
        double[] weights = circuit.RandomWeights(1);
        const int Windows = 20000, QSharpWindows = 2048;
        double[] inputs = new double[6 * Windows];
        var random = new Numerics.Philox(3);
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i] = random.NextDouble(-3, 3);
        }

        using var exact = new StateVectorBackend();
        using var sampled = new SampledBackend(1024, 1);
        using var qsharp = new QSharpBackend();
        Rate(report, "label statevector 6q x 3", Windows, () => exact.Evaluate(circuit, weights, inputs, Windows));
        Rate(report, "label sampled 1024 shots 6q x 3", Windows, () => sampled.Evaluate(circuit, weights, inputs, Windows));
        qsharp.Evaluate(circuit, weights, inputs.AsSpan(0, 6 * 512), 512);
        Rate(report, "label qsharp exact 6q x 3", QSharpWindows, () => qsharp.Evaluate(circuit, weights, inputs.AsSpan(0, 6 * QSharpWindows), QSharpWindows));
    }

    private static void Rate(BenchReport report, string name, int windows, Action action)
    {
        action();
        double[] rates = new double[5];
        for (int i = 0; i < rates.Length; i++)
        {
            long start = System.Diagnostics.Stopwatch.GetTimestamp();
            action();
            rates[i] = windows / System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        report.Add(new BenchRow(name, "windows/s", BenchReport.Quantile(rates, 0.5), BenchReport.Quantile(rates, 0.75) - BenchReport.Quantile(rates, 0.25)));
    }
}
