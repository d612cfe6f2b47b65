using System.Diagnostics;
using QDistill.Features;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Msgs.SensorMsgs;
using QDistill.Onboard;
using QDistill.Ros;

namespace QDistill.Benchmarks;

/// <summary>
/// The onboard path, paced as on a robot: a tight loop keeps caches and clocks warm and understates by far. Over DDS the node runs in a process of its own, and beside it
/// one that only echoes, so that the difference is what judging costs.
/// </summary>
internal static class OnboardBenchmarks
{
    private static readonly string Robot = Path.Combine("robots", "simulated_agv.yaml");

    public static void Run(BenchReport report)
    {
        using var folder = new BenchFolder();
        RobotConfig robot = RobotConfig.Load(Robot);
        string model = BenchModel.Write(folder.Path, robot);
        Fusion(report, robot);
        InProcess(report, robot, model);
        OverLoopback(report, robot, model);
    }

    /// <summary>The other process: <c>qdistill-bench onboard-peer DOMAIN risk|echo MODEL</c>; ends with its standard input.</summary>
    public static int Peer(string[] args)
    {
        using var context = new RosContext(RosContextOptions.Loopback(int.Parse(args[1])));
        using var end = new CancellationTokenSource();
        var watch = new Thread(() =>
        {
            Console.In.ReadToEnd();
            end.Cancel();
        })
        { IsBackground = true };
        watch.Start();
        if (args[2] == "echo")
        {
            Node node = context.CreateNode("echo");
            Publisher<CollisionRisk> output = node.CreatePublisher<CollisionRisk>("~/output/collision_risk", QoSProfile.Default);
            var answer = new CollisionRisk { ModelId = "echo" };
            node.CreateSubscription<FusedFeatures>("~/input/features", QoSProfile.Default, (m, _) =>
            {
                (answer.Header.Stamp.Sec, answer.Header.Stamp.Nanosec) = (m.Header.Stamp.Sec, m.Header.Stamp.Nanosec);
                output.Publish(answer);
            });
            Console.WriteLine("ready");
            context.Spin(end.Token);
            return 0;
        }

        using var risk = new RiskInferenceNode(context, new RiskInferenceOptions { Model = args[3], QoS = new() { InputReliable = true }, Risk = new() { InputTimeout = 60_000_000_000 } });
        risk.Configure();
        risk.Activate();
        Console.WriteLine("ready");
        context.Spin(end.Token);
        return 0;
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
        using var risk = new Peering(context, domain, "risk", "risk_inference", model, robot);
        using var echo = new Peering(context, domain, "echo", "echo", model, robot);
        var spinner = new Thread(() => context.Spin());
        spinner.Start();
        try
        {
            risk.AwaitMatch();
            echo.AwaitMatch();
            foreach ((int rate, int rounds, double seconds) in new[] { (20, 2, 4.0), (100, 5, 4.0), (1000, 5, 2.0) })
            {
                var subject = new List<double[]>();
                var peer = new List<double[]>();
                risk.Latencies.Clear();
                for (int i = 0; i < rounds; i++)
                {
                    subject.Add(risk.Measure(rate, seconds));
                    peer.Add(echo.Measure(rate, seconds));
                }

                string name = $"features to prediction and back, two processes, {rate} Hz";
                Percentiles(report, name, subject, $"echo, two processes, {rate} Hz", peer);
                Stage(report, rate, "queue (one way over DDS, and waiting)", risk.Latencies, l => l.Queue);
                Stage(report, rate, "inference (checks and model)", risk.Latencies, l => l.Inference);
                Stage(report, rate, "publish (risk, violations, alarm)", risk.Latencies, l => l.Publish);
                report.Add(new BenchRow($"predictions lost at {rate} Hz", "1", risk.Lost, 0));
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
    private static void Percentiles(BenchReport report, string name, List<double[]> rounds, string? peerName = null, List<double[]>? peer = null)
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
            report.Add(new BenchRow($"{peerName}, {label}", "us", BenchReport.Quantile(other, 0.5), Spread(other)));
            report.Add(new BenchRow($"{name}, {label}", "us", BenchReport.Quantile(own, 0.5), Spread(own), $"{peerName}, {label}", BenchReport.Quantile(ratio, 0.5)));
        }
    }

    private static double Spread(double[] values) => BenchReport.Quantile(values, 0.75) - BenchReport.Quantile(values, 0.25);

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

    private static (float[] Values, byte[] Validity) Vector(RobotConfig robot)
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

    /// <summary>One other process, and the means to ask it.</summary>
    private sealed class Peering : IDisposable
    {
        private readonly Process process;
        private readonly Publisher<FusedFeatures> features;
        private readonly Subscription<CollisionRisk> answers;
        private readonly FusedFeatures message = new();
        private long answeredStamp;
        private long answeredAt;
        private volatile int answered;

        public Peering(RosContext context, int domain, string kind, string node, string model, RobotConfig robot)
        {
            process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [typeof(OnboardBenchmarks).Assembly.Location, "onboard-peer", $"{domain}", kind, model])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
            (float[] values, byte[] validity) = Vector(robot);
            message.SchemaId = robot.Schema.Id;
            message.Header.FrameId = robot.BaseFrame;
            message.Values.Assign(values);
            message.Validity.Assign(validity);
            Node asker = context.CreateNode("asks_" + kind);
            features = asker.CreatePublisher<FusedFeatures>($"/{node}/input/features", QoSProfile.Default);
            answers = asker.CreateSubscription<CollisionRisk>($"/{node}/output/collision_risk", QoSProfile.Default, (m, _) =>
            {
                answeredAt = Clock.Steady.Now;
                answeredStamp = m.Header.Stamp.ToNanoseconds();
                answered++;
            });
            asker.CreateSubscription<InferenceLatency>($"/{node}/debug/latency", QoSProfile.Default, (m, _) =>
            {
                lock (Latencies)
                {
                    Latencies.Add((m.Queue.ToNanoseconds() / 1e3, m.Inference.ToNanoseconds() / 1e3, m.Publish.ToNanoseconds() / 1e3));
                }
            });
        }

        public List<(double Queue, double Inference, double Publish)> Latencies { get; } = [];

        public int Lost { get; private set; }

        public void AwaitMatch()
        {
            string? line = process.StandardOutput.ReadLine();
            if (line != "ready")
            {
                throw new InvalidOperationException($"the other process said '{line}'");
            }

            for (int i = 0; i < 100 && (features.MatchedCount == 0 || answers.MatchedCount == 0); i++)
            {
                Thread.Sleep(100);
            }

            Measure(200, 1); // warms both sides
            Lost = 0;
        }

        /// <summary>Round trips [us] of one round.</summary>
        public double[] Measure(int rate, double seconds)
        {
            double[] all = Pace(rate, seconds, _ =>
            {
                int before = answered;
                long stamp = Clock.System.Now;
                message.Header.Stamp.SetNanoseconds(stamp);
                long start = Clock.Steady.Now;
                features.Publish(message);
                long limit = start + 1_000_000_000;
                while (answered == before && Clock.Steady.Now < limit)
                {
                    // Gives the processor away, as there may be fewer of them than threads at work; the answer's time is taken where it arrives.
                    Thread.Sleep(TimeSpan.FromMicroseconds(50));
                }

                return answered != before && answeredStamp == stamp ? (answeredAt - start) / 1e3 : double.NaN;
            });
            Lost += all.Count(double.IsNaN);
            return [.. all.Where(double.IsFinite)];
        }

        public void Dispose()
        {
            process.StandardInput.Close();
            if (!process.WaitForExit(5000))
            {
                process.Kill();
            }

            process.Dispose();
        }
    }

    private sealed class BenchFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("qdistill-bench-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
