using System.Diagnostics;
using System.Globalization;
using QDistill.Features;
using QDistill.Numerics;
using QDistill.Ros;

namespace QDistill.Benchmarks;

/// <summary>
/// <c>qdistill-bench onboard-soak [--minutes 10] [--rate 200] [--load]</c>: the node in a process of its own, asked at a steady rate for a long time; what it allocates, whether its memory
/// grows, how often the collector ran, and how many answers came later than 10 ms. With <c>--load</c> every processor is kept busy by others meanwhile.
/// </summary>
internal static class OnboardSoak
{
    private const double DeadlineUs = 10_000;

    public static int Run(string[] args)
    {
        double minutes = Number(args, "--minutes", 10), rate = Number(args, "--rate", 200);
        bool load = args.Contains("--load");
        string folder = Directory.CreateTempSubdirectory("qdistill-soak-").FullName;
        var burners = new List<Process>();
        try
        {
            RobotConfig robot = RobotConfig.Load(Path.Combine("robots", "simulated_agv.yaml"));
            string model = BenchModel.Write(folder, robot);
            int domain = 101 + (Environment.ProcessId % 100);
            using var context = new RosContext(RosContextOptions.Loopback(domain));
            using var peer = OnboardPeer.Jit(context, domain, model, robot);
            peer.AwaitMatch();
            for (int i = 0; load && i < Environment.ProcessorCount; i++)
            {
                burners.Add(Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [typeof(OnboardSoak).Assembly.Location, "burn"]) { RedirectStandardInput = true })!);
            }

            Soak(peer, minutes, rate);
            Console.WriteLine(peer.End());
            return 0;
        }
        finally
        {
            foreach (Process burner in burners)
            {
                burner.Kill();
                burner.Dispose();
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Keeps one processor busy until the standard input is closed.</summary>
    public static int Burn()
    {
        var end = new Thread(() =>
        {
            Console.In.ReadToEnd();
            Environment.Exit(0);
        });
        end.Start();
        for (double x = 1; ; x = Math.Sqrt(x + 1))
        {
        }
    }

    private static void Soak(OnboardPeer peer, double minutes, double rate)
    {
        var latency = new LatencyHistogram();
        var memory = new List<double>();
        long asked = 0, late = 0;
        long start = Stopwatch.GetTimestamp();
        double sampleAt = 0;
        long turn = Clock.Steady.Now;
        for (double now = 0; now < minutes * 60; now = Stopwatch.GetElapsedTime(start).TotalSeconds)
        {
            peer.AwaitTurn(ref turn, (long)(1e9 / rate));
            double us = peer.Ask();
            asked++;
            late += us <= DeadlineUs ? 0 : 1;
            if (double.IsFinite(us))
            {
                latency.Record((long)(us * 1e3));
            }

            if (now >= sampleAt)
            {
                memory.Add(OnboardStart.ResidentMegabytes(peer.ProcessId));
                sampleAt += Math.Max(1, minutes * 60 / 60);
            }
        }

        // The first tenth of the time still settles: threads, code, buffers.
        double[] settled = [.. memory.Skip(memory.Count / 10)];
        LatencySummary s = latency.Summarize();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"asked {asked} in {minutes:G3} min, answered later than 10 ms or never: {late}; p50 {s.P50 / 1e3:F0} us, p99 {s.P99 / 1e3:F0} us, max {s.Max / 1e3:F0} us"));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"resident memory {settled[0]:F1} MB after a tenth, {settled[^1]:F1} MB at the end, between {settled.Min():F1} and {settled.Max():F1} MB"));
    }

    private static double Number(string[] args, string name, double otherwise)
    {
        int at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? double.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;
    }
}
