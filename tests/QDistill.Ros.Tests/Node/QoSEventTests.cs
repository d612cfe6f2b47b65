using System.Diagnostics;
using System.Text.Json;
using QDistill.Configuration;
using String = QDistill.Msgs.StdMsgs.String;

namespace QDistill.Ros.Tests;

/// <summary>The recorded scenarios of qos_events.json, replayed: the same events with the same figures, the same warnings.</summary>
public sealed class QoSEventTests
{
    private const string Record = "golden/behaviour/qos_events.json";
    private static readonly string[] Libraries = ["rclcpp on rmw_cyclonedds_cpp", "rclcpp on rmw_fastrtps_cpp", "rclpy on rmw_cyclonedds_cpp", "rclpy on rmw_fastrtps_cpp"];

    private static readonly Dictionary<string, (QoSProfile Publisher, QoSProfile Subscription)> Cases = new()
    {
        ["compatible"] = (QoSProfile.Default, QoSProfile.Default),
        ["reliability"] = (QoSProfile.Default with { Reliability = ReliabilityPolicy.BestEffort }, QoSProfile.Default),
        ["durability"] = (QoSProfile.Default, QoSProfile.Default with { Durability = DurabilityPolicy.TransientLocal }),
        ["deadline"] = (QoSProfile.Default with { Deadline = TimeSpan.FromSeconds(2) }, QoSProfile.Default with { Deadline = TimeSpan.FromSeconds(1) }),
        ["deadline_offered_infinite"] = (QoSProfile.Default, QoSProfile.Default with { Deadline = TimeSpan.FromSeconds(1) }),
        ["liveliness"] = (QoSProfile.Default, QoSProfile.Default with { Liveliness = LivelinessPolicy.ManualByTopic }),
        ["lease"] = (QoSProfile.Default with { LivelinessLeaseDuration = TimeSpan.FromSeconds(5) }, QoSProfile.Default with { LivelinessLeaseDuration = TimeSpan.FromSeconds(1) }),
        ["rel_and_dur"] = (QoSProfile.Default with { Reliability = ReliabilityPolicy.BestEffort }, QoSProfile.Default with { Durability = DurabilityPolicy.TransientLocal }),
    };

    /// <summary>
    /// We do as rclcpp on Cyclone DDS. rclpy words its warnings otherwise, and its publisher of the shortest record saw no subscription leave; Fast DDS tells of the
    /// liveliness of a publisher only where a lease was asked for.
    /// </summary>
    [DataTheory(Record)]
    [InlineData("rclcpp on rmw_cyclonedds_cpp")]
    [InlineData("rclcpp on rmw_fastrtps_cpp")]
    [InlineData("rclpy on rmw_cyclonedds_cpp")]
    [InlineData("rclpy on rmw_fastrtps_cpp")]
    public void Recorded_encounters_give_the_same_events_and_the_same_warnings(string library)
    {
        bool python = library.StartsWith("rclpy", StringComparison.Ordinal), fast = library.EndsWith("fastrtps_cpp", StringComparison.Ordinal);
        int replayed = 0;
        foreach (JsonElement run in Runs(library).Where(r => Cases.ContainsKey(Text(r, "case"))))
        {
            bool listens = Text(run, "callbacks").StartsWith("all", StringComparison.Ordinal);
            Side[] golden = [.. run.GetProperty("endpoints").EnumerateArray().Select(Side.Read)];
            bool departureUnseen = python && !golden.Any(g => g.Events.Any(e => e.Name.EndsWith("_matched", StringComparison.Ordinal) && e.Figures[3] < 0));
            string Seen(IEnumerable<Told> events) => Totals(events.Where(e =>
                !(fast && e.Name == "liveliness_changed") && !(departureUnseen && e.Name.EndsWith("_matched", StringComparison.Ordinal) && e.Figures[3] < 0)));
            using var ros = new TestNodes();
            (QoSProfile offered, QoSProfile requested) = Cases[Text(run, "case")];
            Live[] ours = [.. golden.Select(g => new Live(ros, g.Role, g.Role == "pub" ? offered : requested, listens))];
            if (Text(run, "case") == "compatible" && listens)
            {
                // Who leaves first is in the scenario's words; the record ends with it.
                string scenario = Text(run, "scenario");
                Live first = ours.First(o => o.Role == (scenario.StartsWith("two publishers", StringComparison.Ordinal) ? "pub" : "sub"));
                Await(ours, () => ours.All(o => o.Endpoint.MatchedCount == ours.Count(x => x.Role != o.Role)));
                foreach (Live leaves in ours.Where(o => o.Role == first.Role).ToArray())
                {
                    Live[] others = [.. ours.Where(o => o.Role != first.Role)];
                    int left = others[0].Endpoint.MatchedCount - 1;
                    Drain(ours);
                    leaves.Endpoint.Dispose();
                    Await(others, () => others.All(o => o.Endpoint.MatchedCount == left));
                    Drain(others);
                }
            }

            var patience = Stopwatch.StartNew();
            while (patience.Elapsed < TestNodes.Patience
                && !ours.Zip(golden).All(p => Seen(p.First.Events) == Seen(p.Second.Events) && p.First.Warnings.Length >= p.Second.Warnings.Distinct().Count()))
            {
                Drain(ours, TimeSpan.FromMilliseconds(1));
            }

            Drain(ours);
            foreach ((Live mine, Side theirs) in ours.Zip(golden))
            {
                string where = $"{Text(run, "case")}, {Text(run, "callbacks")}, {mine.Role}";
                Assert.Equal((where, Seen(theirs.Events)), (where, Seen(mine.Events)));

                // Two encounters may be told at once, and then warned of once.
                Assert.Equal(theirs.Warnings.Distinct(), (python ? mine.Warnings.Select(InRclpysWords) : mine.Warnings).Distinct());
            }

            replayed++;
        }

        Assert.Equal((20, 4), (replayed, Runs(library).Length - replayed)); // the four others: deadlines missed, liveliness lost, publishers that leave or die, below
    }

    [DataFact(Record)]
    public void A_publisher_that_falls_silent_misses_its_deadline_on_both_sides_and_goes_on_missing_it()
    {
        QoSProfile qos = QoSProfile.Default with { Deadline = TimeSpan.FromMilliseconds(500) };
        using var ros = new TestNodes();
        Live publisher = new(ros, "pub", qos, true), subscription = new(ros, "sub", qos, true);
        Live[] both = [publisher, subscription];
        Talk(both, publisher, () => subscription.Received >= 3);
        Await(both, () => publisher.Has("offered_deadline_missed", 2) && subscription.Has("requested_deadline_missed", 2));
        publisher.Endpoint.Dispose();
        Await(both, () => subscription.Events.Any(e => e.Name == "subscription_matched" && e.Figures[2] == 0));
        int missed = subscription.Events.Count;
        Await(both, () => subscription.Events.Count > missed && subscription.Events[^1].Name == "requested_deadline_missed");
        AssertAsRecorded("dl_miss", both);
    }

    [DataFact(Record)]
    public void A_publisher_that_stops_asserting_itself_loses_its_liveliness()
    {
        QoSProfile qos = QoSProfile.Default with { Liveliness = LivelinessPolicy.ManualByTopic, LivelinessLeaseDuration = TimeSpan.FromSeconds(1.5) };
        using var ros = new TestNodes();
        Live publisher = new(ros, "pub", qos, true), subscription = new(ros, "sub", qos, true);
        Live[] both = [publisher, subscription];
        Talk(both, publisher, () => subscription.Received >= 3);
        Await(both, () => publisher.Has("liveliness_lost", 1) && subscription.Events.Any(e => e.Name == "liveliness_changed" && e.Figures[1] == 1));
        publisher.Endpoint.Dispose();
        Await(both, () => subscription.Events.Any(e => e.Name == "subscription_matched" && e.Figures[2] == 0));
        Drain(both);
        AssertAsRecorded("live_manual", both);
    }

    [DataFact(Record)]
    public void A_publisher_that_leaves_in_good_order_is_no_longer_alive_and_one_that_is_killed_is_counted_as_not_alive()
    {
        QoSProfile qos = QoSProfile.Default with { LivelinessLeaseDuration = TimeSpan.FromSeconds(1) };
        foreach (bool killed in new[] { false, true })
        {
            using var ros = new TestNodes();
            Live subscription = new(ros, "sub", qos, true);
            using LineProcess peer = LineProcess.Ros(ros.Domain.Id, "talk", "qpub", "q_topic", "100000", "50", "lease");
            Await([subscription], () => subscription.Received >= 3);
            if (killed)
            {
                peer.Kill();
            }
            else
            {
                Assert.Equal(0, peer.Close());
            }

            Await([subscription], () => subscription.Events.Any(e => e.Name == "liveliness_changed" && e.Figures[0] == 0));
            Drain([subscription]);
            AssertAsRecorded("live_auto", [subscription], killed ? "SIGKILL" : "cleanly");
        }
    }

    [Theory]
    [InlineData("sensor_data", ReliabilityPolicy.BestEffort, DurabilityPolicy.Volatile, 5)]
    [InlineData("default", ReliabilityPolicy.Reliable, DurabilityPolicy.Volatile, 10)]
    [InlineData("services_default", ReliabilityPolicy.Reliable, DurabilityPolicy.Volatile, 10)]
    [InlineData("parameters", ReliabilityPolicy.Reliable, DurabilityPolicy.Volatile, 1000)]
    [InlineData("parameter_events", ReliabilityPolicy.Reliable, DurabilityPolicy.Volatile, 1000)]
    [InlineData("action_status_default", ReliabilityPolicy.Reliable, DurabilityPolicy.TransientLocal, 1)]
    [InlineData("system_default", ReliabilityPolicy.SystemDefault, DurabilityPolicy.SystemDefault, 0)]
    [InlineData("best_available", ReliabilityPolicy.BestAvailable, DurabilityPolicy.BestAvailable, 10)]
    public void Profiles_have_ros_names(string name, ReliabilityPolicy reliability, DurabilityPolicy durability, int depth)
    {
        QoSProfile profile = QoSProfileNames.Parse(name);
        Assert.Equal((reliability, durability, depth), (profile.Reliability, profile.Durability, profile.Depth));
        Assert.Equal(profile, QoSProfileNames.Parse(QoSProfileNames.NameOf(profile)!));
    }

    [Fact]
    public void An_unknown_profile_is_refused_with_the_nearest_name()
    {
        UserErrorException e = Assert.Throws<UserErrorException>(() => QoSProfileNames.Parse("sensor_dta", "robot.yaml, line 3"));
        Assert.Equal("robot.yaml, line 3", e.Where);
        Assert.Contains("'sensor_data'", e.ToString());
        Assert.Null(QoSProfileNames.NameOf(QoSProfile.KeepLast(7)));
    }

    private static void Talk(Live[] all, Live publisher, Func<bool> until)
    {
        long next = 0;
        Await(all, () =>
        {
            if (Clock.Steady.Now > next)
            {
                ((Publisher<String>)publisher.Endpoint).Publish(TestNodes.Text("x"));
                next = Clock.Steady.Now + 50_000_000;
            }

            return until();
        });
    }

    // One run of ours stands against the records of both libraries on both middlewares.
    private static void AssertAsRecorded(string name, Live[] ours, string scenario = "")
    {
        foreach (string library in Libraries)
        {
            JsonElement run = Runs(library).Single(r => Text(r, "case") == name && Text(r, "scenario").Contains(scenario, StringComparison.Ordinal));
            bool withoutLease = name == "dl_miss" && library.EndsWith("fastrtps_cpp", StringComparison.Ordinal); // then Fast DDS tells of no liveliness
            foreach (Live mine in ours)
            {
                Side theirs = run.GetProperty("endpoints").EnumerateArray().Select(Side.Read).Single(s => s.Role == mine.Role);
                IEnumerable<Told> events = mine.Events.Where(e => !(withoutLease && e.Name == "liveliness_changed"));
                Assert.Equal((library, ByKind(theirs.Events)), (library, ByKind(events)));
                Assert.Equal(theirs.Warnings, mine.Warnings);
            }
        }
    }

    // Events at one moment come in either order there too; missed deadlines are told one by one or several at once, as long as it lasts.
    private static string ByKind(IEnumerable<Told> events) => string.Join('\n', events.GroupBy(e => e.Name).OrderBy(g => g.Key, StringComparer.Ordinal)
        .Select(g => g.Key.Contains("deadline", StringComparison.Ordinal)
            ? $"{g.Key}: {(g.Last().Figures[0] == g.Sum(e => e.Figures[1]) && g.Last().Figures[0] > 1 ? "several, each counted once" : "miscounted")}"
            : $"{g.Key}: {string.Join(' ', g)}"));

    // Two encounters may be told one by one or both at once.
    private static string Totals(IEnumerable<Told> events) => string.Join('\n', events.GroupBy(e => e.Name).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => g.Key switch
    {
        "requested_incompatible_qos" or "offered_incompatible_qos" => $"{g.Key}: {g.Last().Figures[0]} in all, {g.Sum(e => e.Figures[1])} told, policy {g.Last().Figures[2]}",
        "publication_matched" or "subscription_matched" =>
            $"{g.Key}: up {g.Where(e => e.Figures[3] > 0).Sum(e => e.Figures[3])}, then {string.Join(' ', g.Where(e => e.Figures[3] < 0))}, total {g.Last().Figures[0]}, told {g.Sum(e => e.Figures[1])}",
        _ => $"{g.Key}: up {g.Where(e => e.Figures[2] > 0).Sum(e => e.Figures[2])}, then {string.Join(' ', g.Where(e => e.Figures[2] < 0))}",
    }));

    private static void Await(Live[] all, Func<bool> condition)
    {
        var time = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(time.Elapsed < TestNodes.Patience, $"timed out; events so far:\n{string.Join('\n', all.SelectMany(l => l.Events.Select(e => $"{l.Role} {e.Name} {e}")))}");
            Drain(all, TimeSpan.FromMilliseconds(1));
        }
    }

    private static void Drain(Live[] all, TimeSpan wait = default)
    {
        foreach (Live one in all)
        {
            while (one.Endpoint.Node.Context.SpinOnce(wait))
            {
            }
        }
    }

    private static JsonElement[] Runs(string library) =>
        [.. JsonDocument.Parse(File.ReadAllBytes(SharedData.PathOf(Record))).RootElement.GetProperty("runs").GetProperty(library).EnumerateArray()];

    private static string InRclpysWords(string warning) => warning
        .Replace("'/q_topic'", "'q_topic'", StringComparison.Ordinal)
        .Replace("_QOS_POLICY", string.Empty, StringComparison.Ordinal)
        .Replace("offering incompatible QoS. No messages will be sent to it", "offering incompatible QoS. No messages will be received from it", StringComparison.Ordinal);

    private static string Text(JsonElement e, string name) => e.GetProperty(name).GetString()!;

    private sealed record Told(string Name, int[] Figures)
    {
        public override string ToString() => $"({string.Join(", ", Figures)})";
    }

    private sealed record Side(string Role, IReadOnlyList<Told> Events, IReadOnlyList<string> Warnings)
    {
        public static Side Read(JsonElement e) => new(
            Text(e, "role"),
            [.. e.GetProperty("events").EnumerateArray().Where(v => Text(v, "event") != "end")
                .Select(v => new Told(Text(v, "event"), [.. v.EnumerateObject().Where(p => p.Name is not ("t_ms" or "event")).Select(p => p.Value.GetInt32())]))],
            [.. e.GetProperty("stderr").EnumerateArray().Select(l => l.GetString()!)]);
    }

    /// <summary>One of our endpoints in a context of its own, with what it was told.</summary>
    private sealed class Live
    {
        private readonly StringWriter console = new();

        public Live(TestNodes ros, string role, QoSProfile qos, bool listens)
        {
            Role = role;
            Node node = ros.Open(o => o with { LoggerFactory = new RosLoggerFactory(output: console) }).CreateNode(role == "pub" ? "qpub" : "qsub");
            if (role == "pub")
            {
                Publisher<String> publisher = node.CreatePublisher<String>("q_topic", qos);
                Endpoint = publisher;
                if (listens)
                {
                    publisher.OfferedDeadlineMissed += s => Tell("offered_deadline_missed", s.TotalCount, s.TotalCountChange);
                    publisher.LivelinessLost += s => Tell("liveliness_lost", s.TotalCount, s.TotalCountChange);
                }
            }
            else
            {
                Subscription<String> subscription = node.CreateSubscription<String>("q_topic", qos, _ => Received++);
                Endpoint = subscription;
                if (listens)
                {
                    subscription.RequestedDeadlineMissed += s => Tell("requested_deadline_missed", s.TotalCount, s.TotalCountChange);
                    subscription.LivelinessChanged += s => Tell("liveliness_changed", s.AliveCount, s.NotAliveCount, s.AliveCountChange, s.NotAliveCountChange);
                    subscription.MessagesLost += s => Tell("message_lost", s.TotalCount, s.TotalCountChange);
                }
            }

            if (listens)
            {
                Endpoint.MatchedChanged += s => Tell(role == "pub" ? "publication_matched" : "subscription_matched", s.TotalCount, s.TotalCountChange, s.CurrentCount, s.CurrentCountChange);
                Endpoint.IncompatibleQoS += s => Tell(role == "pub" ? "offered_incompatible_qos" : "requested_incompatible_qos", s.TotalCount, s.TotalCountChange, (int)s.LastPolicy);
            }
        }

        public string Role { get; }

        public Endpoint Endpoint { get; }

        public int Received { get; private set; }

        public List<Told> Events { get; } = [];

        public string[] Warnings => [.. console.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => System.Text.RegularExpressions.Regex.Replace(l, @"\[\d+\.\d+\]", "[<stamp>]"))];

        public bool Has(string name, int total) => Events.Any(e => e.Name == name && e.Figures[0] >= total);

        private void Tell(string name, params int[] figures) => Events.Add(new Told(name, figures));
    }
}
