using QDistill.Benchmarks;

// One file per room registers its benchmarks here: room name -> what fills the report.
var rooms = new Dictionary<string, Action<BenchReport>>(StringComparer.Ordinal)
{
    ["features"] = FeaturesBenchmarks.Run,
    ["messages"] = MessageBenchmarks.Run,
    ["ros"] = RosBenchmarks.Run,
    ["logging"] = LoggingBenchmarks.Run,
    ["metrics"] = MetricsBenchmarks.Run,
    ["distillation"] = DistillationBenchmarks.Run,
    ["onboard"] = OnboardBenchmarks.Run,
    ["bags"] = BagsBenchmarks.Run,
    ["quantum"] = QuantumBenchmarks.Run,
    ["quantum-gradients"] = QuantumGradientBenchmarks.Run,
};

switch (args)
{
    case ["onboard-peer", ..]:
        return OnboardPeer.Serve(args);
    case ["onboard-soak", ..]:
        return OnboardSoak.Run(args[1..]);
    case ["onboard-energy", ..]:
        return OnboardEnergy.Run(args[1..]);
    case ["burn"]:
        return OnboardSoak.Burn();
    case ["fuzz", ..]:
        return CdrFuzzRun.Run(args[1..]);
}

if (args.Length is not (1 or 2) || !rooms.TryGetValue(args[0], out Action<BenchReport>? run))
{
    Console.Error.WriteLine($"usage: qdistill-bench ROOM [PART]   (ROOM: {string.Join(", ", rooms.Keys)})\n       qdistill-bench onboard-soak [--minutes M] [--rate HZ] [--load]\n       qdistill-bench onboard-energy MODEL ROBOT:FOLDER ROBOT:FOLDER...\n       qdistill-bench fuzz [PAYLOADS [SEED]]");
    return 2;
}

var report = new BenchReport(args[0], args.ElementAtOrDefault(1));
run(report);
report.Finish(Path.Combine("out", "bench"));
return 0;
