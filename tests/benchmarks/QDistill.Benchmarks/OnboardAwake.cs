using QDistill.Features;
using QDistill.Onboard;
using QDistill.Ros;

namespace QDistill.Benchmarks;

/// <summary>
/// What keeping the node awake between two predictions is worth when they come at a robot's pace. Each way runs alone, because one that polls would take a processor from the others: its
/// process is started anew for every round, and the rounds of all ways, the node's and the C++ peer's, alternate.
/// </summary>
internal static class OnboardAwake
{
    private const int Rate = 100;
    private const int Rounds = 3;
    private const double Seconds = 2;

    private static readonly (string Name, RealTimeOptions Options, bool CoresAwake)[] Ways =
    [
        ("as it is", new(), false),
        ("keep_warm_rate 1000", new() { KeepWarm = 1000 }, false),
        ("busy_poll_us 10000", new() { BusyPoll = 10_000 }, false),
        ("both", new() { BusyPoll = 10_000, KeepWarm = 1000 }, false),
        ("no core halts", new(), true),
        ("no core halts, keep_warm_rate 1000", new() { KeepWarm = 1000 }, true),
    ];

    private delegate OnboardPeer? Start(RosContext context, int domain, string model, RobotConfig robot, RealTimeOptions options);

    public static void Run(BenchReport report, RobotConfig robot, string model)
    {
        int domain = 101 + (Environment.ProcessId % 100);
        using var context = new RosContext(RosContextOptions.Loopback(domain));
        (string Name, Start Start)[] programs = [("C++ peer", OnboardPeer.Cpp), ("node", (c, d, m, r, o) => OnboardPeer.Native(c, d, m, r, o) ?? OnboardPeer.Jit(c, d, m, r, o))];
        var figures = new Dictionary<(string Program, string Way), List<Round>>();
        for (int i = 0; i < Rounds; i++)
        {
            foreach ((string way, RealTimeOptions options, bool coresAwake) in Ways)
            {
                using CoresAwake? awake = coresAwake ? new CoresAwake() : null;
                foreach ((string program, Start start) in programs)
                {
                    using OnboardPeer peer = start(context, domain, model, robot, options)!;
                    peer.AwaitMatch();
                    peer.Latencies.Clear();
                    double before = OnboardStart.ProcessorMilliseconds(peer.ProcessId);
                    double[] times = peer.Measure(Rate, Seconds);
                    double processor = (OnboardStart.ProcessorMilliseconds(peer.ProcessId) - before) / (Seconds * 10);
                    if (!figures.TryGetValue((program, way), out List<Round>? rounds))
                    {
                        figures[(program, way)] = rounds = [];
                    }

                    rounds.Add(new Round(BenchReport.Quantile(times, 0.5), BenchReport.Quantile(times, 0.99), processor, Median(peer, l => l.Queue), Median(peer, l => l.Inference), Median(peer, l => l.Publish)));
                }
            }
        }

        foreach ((string way, _, _) in Ways)
        {
            foreach ((string program, _) in programs)
            {
                string name = $"features to prediction, {Rate} Hz, {program}, {way}";
                List<Round> own = figures[(program, way)], plain = figures[(program, Ways[0].Name)];
                Row(report, $"{name}, p50", "us", own, plain, r => r.P50);
                Row(report, $"{name}, p99", "us", own, plain, r => r.P99);
                Row(report, $"{name}, processor", "%", own, plain, r => r.Processor);
                Row(report, $"{name}, queue p50", "us", own, plain, r => r.Queue);
                Row(report, $"{name}, inference p50", "us", own, plain, r => r.Inference);
                Row(report, $"{name}, publish p50", "us", own, plain, r => r.Publish);
            }
        }
    }

    private static double Median(OnboardPeer peer, Func<(double Queue, double Inference, double Publish), double> pick) => BenchReport.Quantile([.. peer.Latencies.Select(pick)], 0.5);

    private static void Row(BenchReport report, string name, string unit, List<Round> own, List<Round> plain, Func<Round, double> pick)
    {
        double[] values = [.. own.Select(pick)];
        double[] ratios = [.. own.Zip(plain, (a, b) => pick(a) / pick(b))];
        report.Add(new BenchRow(
            name,
            unit,
            BenchReport.Quantile(values, 0.5),
            BenchReport.Quantile(values, 0.75) - BenchReport.Quantile(values, 0.25),
            own == plain ? null : Ways[0].Name,
            own == plain ? null : BenchReport.Quantile(ratios, 0.5)));
    }

    private sealed record Round(double P50, double P99, double Processor, double Queue, double Inference, double Publish);
}
