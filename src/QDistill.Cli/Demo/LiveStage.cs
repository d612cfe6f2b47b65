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
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AfterTheEnd = TimeSpan.FromSeconds(0.5);
    private static readonly string[] StatusNames = ["OK", "DEGRADED", "STALE_INPUT", "INVALID_INPUT", "NO_MODEL", "OUT_OF_DISTRIBUTION"];

    /// <summary>Plays a bag through the nodes and listens.</summary>
    /// <exception cref="UserErrorException">A process ended early, or the model predicted nothing.</exception>
    public static DemoLive Run(string bag, string robot, string model, double seconds, string logFolder, CancellationToken cancellation)
    {
        Directory.CreateDirectory(logFolder);
        using FreeDomain domain = FreeDomain.Claim();
        using var context = new RosContext(new RosContextOptions { DomainId = domain.Id, DiscoveryRange = DiscoveryRange.Localhost, StaticPeers = [] });
        using Node node = context.CreateNode("demo_monitor");
        var latency = new LatencyHistogram();
        var status = new SortedDictionary<string, long>(StringComparer.Ordinal);
        long predictions = 0, byModel = 0, first = 0, last = 0;
        using var risks = node.CreateSubscription<CollisionRisk>("/risk_inference/output/collision_risk", QoSProfile.KeepLast(100), (m, _) =>
        {
            predictions++;
            byModel += m.Status is CollisionRisk.OK or CollisionRisk.DEGRADED or CollisionRisk.OUT_OF_DISTRIBUTION ? 1 : 0;
            last = Stopwatch.GetTimestamp();
            first = first == 0 ? last : first;
            string name = m.Status < StatusNames.Length ? StatusNames[m.Status] : m.Status.ToString(CultureInfo.InvariantCulture);
            status[name] = status.GetValueOrDefault(name) + 1;
        });
        using var latencies = node.CreateSubscription<InferenceLatency>("/risk_inference/debug/latency", QoSProfile.KeepLast(100), (m, _) =>
            latency.Record(m.Queue.ToNanoseconds() + m.Inference.ToNanoseconds() + m.Publish.ToNanoseconds()));

        using var fusion = new ChildProgram(logFolder, domain.Id, "node", "feature_fusion", "--robot", robot);
        using var inference = new ChildProgram(logFolder, domain.Id, "node", "risk_inference", "--model", model, "--remap", "~/input/features:=/feature_fusion/output/features");
        bool Up() => node.CountPublishers("/risk_inference/output/collision_risk") > 0 && node.CountPublishers("/feature_fusion/output/features") > 0;
        if (!Listen(context, Up, StartTimeout, [fusion, inference], null, cancellation))
        {
            throw new UserErrorException($"the nodes did not come up within {StartTimeout.TotalSeconds} s", logFolder, "read the logs there");
        }

        using var player = new ChildProgram(logFolder, domain.Id, "play", bag);
        Listen(context, () => byModel > 0 || player.HasEnded, StartTimeout, [fusion, inference], player, cancellation);
        Listen(context, () => player.HasEnded, TimeSpan.FromSeconds(seconds), [fusion, inference], player, cancellation);
        if (player.HasEnded)
        {
            Listen(context, () => false, AfterTheEnd, [fusion, inference], player, cancellation);
        }

        if (byModel == 0 || latency.Count == 0)
        {
            string seen = predictions == 0 ? "nothing arrived" : string.Join(", ", status.Select(s => $"{s.Value} x {s.Key}"));
            throw new UserErrorException($"the model predicted nothing within the live run ({seen})", logFolder, "read the nodes' logs there");
        }

        return new DemoLive(predictions, latency.Percentile(0.5) * 1e-3, latency.Percentile(0.99) * 1e-3, Stopwatch.GetElapsedTime(first, last).TotalSeconds, status);
    }

    private static bool Listen(RosContext context, Func<bool> done, TimeSpan length, ChildProgram[] nodes, ChildProgram? player, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        while (!done())
        {
            cancellation.ThrowIfCancellationRequested();
            context.SpinOnce(TimeSpan.FromMilliseconds(50));
            foreach (ChildProgram child in nodes)
            {
                child.RequireSound(mayEnd: false, cancellation);
            }

            player?.RequireSound(mayEnd: true, cancellation);
            if (Stopwatch.GetElapsedTime(start) > length)
            {
                return false;
            }
        }

        return true;
    }
}
