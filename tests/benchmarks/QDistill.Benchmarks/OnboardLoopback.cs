using System.Globalization;
using QDistill.Features;
using QDistill.Numerics;
using QDistill.Ros;

namespace QDistill.Benchmarks;

/// <summary>
/// Features in, prediction out, between two processes over the loopback interface: the node as a native binary and just-in-time compiled, and the C++ peer. All live as long as the bench and are
/// asked in turn, one message each or a few, so that whatever else the machine does for a moment meets all alike: in longer rounds one such moment decides a round's 99th percentile. That rests
/// on all messages of a pace; how far to trust a ratio says its interval, from drawing whole stretches of time anew, for all programs the same ones.
/// </summary>
internal static class OnboardLoopback
{
    // Messages of each turn that are not counted: the program was not asked meanwhile.
    private const int Settling = 5;
    private const int Resamples = 1000;

    private static readonly Pace[] Paces =
    [
        new(20, 1, 50, 40),
        new(100, 1, 50, 100),
        new(1000, 250, 20, 250),
    ];

    public static void Run(BenchReport report, RobotConfig robot, string model)
    {
        int domain = 101 + (Environment.ProcessId % 100);
        using var context = new RosContext(RosContextOptions.Loopback(domain));
        using var cpp = OnboardPeer.Cpp(context, domain, model, robot);
        using var jit = OnboardPeer.Jit(context, domain, model, robot);
        using OnboardPeer? native = OnboardPeer.Native(context, domain, model, robot);
        OnboardPeer[] all = native is null ? [cpp, jit] : [cpp, native, jit];
        foreach (OnboardPeer p in all)
        {
            p.AwaitMatch();
        }

        foreach (Pace pace in Paces)
        {
            Measure(report, all, native ?? jit, pace);
        }
    }

    private static void Measure(BenchReport report, OnboardPeer[] all, OnboardPeer flown, Pace pace)
    {
        foreach (OnboardPeer p in all)
        {
            p.Latencies.Clear();
            p.ResetLost();
        }

        double[] before = [.. all.Select(p => OnboardStart.ProcessorMilliseconds(p.ProcessId))];
        (double busy, double own) = (BusyMilliseconds(), OnboardStart.ProcessorMilliseconds(Environment.ProcessId));
        long start = Clock.Steady.Now;
        int[] sent = new int[all.Length];
        double[][][] times = Ask(all, pace, sent);
        double seconds = (Clock.Steady.Now - start) / 1e9;
        double[] processor = [.. all.Select((p, i) => OnboardStart.ProcessorMilliseconds(p.ProcessId) - before[i])];
        double others = BusyMilliseconds() - busy - (OnboardStart.ProcessorMilliseconds(Environment.ProcessId) - own) - processor.Sum();

        for (int p = 0; p < all.Length; p++)
        {
            foreach ((string label, double q) in new[] { ("p50", 0.5), ("p99", 0.99) })
            {
                Percentile(report, all, times, p, pace.Rate, label, q);
            }
        }

        // What the process costs the machine, DDS's own threads and the node's diagnostics included: a busy machine changes it little.
        string name = $"processor time per prediction, {pace.Rate} Hz, ";
        for (int p = 0; p < all.Length; p++)
        {
            double each = processor[p] * 1e3 / sent[p];
            report.Add(p == 0 ? new BenchRow(name + all[p].Name, "us", each, 0) : new BenchRow(name + all[p].Name, "us", each, 0, name + all[0].Name, each / (processor[0] * 1e3 / sent[0])));
        }

        // Each program by its own clock readings. The peer reads the message's bytes within its inference, the node before it.
        Stage(report, pace.Rate, "queue (one way over DDS, and waiting)", flown, all[0], l => l.Queue);
        Stage(report, pace.Rate, "inference (checks and model)", flown, all[0], l => l.Inference);
        Stage(report, pace.Rate, "publish (risk, violations, alarm)", flown, all[0], l => l.Publish);
        report.Add(new BenchRow($"predictions lost at {pace.Rate} Hz", "1", all.Sum(p => p.Lost), 0));
        report.Add(new BenchRow($"processors' time that other processes took at {pace.Rate} Hz", "%", Math.Max(0, others) / (10 * seconds * Environment.ProcessorCount), 0));
    }

    // Round trips [us] by program and stretch of time.
    private static double[][][] Ask(OnboardPeer[] all, Pace pace, int[] sent)
    {
        var times = new double[all.Length][][];
        for (int p = 0; p < all.Length; p++)
        {
            times[p] = new double[pace.Stretches][];
        }

        // One by one, every program has the whole pace and its own place between the others' messages; several at once, the pace is that of its turn.
        long gap = 1_000_000_000L / (pace.Rate * (pace.Turn == 1 ? all.Length : 1));
        long next = Clock.Steady.Now;
        var random = new Philox(2, 0);
        for (int s = 0; s < pace.Stretches; s++)
        {
            var stretch = new List<double>[all.Length];
            for (int p = 0; p < all.Length; p++)
            {
                stretch[p] = [];
            }

            for (int i = 0; i < pace.Messages; i += pace.Turn)
            {
                for (int k = 0; k < all.Length; k++)
                {
                    // The other way round every second time, so that nobody always comes after the same one.
                    int p = s % 2 == 0 ? k : all.Length - 1 - k;
                    for (int j = pace.Turn == 1 ? 0 : -Settling; j < pace.Turn; j++)
                    {
                        // Up to half the gap later, or a program keeps step with the kernel's ticks or with timers of its own, and another does not.
                        all[p].AwaitTurn(ref next, gap, (long)(random.NextDouble() * gap / 2));
                        double time = all[p].Ask();
                        sent[p]++;
                        if (j >= 0 && double.IsFinite(time))
                        {
                            stretch[p].Add(time);
                        }
                    }
                }
            }

            for (int p = 0; p < all.Length; p++)
            {
                times[p][s] = [.. stretch[p]];
            }
        }

        return times;
    }

    private static void Percentile(BenchReport report, OnboardPeer[] all, double[][][] times, int p, int rate, string label, double q)
    {
        string name = $"features to prediction, two processes, {rate} Hz";
        double[] pooled = [.. times[p].SelectMany(t => t)];
        double value = BenchReport.Quantile(pooled, q), spread = BenchReport.Quantile(pooled, 0.75) - BenchReport.Quantile(pooled, 0.25);
        if (p == 0)
        {
            report.Add(new BenchRow($"{name}, {all[p].Name}, {label}", "us", value, spread));
            return;
        }

        double ratio = value / BenchReport.Quantile([.. times[0].SelectMany(t => t)], q);
        double[] resampled = new double[Resamples];
        var random = new Philox(1, 0);
        for (int r = 0; r < Resamples; r++)
        {
            int[] drawn = [.. Enumerable.Range(0, times[p].Length).Select(_ => (int)(random.NextDouble() * times[p].Length))];
            resampled[r] = BenchReport.Quantile([.. drawn.SelectMany(s => times[p][s])], q) / BenchReport.Quantile([.. drawn.SelectMany(s => times[0][s])], q);
        }

        report.Add(new BenchRow(
            $"{name}, {all[p].Name}, {label}", "us", value, spread, $"{name}, {all[0].Name}, {label}", ratio, BenchReport.Quantile(resampled, 0.025), BenchReport.Quantile(resampled, 0.975)));
    }

    private static void Stage(BenchReport report, int rate, string name, OnboardPeer flown, OnboardPeer peer, Func<(double Queue, double Inference, double Publish), double> pick)
    {
        double[] own = [.. flown.Latencies.Select(pick)], other = [.. peer.Latencies.Select(pick)];
        foreach ((string label, double q) in new[] { ("p50", 0.5), ("p99", 0.99) })
        {
            string row = $"{name}, {rate} Hz";
            (double value, double beside) = (BenchReport.Quantile(own, q), BenchReport.Quantile(other, q));
            report.Add(new BenchRow($"{row}, {peer.Name}, {label}", "us", beside, 0));
            report.Add(new BenchRow($"{row}, {flown.Name}, {label}", "us", value, 0, $"{row}, {peer.Name}, {label}", value / beside));
        }
    }

    // The time that all processors together were not idle since the machine started [ms]; the kernel counts in hundredths of a second.
    private static double BusyMilliseconds()
    {
        double[] ticks = [.. File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(t => double.Parse(t, CultureInfo.InvariantCulture))];
        const int idle = 3, waiting = 4;
        return (ticks.Sum() - ticks[idle] - ticks[waiting]) * 10;
    }

    /// <summary>How a pace is measured.</summary>
    /// <param name="Rate">Messages a second to each program.</param>
    /// <param name="Turn">Messages to one program before the next has its turn.</param>
    /// <param name="Stretches">Stretches of time, the units of the interval.</param>
    /// <param name="Messages">Messages to each program in a stretch.</param>
    private sealed record Pace(int Rate, int Turn, int Stretches, int Messages);
}
