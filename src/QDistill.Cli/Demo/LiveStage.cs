using System.Diagnostics;
using System.Globalization;
using QDistill.Configuration;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Numerics;
using QDistill.Ros;

namespace QDistill.Cli.Demo;

/// <summary>
/// The live part: player, feature_fusion and risk_inference as three processes over DDS on loopback, as an operator would start them, and this process as the
/// subscriber that counts predictions and their latencies.
/// </summary>
internal static class LiveStage
{
    private const int Domain = 83;
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private static readonly string[] StatusNames = ["OK", "DEGRADED", "STALE_INPUT", "INVALID_INPUT", "NO_MODEL", "OUT_OF_DISTRIBUTION"];

    /// <summary>Plays a bag through the nodes and listens.</summary>
    /// <exception cref="UserErrorException">A process ended early, or no prediction arrived.</exception>
    public static DemoLive Run(string bag, string robot, string model, double seconds, string logFolder, CancellationToken cancellation)
    {
        Directory.CreateDirectory(logFolder);
        using var context = new RosContext(new RosContextOptions { DomainId = Domain, DiscoveryRange = DiscoveryRange.Localhost, StaticPeers = [] });
        using Node node = context.CreateNode("demo_monitor");
        var latency = new LatencyHistogram();
        var status = new SortedDictionary<string, long>(StringComparer.Ordinal);
        long predictions = 0, first = 0, last = 0;
        using var risks = node.CreateSubscription<CollisionRisk>("/risk_inference/output/collision_risk", QoSProfile.KeepLast(100), (m, _) =>
        {
            predictions++;
            last = Stopwatch.GetTimestamp();
            first = first == 0 ? last : first;
            string name = m.Status < StatusNames.Length ? StatusNames[m.Status] : m.Status.ToString(CultureInfo.InvariantCulture);
            status[name] = status.GetValueOrDefault(name) + 1;
        });
        using var latencies = node.CreateSubscription<InferenceLatency>("/risk_inference/debug/latency", QoSProfile.KeepLast(100), (m, _) =>
            latency.Record(m.Queue.ToNanoseconds() + m.Inference.ToNanoseconds() + m.Publish.ToNanoseconds()));

        using var fusion = new Child(logFolder, "node", "feature_fusion", "--robot", robot);
        using var inference = new Child(logFolder, "node", "risk_inference", "--model", model, "--remap", "~/input/features:=/feature_fusion/output/features");
        WaitFor(context, () => node.CountPublishers("/risk_inference/output/collision_risk") > 0 && node.CountPublishers("/feature_fusion/output/features") > 0, [fusion, inference], cancellation);
        using var player = new Child(logFolder, "play", bag);
        Listen(context, () => predictions > 0, StartTimeout, [fusion, inference], cancellation);
        Listen(context, () => false, TimeSpan.FromSeconds(seconds), [fusion, inference], cancellation);
        if (predictions == 0)
        {
            throw new UserErrorException("no prediction arrived within the live run", logFolder, "read the nodes' logs there");
        }

        return new DemoLive(predictions, latency.Percentile(0.5) * 1e-3, latency.Percentile(0.99) * 1e-3, Stopwatch.GetElapsedTime(first, last).TotalSeconds, status);
    }

    private static void WaitFor(RosContext context, Func<bool> ready, Child[] children, CancellationToken cancellation)
    {
        if (!Listen(context, ready, StartTimeout, children, cancellation))
        {
            throw new UserErrorException($"the nodes did not come up within {StartTimeout.TotalSeconds} s", children[0].Log, "read the logs beside it");
        }
    }

    private static bool Listen(RosContext context, Func<bool> done, TimeSpan length, Child[] children, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        while (!done())
        {
            cancellation.ThrowIfCancellationRequested();
            context.SpinOnce(TimeSpan.FromMilliseconds(50));
            foreach (Child child in children)
            {
                child.RequireAlive();
            }

            if (Stopwatch.GetElapsedTime(start) > length)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>One of our own programs, with its output in a log file; ended in order by SIGTERM.</summary>
    private sealed class Child : IDisposable
    {
        private readonly Process process;
        private readonly StreamWriter log;

        public Child(string folder, params string[] arguments)
        {
            Log = Path.Combine(folder, $"{(arguments[0] == "node" ? arguments[1] : arguments[0])}.log");
            log = new StreamWriter(Log) { AutoFlush = true };
            var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
            foreach (string argument in arguments)
            {
                start.ArgumentList.Add(argument);
            }

            start.Environment["ROS_DOMAIN_ID"] = Domain.ToString(CultureInfo.InvariantCulture);
            start.Environment["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST";
            process = Process.Start(start)!;
            process.OutputDataReceived += Write;
            process.ErrorDataReceived += Write;
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        public string Log { get; }

        public void RequireAlive()
        {
            if (process.HasExited)
            {
                throw new UserErrorException($"ended early with exit code {process.ExitCode}", Path.GetFileNameWithoutExtension(Log), $"read {Log}");
            }
        }

        public void Dispose()
        {
            if (!process.HasExited)
            {
                using Process kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
                kill.WaitForExit();
                if (!process.WaitForExit(TimeSpan.FromSeconds(5)))
                {
                    process.Kill(entireProcessTree: true);
                }
            }

            process.Dispose();
            lock (log)
            {
                log.Dispose();
            }
        }

        private void Write(object sender, DataReceivedEventArgs e)
        {
            lock (log)
            {
                if (e.Data is not null && log.BaseStream is { CanWrite: true })
                {
                    log.WriteLine(e.Data);
                }
            }
        }
    }
}
