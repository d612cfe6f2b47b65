using System.Diagnostics;
using QDistill.Configuration;
using QDistill.Features;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Onboard;
using QDistill.Ros;

namespace QDistill.Benchmarks;

/// <summary>
/// One other process that answers features with predictions, and the means to ask it. All on the thread that asks: it waits in the wait set, so that no thread of this process stands in the
/// way of the other's, neither one that looks for the answer nor one that has to be woken by another.
/// </summary>
internal sealed class OnboardPeer : IDisposable
{
    private static readonly string CppPeer = Path.Combine("artifacts", "interop", "onboard_peer");

    private readonly RosContext context;
    private readonly Process process;
    private readonly Node asker;
    private readonly Publisher<FusedFeatures> features;
    private readonly Subscription<CollisionRisk> answers;
    private readonly FusedFeatures message = new();
    private long answeredStamp;
    private long answeredAt;
    private int answered;

    private OnboardPeer(string name, RosContext context, ProcessStartInfo start, string node, RobotConfig robot)
    {
        Name = name;
        this.context = context;
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        process = Process.Start(start)!;
        (float[] values, byte[] validity) = OnboardBenchmarks.Vector(robot);
        message.SchemaId = robot.Schema.Id;
        message.Header.FrameId = robot.BaseFrame;
        message.Values.Assign(values);
        message.Validity.Assign(validity);
        asker = context.CreateNode("asks_" + node);
        features = asker.CreatePublisher<FusedFeatures>($"/{node}/input/features", QoSProfile.Default);
        answers = asker.CreateSubscription<CollisionRisk>($"/{node}/output/collision_risk", QoSProfile.Default, (m, _) =>
        {
            answeredAt = Clock.Steady.Now;
            answeredStamp = m.Header.Stamp.ToNanoseconds();
            answered++;
        });
        asker.CreateSubscription<InferenceLatency>(
            $"/{node}/debug/latency",
            QoSProfile.Default,
            (m, _) => Latencies.Add((m.Queue.ToNanoseconds() / 1e3, m.Inference.ToNanoseconds() / 1e3, m.Publish.ToNanoseconds() / 1e3)));
    }

    /// <summary>What it is, for the report.</summary>
    public string Name { get; }

    /// <summary>The stages that the node itself measured [us].</summary>
    public List<(double Queue, double Inference, double Publish)> Latencies { get; } = [];

    /// <summary>Features that were not answered within a second.</summary>
    public int Lost { get; private set; }

    /// <summary>The process's id.</summary>
    public int ProcessId => process.Id;

    /// <summary>The same work by hand in C++.</summary>
    public static OnboardPeer Cpp(RosContext context, int domain, string model, RobotConfig robot, RealTimeOptions? realTime = null)
    {
        if (!File.Exists(CppPeer))
        {
            throw new UserErrorException("is missing", CppPeer, "run 'make setup-test'");
        }

        string engine = Directory.EnumerateFiles(Path.Combine("node_modules", "onnxruntime-node", "bin"), "libonnxruntime.so.1", SearchOption.AllDirectories)
            .First(f => f.Contains(System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "/arm64/" : "/x64/", StringComparison.Ordinal));

        // A copy of its own, as a published node has: programs that map one file find it in the processor's caches when another has just run it.
        string copy = Path.Combine(Path.GetDirectoryName(model)!, "libonnxruntime.so.1");
        if (!File.Exists(copy))
        {
            File.Copy(engine, copy);
        }

        string[] awake = realTime is null ? [] : [$"{realTime.BusyPoll}", $"{realTime.KeepWarm:F0}"];
        return new OnboardPeer("C++", context, new ProcessStartInfo(CppPeer, [$"{domain}", copy, model, $"{robot.Schema.Count}", $"{robot.Constraints.Count}", .. awake]), "risk_peer", robot);
    }

    /// <summary>The node, just-in-time compiled, in a process of this program.</summary>
    public static OnboardPeer Jit(RosContext context, int domain, string model, RobotConfig robot, RealTimeOptions? realTime = null) =>
        new("JIT", context, new ProcessStartInfo(Environment.ProcessPath!, [typeof(OnboardPeer).Assembly.Location, "onboard-peer", $"{domain}", model, $"{realTime?.BusyPoll ?? 0}", $"{realTime?.KeepWarm ?? 0:F0}"]), "risk_jit", robot);

    /// <summary>The node as a native binary, where it has been published.</summary>
    public static OnboardPeer? Native(RosContext context, int domain, string model, RobotConfig robot, RealTimeOptions? realTime = null)
    {
        string binary = Path.Combine(OnboardStart.Folder, "aot", "qdistill-onboard");
        if (!File.Exists(binary))
        {
            return null;
        }

        string parameters = Path.Combine(Path.GetDirectoryName(model)!, "risk_inference.param.yaml");
        File.WriteAllText(parameters, $"risk_inference:\n  ros__parameters:\n    model: {model}\n    watchdog: {{input_timeout: 60.0}}\n    qos: {{input_reliability: reliable}}\n    real_time: {{busy_poll_us: {realTime?.BusyPoll ?? 0}, keep_warm_rate: {realTime?.KeepWarm ?? 0:F1}}}\n");
        var start = new ProcessStartInfo(Path.GetFullPath(binary), ["risk_inference", "--ros-args", "--params-file", parameters]);
        OnboardStart.OnLoopback(start, domain);
        return new OnboardPeer("NativeAOT", context, start, "risk_inference", robot);
    }

    /// <summary>The other process: <c>qdistill-bench onboard-peer DOMAIN MODEL BUSY_POLL_US KEEP_WARM_HZ</c>; ends with its standard input. Writes its figures when it ends.</summary>
    public static int Serve(string[] args)
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
        CountedModel? counted = null;
        var options = new RiskInferenceOptions { Model = args[2], QoS = new() { InputReliable = true }, Risk = new() { InputTimeout = 60_000_000_000 } };
        options = options with { Operation = new() { RealTime = new() { BusyPoll = int.Parse(args[3]), KeepWarm = int.Parse(args[4]) } } };
        using var risk = new RiskInferenceNode(context, options, path => counted = new CountedModel(OnnxRiskModel.Load(path)), new NodeStart("risk_jit"));
        risk.Configure();
        risk.Activate();
        Console.WriteLine("active");
        int before = GC.CollectionCount(0);
        context.Spin(end.Token);
        Console.WriteLine(FormattableString.Invariant($"predictions {counted!.Predictions} silent {counted.WithoutAllocation} bytes {counted.Bytes} collections {GC.CollectionCount(0) - before} full {GC.CollectionCount(2)}"));
        return 0;
    }

    /// <summary>Waits until the process serves and both sides have found each other, and warms both.</summary>
    public void AwaitMatch()
    {
        string? line = process.StandardOutput.ReadLine();
        if (line?.Contains("active", StringComparison.Ordinal) != true && line != "ready")
        {
            throw new InvalidOperationException($"the other process said '{line}'");
        }

        for (int i = 0; i < 100 && (features.MatchedCount == 0 || answers.MatchedCount == 0); i++)
        {
            context.SpinUntil(static () => false, TimeSpan.FromMilliseconds(100));
        }

        Measure(200, 0.5);
        ResetLost();
    }

    /// <summary>Round trips [us], asked at a steady rate; those that were lost are left out and counted.</summary>
    public double[] Measure(int rate, double seconds)
    {
        var times = new List<double>();
        long next = Clock.Steady.Now;
        for (int i = 0; i < rate * seconds; i++)
        {
            AwaitTurn(ref next, 1_000_000_000 / rate);
            if (Ask() is var time && double.IsFinite(time))
            {
                times.Add(time);
            }
        }

        return [.. times];
    }

    /// <summary>Serves what comes until the next message is to be sent. A machine that cannot keep the pace sends later, and does not catch up.</summary>
    /// <param name="next">When the last one was to be sent, on the steady clock [ns]; then the next.</param>
    /// <param name="gap">The time between two [ns].</param>
    /// <param name="wander">How much later than that it is sent this time [ns].</param>
    public void AwaitTurn(ref long next, long gap, long wander = 0)
    {
        next = Math.Max(next + gap, Clock.Steady.Now - gap);
        long left = next + wander - Clock.Steady.Now;
        if (left > 0)
        {
            context.SpinUntil(static () => false, TimeSpan.FromTicks(left / TimeSpan.NanosecondsPerTick));
        }
    }

    /// <summary>Counts what is lost anew.</summary>
    public void ResetLost() => Lost = 0;

    /// <summary>Sends one feature vector and waits for its answer; the time [us], or NaN after a second.</summary>
    public double Ask()
    {
        int before = answered;
        long stamp = Clock.System.Now;
        message.Header.Stamp.SetNanoseconds(stamp);
        message.Values[0] = MathF.Sin(before * 0.01f);
        long start = Clock.Steady.Now;
        features.Publish(message);
        if (context.SpinUntil(() => answered != before, TimeSpan.FromSeconds(1)) && answeredStamp == stamp)
        {
            return (answeredAt - start) / 1e3;
        }

        Lost++;
        return double.NaN;
    }

    /// <summary>Ends the process and gives what it wrote last.</summary>
    public string End()
    {
        process.StandardInput.Close();
        return process.WaitForExit(2000) ? process.StandardOutput.ReadToEnd().Trim() : string.Empty;
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        if (!process.WaitForExit(1000))
        {
            process.Kill();
        }

        process.Dispose();
        asker.Dispose();
    }

    /// <summary>Counts what the predicting thread allocates between one prediction and the next: receiving, judging, publishing, and diagnostics once a second.</summary>
    private sealed class CountedModel(IRiskModel model) : IRiskModel
    {
        private long last = -1;

        public RiskModelInfo Info => model.Info;

        public float Energy => model.Energy;

        public long Predictions { get; private set; }

        public long WithoutAllocation { get; private set; }

        public long Bytes { get; private set; }

        public bool Predict(ReadOnlySpan<float> values, Span<float> violation, out float collision, out float uncertainty)
        {
            long now = GC.GetAllocatedBytesForCurrentThread();
            if (last >= 0)
            {
                Predictions++;
                WithoutAllocation += now == last ? 1 : 0;
                Bytes += now - last;
            }

            last = now;
            return model.Predict(values, violation, out collision, out uncertainty);
        }

        // Nobody waits for this one, and it counts as no prediction.
        public void KeepWarm() => model.KeepWarm();

        public void Forget() => model.Forget();

        public void Dispose() => model.Dispose();
    }
}
