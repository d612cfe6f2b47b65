using System.Diagnostics;
using QDistill.Features;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Msgs.SensorMsgs;
using QDistill.Onboard;
using QDistill.Ros;

namespace QDistill.Benchmarks;

/// <summary>
/// The onboard path, paced as on a robot: a tight loop keeps caches and clocks warm and understates by far. Over DDS the node runs in a process of its own, and beside it the same work
/// written by hand in C++ over the same transport library and the same ONNX Runtime, asked in alternate rounds.
/// </summary>
internal static class OnboardBenchmarks
{
    private static readonly string Robot = Path.Combine("robots", "simulated_agv.yaml");

    public static void Run(BenchReport report)
    {
        using var folder = new BenchFolder();
        RobotConfig robot = RobotConfig.Load(Robot);
        string model = BenchModel.Write(folder.Path, robot);
        report.Section("fusion", r =>
        {
            Fusion(r, robot);
            Vision(r);
        });
        report.Section("process", r => InProcess(r, robot, model));
        report.Section("start", r => OnboardStart.Run(r, model));
        report.Section("loopback", r => OverLoopback(r, robot, model));
        report.Section("awake", r => OnboardAwake.Run(r, robot, model));
    }

    private static void Fusion(BenchReport report, RobotConfig robot)
    {
        long now = Clock.System.Now;
        int vectors = 0;
        var extractor = new FeatureExtractor(robot, _ => vectors++);
        int source = extractor.SourceOfTopic(robot.Source(SourceRole.Scan)!.Topic);
        var scan = new LaserScan { AngleMin = -MathF.PI, AngleMax = MathF.PI, AngleIncrement = 2 * MathF.PI / 360, RangeMin = 0.1f, RangeMax = 10 };
        scan.Ranges.Resize(360);
        for (int i = 0; i < 360; i++)
        {
            scan.Ranges[i] = 2 + MathF.Sin(i * 0.1f);
        }

        byte[] bytes = Cdr.Serialize(scan);
        report.Time("scan of 360 beams (serialized) to features", "us", () =>
        {
            now += 100_000_000;

            // The stamp's place in the payload: seconds and nanoseconds after the encapsulation header.
            BitConverter.TryWriteBytes(bytes.AsSpan(4), (int)(now / 1_000_000_000));
            BitConverter.TryWriteBytes(bytes.AsSpan(8), (uint)(now % 1_000_000_000));
            extractor.OnSerialized(source, bytes, now);
        });
        if (vectors == 0)
        {
            throw new InvalidOperationException("no features were formed");
        }
    }

    private static void Vision(BenchReport report)
    {
        var vision = new FeatureExtractor(RobotConfig.Parse("name: camera\nsources:\n  image: {topic: /image}\n"));
        long now = 1_000_000_000;
        int turn = 0;
        Image[] images = [FeaturesBenchmarks.Picture("mono8", 1, 1, 0), FeaturesBenchmarks.Picture("mono8", 1, 1.01, 1.5)];
        report.Time("image (640x480 mono8) to features", "us", () =>
        {
            Image image = images[turn ^= 1];
            now += 33_000_000;
            image.Header.Stamp.SetNanoseconds(now);
            vision.OnMessage(0, image, now);
        });
    }

    private static void InProcess(BenchReport report, RobotConfig robot, string path)
    {
        using var predictor = new RiskPredictor(new RiskOptions());
        predictor.Install(OnnxRiskModel.Load(path));
        predictor.Start(Clock.Steady.Now);
        (float[] values, byte[] validity) = Vector(robot);
        void Judge()
        {
            long now = Clock.System.Now;
            predictor.Judge(values, validity, robot.Schema.Id, now, now, Clock.Steady.Now);
        }

        using IRiskModel alone = OnnxRiskModel.Load(path);
        float[] violations = new float[alone.Info.Constraints.Count];
        report.Compare("judgement and inference, tight loop", "us", Judge, "the model alone, tight loop", () => alone.Predict(values, violations, out _, out _));
        if (predictor.Status != PredictionStatus.Ok)
        {
            throw new InvalidOperationException($"the model answered {predictor.Fault}");
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++)
        {
            Judge();
        }

        report.Add(new BenchRow("managed allocation per prediction, in process", "B", (GC.GetAllocatedBytesForCurrentThread() - before) / 10_000.0, 0));
        double[] paced = Pace(100, 4, i =>
        {
            long start = Stopwatch.GetTimestamp();
            Judge();
            return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        });
        Percentiles(report, "judgement and inference, paced at 100 Hz", [paced]);
    }

    private static void OverLoopback(BenchReport report, RobotConfig robot, string model)
    {
        int domain = 101 + (Environment.ProcessId % 100);
        using var context = new RosContext(RosContextOptions.Loopback(domain));
        using var cpp = OnboardPeer.Cpp(context, domain, model, robot);
        using var jit = OnboardPeer.Jit(context, domain, model, robot);
        using OnboardPeer? native = OnboardPeer.Native(context, domain, model, robot);
        OnboardPeer flown = native ?? jit;
        OnboardPeer[] all = native is null ? [cpp, jit] : [cpp, jit, native];
        var spinner = new Thread(() => context.Spin());
        spinner.Start();
        try
        {
            foreach (OnboardPeer p in all)
            {
                p.AwaitMatch();
            }

            foreach ((int rate, int rounds, double seconds) in new[] { (20, 2, 4.0), (100, 5, 4.0), (1000, 5, 1.5) })
            {
                List<double[]>[] measured = [.. all.Select(_ => new List<double[]>())];
                List<double>[] processor = [.. all.Select(_ => new List<double>())];
                flown.Latencies.Clear();
                for (int i = 0; i < rounds; i++)
                {
                    for (int p = 0; p < all.Length; p++)
                    {
                        double before = OnboardStart.ProcessorMilliseconds(all[p].ProcessId);
                        measured[p].Add(all[p].Measure(rate, seconds));
                        processor[p].Add((OnboardStart.ProcessorMilliseconds(all[p].ProcessId) - before) * 1e3 / measured[p][^1].Length);
                    }
                }

                string peerName = $"features to prediction, two processes, {rate} Hz, C++ peer";
                for (int p = 1; p < all.Length; p++)
                {
                    Percentiles(report, $"features to prediction, two processes, {rate} Hz, {all[p].Name}", measured[p], peerName, measured[0], withPeerRow: p == 1);
                }

                // What the process costs the machine, DDS's own threads and the node's diagnostics included: a busy machine changes it little.
                string costName = $"processor time per prediction, {rate} Hz, C++ peer";
                report.Add(new BenchRow(costName, "us", BenchReport.Quantile([.. processor[0]], 0.5), Spread([.. processor[0]])));
                for (int p = 1; p < all.Length; p++)
                {
                    double[] ratios = [.. processor[p].Zip(processor[0], (own, other) => own / other)];
                    report.Add(new BenchRow($"processor time per prediction, {rate} Hz, {all[p].Name}", "us", BenchReport.Quantile([.. processor[p]], 0.5), Spread([.. processor[p]]), costName, BenchReport.Quantile(ratios, 0.5)));
                }

                Stage(report, rate, "queue (one way over DDS, and waiting)", flown.Latencies, l => l.Queue);
                Stage(report, rate, "inference (checks and model)", flown.Latencies, l => l.Inference);
                Stage(report, rate, "publish (risk, violations, alarm)", flown.Latencies, l => l.Publish);
                report.Add(new BenchRow($"predictions lost at {rate} Hz", "1", all.Skip(1).Sum(p => p.Lost), 0));
            }
        }
        finally
        {
            context.Shutdown();
            spinner.Join();
        }
    }

    private static void Stage(BenchReport report, int rate, string name, List<(double Queue, double Inference, double Publish)> all, Func<(double Queue, double Inference, double Publish), double> pick)
    {
        double[] values = [.. all.Select(pick)];
        report.Add(new BenchRow($"{name}, p50, {rate} Hz", "us", BenchReport.Quantile(values, 0.5), Spread(values)));
        report.Add(new BenchRow($"{name}, p99, {rate} Hz", "us", BenchReport.Quantile(values, 0.99), 0));
    }

    // Median over the rounds of each round's percentile; spread and ratio likewise by round.
    private static void Percentiles(BenchReport report, string name, List<double[]> rounds, string? peerName = null, List<double[]>? peer = null, bool withPeerRow = true)
    {
        foreach ((string label, double q) in new[] { ("p50", 0.5), ("p99", 0.99) })
        {
            double[] own = [.. rounds.Select(r => BenchReport.Quantile(r, q))];
            if (peer is null)
            {
                report.Add(new BenchRow($"{name}, {label}", "us", BenchReport.Quantile(own, 0.5), Spread(own)));
                continue;
            }

            double[] other = [.. peer.Select(r => BenchReport.Quantile(r, q))];
            double[] ratio = [.. own.Zip(other, (a, b) => a / b)];
            if (withPeerRow)
            {
                report.Add(new BenchRow($"{peerName}, {label}", "us", BenchReport.Quantile(other, 0.5), Spread(other)));
            }

            report.Add(new BenchRow($"{name}, {label}", "us", BenchReport.Quantile(own, 0.5), Spread(own), $"{peerName}, {label}", BenchReport.Quantile(ratio, 0.5)));
        }
    }

    private static double Spread(double[] values) => BenchReport.Quantile(values, 0.75) - BenchReport.Quantile(values, 0.25);

    internal static double[] Pace(int rate, double seconds, Func<int, double> act)
    {
        double[] results = new double[(int)(rate * seconds)];
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < results.Length; i++)
        {
            TimeSpan left = TimeSpan.FromSeconds((double)i / rate) - Stopwatch.GetElapsedTime(start);
            if (left > TimeSpan.Zero)
            {
                Thread.Sleep(left);
            }

            results[i] = act(i);

            // A machine that cannot keep the pace gives fewer figures, not a bench without end.
            if (Stopwatch.GetElapsedTime(start).TotalSeconds > (1.5 * seconds) + 1)
            {
                return results[..(i + 1)];
            }
        }

        return results;
    }

    internal static (float[] Values, byte[] Validity) Vector(RobotConfig robot)
    {
        float[] values = new float[robot.Schema.Count];
        byte[] validity = new byte[(values.Length + 7) / 8];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = MathF.Sin(i);
            validity[i >> 3] |= (byte)(1 << (i & 7));
        }

        return (values, validity);
    }

    private sealed class BenchFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("qdistill-bench-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
