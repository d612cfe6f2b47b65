using System.Diagnostics;
using QDistill.Features;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Msgs.SensorMsgs;
using QDistill.Onboard;
using QDistill.Ros;

namespace QDistill.Benchmarks;

/// <summary>
/// The onboard path, paced as on a robot: a tight loop keeps caches and clocks warm and understates by far. Over DDS the node runs in a process of its own, and beside it the same work
/// written by hand in C++ over the same transport library and the same ONNX Runtime, asked in turn with it.
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
        report.Section("loopback", r => OnboardLoopback.Run(r, robot, model));
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
        foreach ((string label, double q) in new[] { ("p50", 0.5), ("p99", 0.99) })
        {
            report.Add(new BenchRow($"judgement and inference, paced at 100 Hz, {label}", "us", BenchReport.Quantile(paced, q), Spread(paced)));
        }
    }

    private static double Spread(double[] values) => BenchReport.Quantile(values, 0.75) - BenchReport.Quantile(values, 0.25);

    // Sleeps in whole milliseconds, which is near enough here.
    private static double[] Pace(int rate, double seconds, Func<int, double> act)
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
