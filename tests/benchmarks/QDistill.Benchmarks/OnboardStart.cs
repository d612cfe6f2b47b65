using System.Diagnostics;
using System.Globalization;

namespace QDistill.Benchmarks;

/// <summary>From the start of the process to a node that is active, and the memory it then holds: the three ways of publishing beside each other.</summary>
internal static class OnboardStart
{
    private const int Rounds = 7;

    /// <summary>Where <c>make bench-onboard</c> publishes to.</summary>
    public static readonly string Folder = Path.Combine("artifacts", "onboard-published");

    public static void Run(BenchReport report, string model)
    {
        (string Name, string[] Command)[] ways = [.. new (string Name, string[] Command)[]
        {
            ("NativeAOT", [Path.Combine(Folder, "aot", "qdistill-onboard")]),
            ("ReadyToRun", [Path.Combine(Folder, "r2r", "qdistill-onboard")]),
            ("JIT", ["dotnet", Path.Combine(Folder, "jit", "qdistill-onboard.dll")]),
        }.Where(w => File.Exists(w.Command[^1]))];
        if (ways.Length == 0)
        {
            Console.Error.WriteLine($"  nothing is published in {Folder}: tools/publish-onboard.sh aot '' {Folder}/aot");
            return;
        }

        var start = ways.ToDictionary(w => w.Name, _ => new List<double>());
        var memory = ways.ToDictionary(w => w.Name, _ => new List<double>());
        var processor = ways.ToDictionary(w => w.Name, _ => new List<double>());
        for (int i = -1; i < Rounds; i++)
        {
            foreach ((string name, string[] command) in ways)
            {
                (double ms, double cpu, double mb) = Once(command, model);
                if (i >= 0)
                {
                    start[name].Add(ms);
                    processor[name].Add(cpu);
                    memory[name].Add(mb);
                }
            }
        }

        foreach ((string what, string unit, Dictionary<string, List<double>> values) in new[] { ("start to active", "ms", start), ("processor time from start to active", "ms", processor), ("resident memory when active", "MB", memory) })
        {
            foreach ((string name, _) in ways)
            {
                double[] own = [.. values[name]], first = [.. values[ways[0].Name]];
                double median = BenchReport.Quantile(own, 0.5), spread = BenchReport.Quantile(own, 0.75) - BenchReport.Quantile(own, 0.25);
                report.Add(name == ways[0].Name
                    ? new BenchRow($"{what}, {name}", unit, median, spread)
                    : new BenchRow($"{what}, {name}", unit, median, spread, $"{what}, {ways[0].Name}", BenchReport.Quantile([.. own.Zip(first, (a, b) => a / b)], 0.5)));
            }
        }
    }

    /// <summary>Keeps a process on the loopback interface of a domain.</summary>
    public static void OnLoopback(ProcessStartInfo start, int domain)
    {
        start.Environment["ROS_DOMAIN_ID"] = domain.ToString(CultureInfo.InvariantCulture);
        start.Environment["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST";
        start.Environment["CYCLONEDDS_URI"] = "<CycloneDDS><Domain><General><Interfaces><NetworkInterface address=\"127.0.0.1\"/></Interfaces></General></Domain></CycloneDDS>";
        start.Environment.Remove("ROS_LOCALHOST_ONLY");
    }

    private static (double Ms, double Cpu, double Mb) Once(string[] command, string model)
    {
        var start = new ProcessStartInfo(command[0], [.. command[1..], "risk_inference", "--model", model]) { RedirectStandardOutput = true };
        OnLoopback(start, 90);
        long from = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        try
        {
            string? line = process.StandardOutput.ReadLine();
            double ms = Stopwatch.GetElapsedTime(from).TotalMilliseconds;
            if (line?.Contains("active", StringComparison.Ordinal) != true)
            {
                throw new InvalidOperationException($"{string.Join(' ', command)} said '{line}'");
            }

            double cpu = ProcessorMilliseconds(process.Id);
            Thread.Sleep(300);
            return (ms, cpu, ResidentMegabytes(process.Id));
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    /// <summary>The processor time that a process's living threads have had [ms]: what a busy machine does not change.</summary>
    public static double ProcessorMilliseconds(int id) =>
        Directory.GetDirectories($"/proc/{id}/task").Sum(t => double.Parse(File.ReadAllText(Path.Combine(t, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture)) / 1e6;

    /// <summary>A process's resident memory [MB].</summary>
    public static double ResidentMegabytes(int id) =>
        double.Parse(File.ReadLines($"/proc/{id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
}
