using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using QDistill.Numerics;
using QDistill.Quantum;
using QDistill.Quantum.Simulation;

namespace QDistill.Benchmarks;

/// <summary>
/// Figures of the quantum room; figures of one thread are processor time. "warm" runs a prepared circuit again, "cold" gives it new angles each time; the per-gate path of the same run is the peer. Names: circuit,
/// qubits, precision, vector width.
/// </summary>
internal static class QuantumBenchmarks
{
    private static readonly SimulationPath Widest = Vector512.IsHardwareAccelerated ? SimulationPath.Compiled512 : SimulationPath.Compiled256;

    public static void Run(BenchReport report)
    {
        report.Section("states", States);
        report.Section("gradients", Gradients);
        report.Section("batching", Batching);
        report.Section("training", Training);
        report.Section("kernels", Kernels);
        report.Section("labelling", Labelling);
        report.Section("qsharp", QSharpLabelling);
        report.Section("growth", QuantumGrowth.Run);
    }

    private static void States(BenchReport report)
    {
        foreach (int n in new[] { 4, 6, 8, 10, 12, 14, 16 })
        {
            OneState(report, "qcbm", n, Qcbm(n));
        }

        foreach (int n in new[] { 6, 8, 10, 12 })
        {
            OneState(report, "ry-rz-cz", n, RyRzCz(n, 10));
            OneState(report, "zz-map", n, ZzMap(n));
        }
    }

    /// <summary>The circuit of quantum-benchmarks: 41n gates.</summary>
    private static Circuit Qcbm(int n)
    {
        var c = new CircuitBuilder(n);
        for (int q = 0; q < n; q++)
        {
            c.RX(q, c.NewWeight()).RZ(q, c.NewWeight());
        }

        Ring(c);
        for (int layer = 0; layer < 9; layer++)
        {
            for (int q = 0; q < n; q++)
            {
                c.RZ(q, c.NewWeight()).RX(q, c.NewWeight()).RZ(q, c.NewWeight());
            }

            Ring(c);
        }

        for (int q = 0; q < n; q++)
        {
            c.RZ(q, c.NewWeight()).RX(q, c.NewWeight());
        }

        return c.Build();
    }

    private static Circuit RyRzCz(int n, int layers)
    {
        var c = new CircuitBuilder(n);
        for (int layer = 0; layer < layers; layer++)
        {
            for (int q = 0; q < n; q++)
            {
                c.RY(q, c.NewWeight()).RZ(q, c.NewWeight());
            }

            for (int q = 0; q < n; q++)
            {
                c.CZ(q, (q + 1) % n);
            }
        }

        return c.Build();
    }

    /// <summary>Two repetitions of Hadamards, phases x_i and ZZ phases (π − x_i)(π − x_j), the angles being weights here.</summary>
    private static Circuit ZzMap(int n)
    {
        var c = new CircuitBuilder(n);
        for (int r = 0; r < 2; r++)
        {
            for (int q = 0; q < n; q++)
            {
                c.H(q).Phase(q, Angle.Weight(q, 2));
            }

            for (int a = 0; a < n; a++)
            {
                for (int b = a + 1; b < n; b++)
                {
                    c.CNOT(a, b).Phase(b, (Math.PI - Angle.Weight(a)) * (Math.PI - Angle.Weight(b)).Scale(2)).CNOT(a, b);
                }
            }
        }

        return c.Build();
    }

    /// <summary>Layers of RZ-RX-RZ and a ring behind an RX encoding, which can be repeated before each layer.</summary>
    private static Circuit Layered(int n, int layers, bool encode)
    {
        var c = new CircuitBuilder(n);
        for (int q = 0; q < n && encode; q++)
        {
            c.RX(q, Angle.Input(q));
        }

        for (int layer = 0; layer < layers; layer++)
        {
            for (int q = 0; q < n; q++)
            {
                c.RZ(q, c.NewWeight()).RX(q, c.NewWeight()).RZ(q, c.NewWeight());
            }

            Ring(c);
        }

        return c.Build();
    }

    private static void Ring(CircuitBuilder c)
    {
        for (int q = 0; q < c.Qubits; q++)
        {
            c.CNOT(q, (q + 1) % c.Qubits);
        }
    }

    private static void OneState(BenchReport report, string name, int n, Circuit circuit)
    {
        // The per-gate path has samples in its lanes: its time is per circuit and lane.
        using var plain = new Prepared(circuit, SimulationPath.GateByGate, Precision.Double, batched: true);
        foreach ((SimulationPath path, Precision precision) in Variants())
        {
            using var fast = new Prepared(circuit, path, precision, batched: false);
            string label = $"{name} n={n} {(precision == Precision.Double ? "f64" : "f32")} {(path == SimulationPath.Compiled512 ? 512 : 256)}";
            string peer = $"{name} n={n} per gate f64";
            double warm = Ratio(report, label + " warm", fast.Forward, peer, plain.Forward, plain.Lanes);
            double cold = Ratio(report, label + " cold", fast.Renewed, peer, plain.Renewed, plain.Lanes);
            report.Add(new BenchRow(label + " per gate warm", "ns", warm / circuit.Gates.Length * 1e9, 0));
            report.Add(new BenchRow(label + " per gate cold", "ns", cold / circuit.Gates.Length * 1e9, 0));
        }
    }

    private static IEnumerable<(SimulationPath Path, Precision Precision)> Variants() =>
        from path in new[] { Widest, SimulationPath.Compiled256 }.Distinct()
        from precision in new[] { Precision.Double, Precision.Single }
        select (path, precision);

    /// <summary>Times alternately; the peer does <paramref name="peerLanes"/> circuits a call. Returns the subject's seconds.</summary>
    private static double Ratio(BenchReport report, string name, Action subject, string peerName, Action peer, int peerLanes)
    {
        const int Rounds = 9;
        int a = Calls(subject), b = Calls(peer);
        double[] s = new double[Rounds], r = new double[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            s[i] = Seconds(subject, a);
            r[i] = s[i] / (Seconds(peer, b) / peerLanes);
        }

        double median = BenchReport.Quantile(s, 0.5);
        report.Add(new BenchRow(name, "us", median * 1e6, (BenchReport.Quantile(s, 0.75) - BenchReport.Quantile(s, 0.25)) * 1e6, peerName, BenchReport.Quantile(r, 0.5)));
        return median;
    }

    private static int Calls(Action action)
    {
        // The first calls pay for compilation.
        action();
        action();
        for (int calls = 1; ; calls *= 2)
        {
            if (Seconds(action, calls) * calls > 0.01)
            {
                return calls;
            }
        }
    }

    /// <summary>Processor time of this thread for one call: wall-clock time says nothing on a machine that others use.</summary>
    private static double Seconds(Action action, int calls)
    {
        double start = ThreadSeconds();
        for (int i = 0; i < calls; i++)
        {
            action();
        }

        return (ThreadSeconds() - start) / calls;
    }

    private static double ThreadSeconds()
    {
        const int ThreadCpuTime = 3;
        _ = ClockGetTime(ThreadCpuTime, out TimeSpec t);
        return t.Seconds + (t.Nanoseconds * 1e-9);
    }

    [DllImport("libc", EntryPoint = "clock_gettime")]
    private static extern int ClockGetTime(int clock, out TimeSpec time);

    /// <summary>The full gradient against the forward run: 10 layers of RZ-RX-RZ and a ring.</summary>
    private static void Gradients(BenchReport report)
    {
        foreach (int n in new[] { 8, 10, 12 })
        {
            foreach ((bool encode, bool batched, Precision precision) in new[] { (false, false, Precision.Double), (true, true, Precision.Double), (true, true, Precision.Single) })
            {
                Circuit circuit = Layered(n, 10, encode);
                using var job = new Prepared(circuit, SimulationPath.Automatic, precision, batched);
                string what = $"n={n} {(batched ? "batched" : "single")} {(precision == Precision.Double ? "f64" : "f32")}";
                Ratio(report, $"forward and gradient of weights {what}", () => job.Gradient(inputs: false), $"forward {what}", job.Forward, 1);
                if (encode)
                {
                    Ratio(report, $"forward and gradient of weights and inputs {what}", () => job.Gradient(inputs: true), $"forward {what}", job.Forward, 1);
                }
            }
        }

        foreach (int layers in new[] { 2, 20 })
        {
            using var job = new Prepared(Layered(10, layers, false), SimulationPath.Automatic, Precision.Double, batched: false);
            Ratio(report, $"forward and gradient n=10, {layers * 30} weights", () => job.Gradient(inputs: false), $"forward n=10, {layers} layers", job.Forward, 1);
        }
    }

    /// <summary>One sample per vector lane against one sample at a time, per sample.</summary>
    private static void Batching(BenchReport report)
    {
        foreach (int n in new[] { 4, 6, 8, 10, 12 })
        {
            Circuit circuit = Layered(n, 3, encode: true);
            using var one = new Prepared(circuit, SimulationPath.Automatic, Precision.Double, batched: false);
            using var many = new Prepared(circuit, SimulationPath.Automatic, Precision.Double, batched: true);
            Ratio(report, $"one sample at a time n={n}, 3 layers", one.WithInputs, $"batched n={n}, per sample", many.WithInputs, many.Lanes);
        }
    }

    /// <summary>15 qubits, 10 layers, 450 weights, batch 64, forward, adjoint and Adam, on all processors.</summary>
    private static void Training(BenchReport report)
    {
        Circuit circuit = Layered(15, 10, encode: true);
        foreach (Precision precision in Enum.GetValues<Precision>())
        {
            using var engine = new StateVector(circuit, null, new StateVectorOptions { Precision = precision });
            double[] w = circuit.RandomWeights(1), g = new double[w.Length], m = new double[w.Length], v = new double[w.Length], x = Numbers(64 * 15, 3), e = Numbers(64 * 15, 4);
            double[] t = new double[15];
            engine.ExpectationsAndVjp(w, x, 64, e, g);
            for (int i = 0; i < t.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                engine.ExpectationsAndVjp(w, x, 64, e, g);
                for (int k = 0; k < w.Length; k++)
                {
                    m[k] = (0.9 * m[k]) + (0.1 * g[k]);
                    v[k] = (0.999 * v[k]) + (0.001 * g[k] * g[k]);
                    w[k] -= 0.01 * m[k] / (Math.Sqrt(v[k]) + 1e-8);
                }

                t[i] = Stopwatch.GetElapsedTime(start).TotalSeconds * 350;
            }

            report.Add(new BenchRow($"350 iterations n=15, 450 weights, batch 64, {precision}", "s", BenchReport.Quantile(t, 0.5), BenchReport.Quantile(t, 0.75) - BenchReport.Quantile(t, 0.25)));
        }
    }

    /// <summary>A Gram matrix of 2,000 samples at 8 qubits on all processors (wall-clock time).</summary>
    private static void Kernels(BenchReport report)
    {
        using var kernel = new FidelityKernel(TeacherCircuit.Build("zz", "no-entanglement", 8, 0, 8));
        double[] x = Numbers(8 * 2000, 5), t = new double[3];
        kernel.Gram(x.AsSpan(0, 80), 10);
        for (int i = 0; i < t.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            kernel.Gram(x, 2000);
            t[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        report.Add(new BenchRow("gram 2000 x 2000, zz, n=8", "s", BenchReport.Quantile(t, 0.5), BenchReport.Quantile(t, 0.75) - BenchReport.Quantile(t, 0.25)));
    }

    /// <summary>Windows per second at 6 qubits × 3 layers.</summary>
    private static void Labelling(BenchReport report)
    {
        Circuit circuit = TeacherCircuit.Build("reuploading", "hardware-efficient", 6, 3, 6);
        double[] weights = circuit.RandomWeights(1);
        const int Windows = 100000;
        double[] inputs = Numbers(6 * Windows, 3);
        using var exact = new StateVectorBackend();
        using var sampled = new SampledBackend(1024, 1);
        Rate(report, "label statevector 6q x 3", Windows, () => exact.Evaluate(circuit, weights, inputs, Windows));
        Rate(report, "label sampled 1024 shots 6q x 3", Windows, () => sampled.Evaluate(circuit, weights, inputs, Windows));
        using var oneThread = new SampledBackend(1024, 1, new StateVectorOptions { Threads = 1 });
        using var exactOneThread = new StateVectorBackend(new StateVectorOptions { Threads = 1 });
        PerWindow(report, "label statevector 6q x 3, one thread", () => exactOneThread.Evaluate(circuit, weights, inputs.AsSpan(0, 6 * 10000), 10000));
        PerWindow(report, "label sampled 1024 shots 6q x 3, one thread", () => oneThread.Evaluate(circuit, weights, inputs.AsSpan(0, 6 * 10000), 10000));
    }

    /// <summary>Exact windows per second of Q# at 6 qubits × 3 layers, in requests as large as the labeller's, and of the Q# program of the circuit's name in alternating rounds.</summary>
    private static void QSharpLabelling(BenchReport report)
    {
        Circuit circuit = TeacherCircuit.Build("reuploading", "hardware-efficient", 6, 3, 6);
        const int Windows = 4096, Rounds = 9;
        double[] weights = circuit.RandomWeights(1), inputs = Numbers(6 * Windows, 3), rates = new double[Rounds], named = new double[Rounds], ratios = new double[Rounds];
        using var qsharp = new QSharpBackend();
        for (int round = -1; round < Rounds; round++)
        {
            double straight = WallSeconds(() => qsharp.Evaluate(circuit, weights, inputs, Windows)), byName = WallSeconds(() => qsharp.States(circuit, weights, inputs, Windows));
            if (round >= 0)
            {
                (rates[round], named[round], ratios[round]) = (Windows / straight, Windows / byName, byName / straight);
            }
        }

        report.Add(new BenchRow("label qsharp exact 6q x 3", "windows/s", BenchReport.Quantile(rates, 0.5), BenchReport.Quantile(rates, 0.75) - BenchReport.Quantile(rates, 0.25)));
        report.Add(new BenchRow("label qsharp exact 6q x 3, best round", "windows/s", rates.Max(), 0));
        report.Add(new BenchRow("label qsharp exact 6q x 3, program of the name", "windows/s", BenchReport.Quantile(named, 0.5), BenchReport.Quantile(named, 0.75) - BenchReport.Quantile(named, 0.25)));
        report.Add(new BenchRow("label qsharp exact 6q x 3, named program / gates in a row", "x", BenchReport.Quantile(ratios, 0.5), BenchReport.Quantile(ratios, 0.75) - BenchReport.Quantile(ratios, 0.25)));
    }

    /// <summary>Processor time of 10,000 windows, per window.</summary>
    private static void PerWindow(BenchReport report, string name, Action action)
    {
        action();
        double[] t = new double[5];
        for (int i = 0; i < t.Length; i++)
        {
            t[i] = Seconds(action, 1) / 10000 * 1e6;
        }

        report.Add(new BenchRow(name, "us", BenchReport.Quantile(t, 0.5), BenchReport.Quantile(t, 0.75) - BenchReport.Quantile(t, 0.25)));
    }

    private static void Rate(BenchReport report, string name, int windows, Action action)
    {
        action();
        double[] rates = new double[5];
        for (int i = 0; i < rates.Length; i++)
        {
            rates[i] = windows / WallSeconds(action);
        }

        report.Add(new BenchRow(name, "windows/s", BenchReport.Quantile(rates, 0.5), BenchReport.Quantile(rates, 0.75) - BenchReport.Quantile(rates, 0.25)));
    }

    private static double WallSeconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double[] Numbers(int count, ulong seed)
    {
        var random = new Philox(seed);
        double[] v = new double[count];
        for (int i = 0; i < count; i++)
        {
            v[i] = random.NextDouble(-3, 3);
        }

        return v;
    }

    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);

    /// <summary>One runner on one thread with weights, inputs and buffers of its own.</summary>
    private sealed class Prepared : IDisposable
    {
        private readonly GroupRunner runner;
        private readonly AlignedBuffer state;
        private readonly AlignedBuffer tape;
        private readonly double[][] weights = new double[4][];
        private readonly double[] inputs;
        private readonly double[] upstream;
        private readonly double[] weightGradient;
        private readonly double[] inputGradient;
        private int turn;

        public Prepared(Circuit circuit, SimulationPath path, Precision precision, bool batched)
        {
            runner = RunnerFactory.Create(circuit, Observable.EachZ(circuit.Qubits), path, precision, batched);
            state = new AlignedBuffer(runner.StateBytes);
            tape = new AlignedBuffer(runner.TapeBytes);
            for (int i = 0; i < weights.Length; i++)
            {
                weights[i] = Numbers(circuit.WeightCount, (ulong)i);
            }

            inputs = Numbers(circuit.InputCount * Lanes, 9);
            upstream = Numbers(circuit.Qubits * Lanes, 8);
            weightGradient = new double[circuit.WeightCount];
            inputGradient = new double[inputs.Length];
            runner.SetWeights(weights[0]);
            runner.SetInputs(inputs, Lanes);
        }

        public int Lanes => runner.Lanes;

        public void Forward() => runner.Forward(state);

        public void WithInputs()
        {
            runner.SetInputs(inputs, Lanes);
            runner.Forward(state);
        }

        public void Renewed()
        {
            runner.SetWeights(weights[turn++ & 3]);
            runner.Forward(state);
        }

        public void Gradient(bool inputs)
        {
            runner.Forward(tape);
            runner.Backward(tape, upstream, [], weightGradient, inputs ? inputGradient : []);
        }

        public void Dispose()
        {
            runner.Dispose();
            state.Dispose();
            tape.Dispose();
        }
    }
}
