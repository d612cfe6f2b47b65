using System.Diagnostics;
using QDistill.Configuration;
using QDistill.Msgs.SensorMsgs;
using QDistill.Msgs.StdSrvs;
using QDistill.Ros;

namespace QDistill.Benchmarks;

/// <summary>
/// The transport between two processes on the loopback interface: C# at both ends against C at both ends over the same native library, the same QoS and
/// the same wait set, in alternating rounds of one run.
/// </summary>
internal static class RosBenchmarks
{
    private const int Domain = 97;
    private const int Rounds = 7;

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

        report.Section("messages", r => MessageBenchmarks.Sensors(r));
        report.Section("intra-process", IntraProcess);
        report.Section("services", ServiceCalls);
        report.Section("round-trips", RoundTrips);
        report.Section("throughput", Throughput);
    }

    /// <summary>From publish to callback between two nodes of one context: handed over, against the same over the middleware.</summary>
    private static void IntraProcess(BenchReport report)
    {
        using var context = new RosContext(RosContextOptions.Loopback(Domain));
        Node a = context.CreateNode("a"), b = context.CreateNode("b");
        foreach ((string name, int points) in new[] { ("LaserScan(720)", 720), ("LaserScan(16384)", 16384) })
        {
            int got = 0;
            Publisher<LaserScan> Pair(string topic, bool intra)
            {
                b.CreateSubscription<LaserScan>(topic, QoSProfile.KeepLast(5), (_, _) => got++, new SubscriptionOptions { UseIntraProcess = intra });
                return a.CreatePublisher<LaserScan>(topic, QoSProfile.KeepLast(5), new PublisherOptions { UseIntraProcess = intra });
            }

            Publisher<LaserScan> handed = Pair($"handed_{points}", true), wired = Pair($"wired_{points}", false);
            var scan = new LaserScan { Header = { FrameId = "laser" } };
            scan.Ranges.Resize(points);
            void Once(Publisher<LaserScan> publisher)
            {
                int want = got + 1;
                publisher.Publish(scan);
                while (got < want)
                {
                    context.SpinOnce(Timeout.InfiniteTimeSpan);
                }
            }

            report.Compare($"{name} within a process: handed over", "us", () => Once(handed), $"{name} within a process: by the middleware", () => Once(wired));
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++)
            {
                Once(handed);
            }

            // Read before the row's name, which is allocated too.
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            report.Add(new BenchRow($"{name}: allocated per hand-over", "bytes", allocated / 1000.0, 0));
        }
    }

    /// <summary>
    /// 1,000 calls of each of eight clients at the same time to a server in another process; then of one client alone. Awaited in callbacks, against a C
    /// program that sends each client's next request when its reply comes; then awaited on the thread pool.
    /// </summary>
    private static void ServiceCalls(BenchReport report)
    {
        const int Calls = 1000;
        using Peer server = Peer.CSharp("answer", "/bench_service"), cServer = Peer.C("answer", "/c_service");
        using var context = new RosContext(RosContextOptions.Loopback(Domain));
        var spin = new Thread(() => context.Spin());
        spin.Start();
        Client<SetBool, SetBool.Request, SetBool.Response>[] clients =
            [.. Enumerable.Range(0, 8).Select(i => context.CreateNode($"caller{i}").CreateClient<SetBool, SetBool.Request, SetBool.Response>("/bench_service"))];
        foreach (int concurrent in new[] { 8, 1 })
        {
            (double P50, double P99) Figures(Func<Client<SetBool, SetBool.Request, SetBool.Response>, Task<double[]>> call)
            {
                double[] all = [.. Task.WhenAll(clients.Take(concurrent).Select(call)).GetAwaiter().GetResult().SelectMany(t => t)];
                return (BenchReport.Quantile(all, 0.5), BenchReport.Quantile(all, 0.99));
            }

            (double P50, double P99) InCallbacks() => Figures(client =>
            {
                var done = new TaskCompletionSource<double[]>();
                context.Post(async () => done.SetResult(await Call(client, Calls)));
                return done.Task;
            });

            (double P50, double P99) OnThePool() => Figures(client => Task.Run(() => Call(client, Calls)));

            (double P50, double P99) C()
            {
                string[] figures = Peer.Output("call", "/c_service", $"{concurrent}", $"{Calls}").Split(' ');
                return (double.Parse(figures[0]) / 1e3, double.Parse(figures[1]) / 1e3);
            }

            InCallbacks();
            OnThePool();
            var callbacks = new List<(double P50, double P99)>();
            var pool = new List<(double P50, double P99)>();
            var peer = new List<(double P50, double P99)>();
            for (int i = 0; i < Rounds; i++)
            {
                callbacks.Add(InCallbacks());
                peer.Add(C());
                pool.Add(OnThePool());
            }

            string name = concurrent == 1 ? "service call, one client" : $"service call, {concurrent} clients at once";
            Add(report, $"{name}, p50", "us", [.. callbacks.Select(f => f.P50)], [.. peer.Select(f => f.P50)]);
            Add(report, $"{name}, p99", "us", [.. callbacks.Select(f => f.P99)], [.. peer.Select(f => f.P99)]);
            AddAlone(report, $"{name}, on the thread pool, p50", [.. pool.Select(f => f.P50)]);
            AddAlone(report, $"{name}, on the thread pool, p99", [.. pool.Select(f => f.P99)]);
        }

        context.Stop();
        spin.Join();

        static async Task<double[]> Call(Client<SetBool, SetBool.Request, SetBool.Response> client, int count)
        {
            double[] times = new double[count];
            var request = new SetBool.Request();
            for (int i = 0; i < count; i++)
            {
                request.Data = i % 2 == 0;
                long start = Stopwatch.GetTimestamp();
                SetBool.Response answer = await client.CallAsync(request, TimeSpan.FromSeconds(10));
                times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
                if (answer.Success != request.Data)
                {
                    throw new InvalidOperationException("a wrong answer");
                }
            }

            return times;
        }
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

    private static double Spread(double[] values) => BenchReport.Quantile(values, 0.75) - BenchReport.Quantile(values, 0.25);

    private static void AddAlone(BenchReport report, string name, double[] microseconds) =>
        report.Add(new BenchRow(name, "us", BenchReport.Quantile(microseconds, 0.5), Spread(microseconds)));

    private static void Add(BenchReport report, string name, string unit, double[] subject, double[] peer)
    {
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
