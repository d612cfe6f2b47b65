using System.Diagnostics;
using QDistill.Configuration;
using QDistill.Ros;

namespace QDistill.Benchmarks;

/// <summary>
/// The transport between two processes on the loopback interface: C# at both ends against C at both ends over the same native library, the same QoS and
/// the same wait set, in alternating rounds of one run.
/// </summary>
internal static class RosBenchmarks
{
    private const int Domain = 97;
    private const int Rounds = 9;

    private static readonly string CPeer = Path.Combine("artifacts", "interop", "transport_bench");
    private static readonly string RosPeer = Path.Combine("artifacts", "bin", "RosPeer", "release", "RosPeer.dll");

    public static void Run(BenchReport report)
    {
        foreach (string needed in new[] { CPeer, RosPeer })
        {
            if (!File.Exists(needed))
            {
                throw new UserErrorException("is missing", needed, "run 'make setup-test'");
            }
        }

        RoundTrips(report);
        Throughput(report);
    }

    private static void RoundTrips(BenchReport report)
    {
        using Peer cEcho = Peer.C("echo", "/c_ping", "/c_pong"), csEcho = Peer.CSharp("echo", "/cs_ping", "/cs_pong");
        using var context = new RosContext(RosContextOptions.Loopback(Domain));
        Node node = context.CreateNode("bench");
        QoSProfile all = QoSProfile.Default with { History = HistoryPolicy.KeepAll };
        int back = 0;
        GenericPublisher publisher = node.CreateGenericPublisher("/cs_ping", QDistill.Msgs.StdMsgs.String.Type, all);
        GenericSubscription subscription = node.CreateGenericSubscription("/cs_pong", "std_msgs/msg/String", all, (ReadOnlySpan<byte> _, in MessageInfo _) => back++);
        while (publisher.MatchedCount < 1 || subscription.MatchedCount < 1)
        {
            context.SpinOnce(TimeSpan.FromMilliseconds(1));
        }

        foreach ((int size, int count) in new[] { (64, 4000), (1024, 4000), (65536, 1000), (1 << 20, 100) })
        {
            byte[] payload = new byte[size];
            payload[1] = 1;
            double[] cs = new double[count];
            (double P50, double P99) CSharp()
            {
                for (int i = -count / 5; i < count; i++)
                {
                    long start = Stopwatch.GetTimestamp();
                    int want = back + 1;
                    publisher.Publish(payload);
                    while (back < want)
                    {
                        context.SpinOnce(Timeout.InfiniteTimeSpan);
                    }

                    if (i >= 0)
                    {
                        cs[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
                    }
                }

                return (BenchReport.Quantile(cs, 0.5), BenchReport.Quantile(cs, 0.99));
            }

            (double P50, double P99) C()
            {
                string[] figures = Peer.Output("ping", "/c_ping", "/c_pong", $"{size}", $"{count}").Split(' ');
                return (double.Parse(figures[0]) / 1e3, double.Parse(figures[1]) / 1e3);
            }

            CSharp();
            var subject = new List<(double P50, double P99)>();
            var peer = new List<(double P50, double P99)>();
            for (int i = 0; i < Rounds; i++)
            {
                subject.Add(CSharp());
                peer.Add(C());
            }

            Add(report, $"round trip {Name(size)} p50", "us", [.. subject.Select(f => f.P50)], [.. peer.Select(f => f.P50)]);
            Add(report, $"round trip {Name(size)} p99", "us", [.. subject.Select(f => f.P99)], [.. peer.Select(f => f.P99)]);
        }
    }

    private static void Throughput(BenchReport report)
    {
        foreach ((int size, int count) in new[] { (64, 40_000), (1024, 40_000), (65536, 3000), (1 << 20, 200) })
        {
            using Peer cSink = Peer.C("sink", "/c_flood", $"{count}"), csSink = Peer.CSharp("sink", "/cs_flood", $"{count}");
            using var context = new RosContext(RosContextOptions.Loopback(Domain));
            GenericPublisher publisher = context.CreateNode("bench").CreateGenericPublisher(
                "/cs_flood", QDistill.Msgs.StdMsgs.String.Type, QoSProfile.Default with { History = HistoryPolicy.KeepAll });
            while (publisher.MatchedCount < 1)
            {
                Thread.Sleep(1);
            }

            byte[] payload = new byte[size];
            payload[1] = 1;
            double CSharp()
            {
                for (int i = 0; i < count; i++)
                {
                    publisher.Publish(payload);
                }

                return double.Parse(csSink.Line()) / 1e9 / count;
            }

            double C()
            {
                Peer.Output("flood", "/c_flood", $"{size}", $"{count}");
                return double.Parse(cSink.Line()) / 1e9 / count;
            }

            CSharp();
            C();
            var subject = new List<double>();
            var peer = new List<double>();
            for (int i = 0; i < Rounds; i++)
            {
                subject.Add(CSharp() * 1e6);
                peer.Add(C() * 1e6);
            }

            Add(report, $"time per message, flood of {Name(size)}", "us", [.. subject], [.. peer]);
            double seconds = BenchReport.Quantile([.. subject], 0.5) / 1e6;
            report.Add(new BenchRow($"throughput {Name(size)}", "MB/s", size / seconds / 1e6, 0));
        }
    }

    private static void Add(BenchReport report, string name, string unit, double[] subject, double[] peer)
    {
        double Spread(double[] values) => BenchReport.Quantile(values, 0.75) - BenchReport.Quantile(values, 0.25);
        string peerName = name + ", C";
        report.Add(new BenchRow(peerName, unit, BenchReport.Quantile(peer, 0.5), Spread(peer)));
        double ratio = BenchReport.Quantile([.. subject.Zip(peer, (s, p) => s / p)], 0.5);
        report.Add(new BenchRow(name + ", C#", unit, BenchReport.Quantile(subject, 0.5), Spread(subject), peerName, ratio));
    }

    private static string Name(int size) => size switch
    {
        >= 1 << 20 => $"{size >> 20} MiB",
        >= 1 << 10 => $"{size >> 10} KiB",
        _ => $"{size} B",
    };

    /// <summary>A process that serves until its input is closed.</summary>
    private sealed class Peer : IDisposable
    {
        private readonly Process process;

        private Peer(string program, IEnumerable<string> arguments)
        {
            process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
            if (Line() != "ready")
            {
                throw new InvalidOperationException($"{program} did not start");
            }
        }

        public static Peer C(params string[] arguments) => new(CPeer, [$"{Domain}", .. arguments]);

        public static Peer CSharp(params string[] arguments) => new("dotnet", [RosPeer, $"{Domain}", .. arguments]);

        public static string Output(params string[] arguments)
        {
            using Process process = Process.Start(new ProcessStartInfo(CPeer, [$"{Domain}", .. arguments]) { RedirectStandardOutput = true })!;
            string text = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return text;
        }

        public string Line() => process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("a peer process ended");

        public void Dispose()
        {
            process.StandardInput.Close();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
