using QDistill.Benchmarks;

// One file per room registers its benchmarks here: room name -> what fills the report.
var rooms = new Dictionary<string, Action<BenchReport>>(StringComparer.Ordinal)
{
    ["features"] = FeaturesBenchmarks.Run,
    ["messages"] = MessageBenchmarks.Run,
    ["ros"] = RosBenchmarks.Run,
    ["metrics"] = MetricsBenchmarks.Run,
    ["distillation"] = DistillationBenchmarks.Run,
    ["onboard"] = OnboardBenchmarks.Run,
    ["bags"] = BagsBenchmarks.Run,
    ["quantum"] = QuantumBenchmarks.Run,
    ["quantum-gradients"] = QuantumGradientBenchmarks.Run,
};

if (args is ["onboard-peer", ..])
{
    return OnboardBenchmarks.Peer(args);
}

if (args.Length is not (1 or 2) || !rooms.TryGetValue(args[0], out Action<BenchReport>? run))
{
    Console.Error.WriteLine($"usage: qdistill-bench ROOM [PART]   (ROOM: {string.Join(", ", rooms.Keys)})");
    return 2;
}

var report = new BenchReport(args[0], args.ElementAtOrDefault(1));
run(report);
report.Finish(Path.Combine("out", "bench"));
return 0;
