using QDistill.Configuration;
using QDistill.Msgs.SensorMsgs;
using Int32 = QDistill.Msgs.StdMsgs.Int32;
using String = QDistill.Msgs.StdMsgs.String;

namespace QDistill.Ros.Tests;

/// <summary>The hand-over within a process behaves as the way over the wire does; tests that take a bool run both.</summary>
public sealed class IntraProcessTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_message_comes_whole_with_its_stamp_and_its_publishers_gid(bool intra)
    {
        using var ros = new TestNodes();
        (Node a, Node b) = Pair(ros, intra);
        LaserScan? got = null;
        MessageInfo info = default;
        b.CreateSubscription<LaserScan>("scan", QoSProfile.SensorData, (m, i) => (got, info) = (m, i));
        Publisher<LaserScan> publisher = a.CreatePublisher<LaserScan>("scan", QoSProfile.SensorData);
        TestNodes.AwaitMatched(publisher);
        var scan = new LaserScan { RangeMax = 12, Header = { FrameId = "laser" } };
        scan.Ranges.Assign([1, 2, 3]);
        byte[] sent = Cdr.Serialize(scan);
        publisher.Publish(scan, 123_456_789);
        scan.Ranges[0] = 9; // it was copied
        Assert.True(b.Context.SpinUntil(() => got is not null, TestNodes.Patience));
        Assert.NotSame(scan, got);
        Assert.Equal(sent, Cdr.Serialize(got!));
        Assert.Equal((123_456_789L, publisher.Gid, intra), (info.SourceTimestamp, info.PublisherGid, info.FromIntraProcess));
        Assert.InRange(Clock.System.Now - info.ReceptionTimestamp, 0, 60_000_000_000);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Keep_last_keeps_only_the_last_messages_of_a_burst(bool intra)
    {
        using var ros = new TestNodes();
        (Node a, Node b) = Pair(ros, intra);
        var got = new List<int>();
        b.CreateSubscription<Int32>("n", QoSProfile.KeepLast(3), m => got.Add(m.Data));
        Publisher<Int32> publisher = a.CreatePublisher<Int32>("n", QoSProfile.KeepLast(3));
        TestNodes.AwaitMatched(publisher);
        Burst(publisher, 0, 50);
        Assert.True(b.Context.SpinUntil(() => got.Contains(49), TestNodes.Patience));
        Assert.Equal([47, 48, 49], got);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_late_subscription_gets_what_is_latched_and_only_if_it_asks_for_it(bool intra)
    {
        using var ros = new TestNodes();
        (Node a, Node b) = Pair(ros, intra);
        Publisher<Int32> publisher = a.CreatePublisher<Int32>("map", QoSProfile.TransientLocal with { Depth = 2 });
        Burst(publisher, 0, 4);
        var late = new List<int>();
        var current = new List<int>();
        b.CreateSubscription<Int32>("map", QoSProfile.TransientLocal with { Depth = 10 }, m => late.Add(m.Data));
        b.CreateSubscription<Int32>("map", QoSProfile.Default, m => current.Add(m.Data));
        TestNodes.AwaitMatched(publisher, 2);
        Burst(publisher, 4, 5);
        Assert.True(b.Context.SpinUntil(() => late.Contains(4) && current.Count > 0, TestNodes.Patience));
        DrainQueue(b.Context);
        Assert.Equal([2, 3, 4], late);
        Assert.Equal([4], current);
    }

    [Fact]
    public void What_is_latched_arrives_once_also_from_a_publisher_that_has_gone_since()
    {
        using var ros = new TestNodes();
        (Node a, Node b) = Pair(ros, true);
        int[] arrived = new int[20];
        for (int i = 0; i < arrived.Length; i++)
        {
            // Both copies wait to be read: the one handed over, and the middleware's, whose writer nobody can look up any more.
            Publisher<Int32> publisher = a.CreatePublisher<Int32>($"map{i}", QoSProfile.TransientLocal);
            publisher.Publish(new Int32 { Data = i });
            b.CreateSubscription<Int32>($"map{i}", QoSProfile.TransientLocal, m => arrived[m.Data]++);
            publisher.Dispose();
        }

        Assert.True(b.Context.SpinUntil(() => arrived.All(n => n > 0), TestNodes.Patience));
        DrainQueue(b.Context);
        Assert.All(arrived, n => Assert.Equal(1, n));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_message_that_outlived_its_lifespan_is_not_delivered(bool intra)
    {
        using var ros = new TestNodes();
        (Node a, Node b) = Pair(ros, intra);
        var got = new List<int>();
        b.CreateSubscription<Int32>("n", null, m => got.Add(m.Data));
        Publisher<Int32> publisher = a.CreatePublisher<Int32>("n", QoSProfile.Default with { Lifespan = TimeSpan.FromMilliseconds(50) });
        TestNodes.AwaitMatched(publisher);
        Burst(publisher, 0, 3);
        Thread.Sleep(150);

        // A busy machine may let the next one outlive its lifespan as well: sent until one arrives.
        for (int i = 0; i < 200 && got.Count == 0; i++)
        {
            Burst(publisher, 3, 4);
            b.Context.SpinUntil(() => got.Count > 0, TimeSpan.FromMilliseconds(20));
        }

        Assert.Contains(3, got);
        Assert.All(got, value => Assert.Equal(3, value));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Incompatible_qos_keeps_them_apart_and_both_say_why(bool intra)
    {
        using var ros = new TestNodes();
        (Node a, Node b) = Pair(ros, intra);
        IncompatibleQoSStatus? offered = null, requested = null;
        int got = 0;
        Publisher<Int32> publisher = a.CreatePublisher<Int32>("n", QoSProfile.SensorData);
        publisher.IncompatibleQoS += s => offered = s;
        b.CreateSubscription<Int32>("n", QoSProfile.Default, _ => got++).IncompatibleQoS += s => requested = s;
        Burst(publisher, 0, 3);
        Assert.True(b.Context.SpinUntil(() => offered is not null && requested is not null, TestNodes.Patience));
        Assert.Equal((QoSPolicyKind.Reliability, QoSPolicyKind.Reliability, 0), (offered!.Value.LastPolicy, requested!.Value.LastPolicy, got));
    }

    [Fact]
    public void Everyone_gets_every_message_once_whatever_way_it_takes()
    {
        using var ros = new TestNodes();
        (Node a, Node b) = Pair(ros, intra: true);
        Node remote = ros.Node("remote");
        QoSProfile deep = QoSProfile.KeepLast(100);
        var wireOnly = new SubscriptionOptions { UseIntraProcess = false };
        var got = new Dictionary<string, List<(int Value, bool Intra)>>();
        Action<Int32, MessageInfo> Into(string name)
        {
            got[name] = [];
            return (m, i) => got[name].Add((m.Data, i.FromIntraProcess));
        }

        b.CreateSubscription<Int32>("n", deep, Into("handed over"));
        a.CreateSubscription<Int32>("n", deep, Into("own node"));
        b.CreateSubscription<Int32>("n", deep, Into("wire"), wireOnly);
        Publisher<Int32> publisher = a.CreatePublisher<Int32>("n", deep);
        Publisher<Int32> other = a.CreatePublisher<Int32>("n", deep, new PublisherOptions { UseIntraProcess = false });
        TestNodes.AwaitMatched(publisher, 3);
        TestNodes.AwaitMatched(other, 3);
        Burst(publisher, 0, 10);
        remote.CreateSubscription<Int32>("n", deep, Into("remote"));
        int generic = 0;
        b.CreateGenericSubscription("n", Int32.Type.Name, deep, (ReadOnlySpan<byte> _, in MessageInfo _) => generic++);
        TestNodes.AwaitMatched(publisher, 5);
        TestNodes.AwaitMatched(other, 5);
        Burst(publisher, 10, 20);
        Burst(other, 20, 30);
        TestNodes.Await(
            () =>
            {
                b.Context.SpinOnce(TimeSpan.Zero);
                remote.Context.SpinOnce(TimeSpan.Zero);
                return got["remote"].Count >= 20 && got["wire"].Count >= 30 && got["handed over"].Count >= 30 && got["own node"].Count >= 30 && generic >= 20;
            },
            "all have all");
        DrainQueue(b.Context);
        DrainQueue(remote.Context);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => (i, true)).Concat(Enumerable.Range(20, 10).Select(i => (i, false))), got["handed over"].Order());
        Assert.Equal(got["handed over"].Order(), got["own node"].Order());
        Assert.Equal(Enumerable.Range(0, 30).Select(i => (i, false)), got["wire"].Order());
        Assert.Equal(Enumerable.Range(10, 20).Select(i => (i, false)), got["remote"].Order());
        Assert.Equal(20, generic);
    }

    [Fact]
    public void Subscriptions_have_instances_of_their_own()
    {
        using var ros = new TestNodes();
        (Node a, Node b) = Pair(ros, intra: true);
        var texts = new List<string>();
        for (int i = 0; i < 2; i++)
        {
            b.CreateSubscription<String>("t", null, m =>
            {
                texts.Add(m.Data);
                m.Data += " changed";
            });
        }

        Publisher<String> publisher = a.CreatePublisher<String>("t");
        String text = TestNodes.Text("as sent");
        publisher.Publish(text);
        Assert.True(b.Context.SpinUntil(() => texts.Count == 2, TestNodes.Patience));
        Assert.Equal(["as sent", "as sent"], texts);
        Assert.Equal("as sent", text.Data);
    }

    [Fact]
    public void Nothing_is_serialised_while_only_the_own_process_listens_and_the_graph_shows_both_ends()
    {
        using var ros = new TestNodes();
        (Node a, Node b) = Pair(ros, intra: true);
        Node remote = ros.Node("remote");
        int got = 0;
        b.CreateSubscription<Counted>("c", QoSProfile.KeepLast(20), _ => got++);
        Publisher<Counted> publisher = a.CreatePublisher<Counted>("c", QoSProfile.KeepLast(20));
        TestNodes.Await(() => remote.CountPublishers("c") == 1 && remote.CountSubscribers("c") == 1, "another process sees both");
        for (int i = 0; i < 10; i++)
        {
            publisher.Publish(new Counted());
        }

        Assert.True(b.Context.SpinUntil(() => got == 10, TestNodes.Patience));
        Assert.Equal(0, Counted.Written);
        using (remote.CreateSubscription<Counted>("c", QoSProfile.KeepLast(20), _ => { }))
        {
            TestNodes.AwaitMatched(publisher, 2);
            publisher.Publish(new Counted());
            Assert.Equal(1, Counted.Written);
        }

        TestNodes.AwaitMatched(publisher, 1);
        publisher.Publish(new Counted());
        Assert.Equal(1, Counted.Written);
        Assert.True(b.Context.SpinUntil(() => got == 12, TestNodes.Patience));
    }

    [Fact]
    public void Publishing_and_receiving_allocate_nothing_on_reused_instances()
    {
        using var ros = new TestNodes();
        (Node a, Node b) = Pair(ros, intra: true);
        int got = 0;
        b.CreateSubscription<LaserScan>("scan", QoSProfile.KeepLast(5), (_, _) => got++);
        Publisher<LaserScan> publisher = a.CreatePublisher<LaserScan>("scan", QoSProfile.KeepLast(5));
        TestNodes.AwaitMatched(publisher);
        var scan = new LaserScan { Header = { FrameId = "laser" } };
        scan.Ranges.Resize(720);
        long Round(int count)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < count; i++)
            {
                int want = got + 3;
                publisher.Publish(scan);
                publisher.Publish(scan);
                publisher.Publish(scan);
                while (got < want)
                {
                    b.Context.SpinOnce(TestNodes.Patience);
                }
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Round(100);
        Assert.Equal(0, Round(300));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Messages_of_other_threads_come_all_and_in_order_while_subscriptions_come_and_go(int executorThreads)
    {
        using var ros = new TestNodes();
        RosContext context = ros.Open(o => o with { UseIntraProcess = true, ExecutorThreads = executorThreads });
        Node a = context.CreateNode("a"), b = context.CreateNode("b");
        QoSProfile deep = QoSProfile.KeepLast(2000);
        var got = new List<int>();
        b.CreateSubscription<Int32>("n", deep, m => got.Add(m.Data));
        Publisher<Int32> publisher = a.CreatePublisher<Int32>("n", deep);
        using var spin = new ServiceTests.Spinning(context);
        var thread = new Thread(() => Burst(publisher, 0, 2000));
        thread.Start();
        for (int i = 0; i < 50; i++)
        {
            int last = -1;
            using Subscription<Int32> passing = b.CreateSubscription<Int32>("n", deep, m =>
            {
                Assert.True(m.Data > last);
                last = m.Data;
            });
            Thread.Yield();
        }

        thread.Join();
        TestNodes.Await(() => got.Count == 2000, "all came");
        Assert.Equal(Enumerable.Range(0, 2000), got);
    }

    [Fact]
    public void A_deadline_is_met_and_missed_as_on_the_wire()
    {
        using var ros = new TestNodes();
        (Node a, Node b) = Pair(ros, intra: true);
        QoSProfile qos = QoSProfile.Default with { Deadline = TimeSpan.FromMilliseconds(200) };
        int got = 0;
        CountStatus? requested = null, offered = null;
        b.CreateSubscription<Int32>("n", qos, _ => got++).RequestedDeadlineMissed += s => requested = s;
        Publisher<Int32> publisher = a.CreatePublisher<Int32>("n", qos);
        publisher.OfferedDeadlineMissed += s => offered = s;
        publisher.Publish(new Int32());
        Assert.True(b.Context.SpinUntil(() => got == 1 && requested is not null && offered is not null, TestNodes.Patience));
        Assert.Equal(1, got);
    }

    [Fact]
    public void Keep_all_is_refused_when_asked_for_and_goes_over_the_wire_when_it_is_only_the_nodes_default()
    {
        using var ros = new TestNodes();
        (Node a, Node b) = Pair(ros, intra: true);
        QoSProfile all = QoSProfile.Default with { History = HistoryPolicy.KeepAll };
        UserErrorException e = Assert.Throws<UserErrorException>(() => a.CreatePublisher<Int32>("n", all, new PublisherOptions { UseIntraProcess = true }));
        Assert.Contains("keep last", e.Message);
        Assert.Throws<UserErrorException>(() => a.CreateSubscription<Int32>("n", all, _ => { }, new SubscriptionOptions { UseIntraProcess = true }));
        bool? handedOver = null;
        b.CreateSubscription<Int32>("n", all, (_, i) => handedOver = i.FromIntraProcess);
        Publisher<Int32> publisher = a.CreatePublisher<Int32>("n", all);
        TestNodes.AwaitMatched(publisher);
        publisher.Publish(new Int32());
        Assert.True(b.Context.SpinUntil(() => handedOver is not null, TestNodes.Patience));
        Assert.False(handedOver);
    }

    [Fact]
    public void Two_policies_are_compatible_exactly_when_the_middleware_matches_them()
    {
        using var ros = new TestNodes();
        Node a = ros.Node("a"), b = ros.Node("b");
        TimeSpan[] limits = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), QoSProfile.Infinite];
        QoSProfile[] profiles =
        [
            QoSProfile.Default, QoSProfile.SensorData, QoSProfile.TransientLocal,
            .. limits.Select(t => QoSProfile.Default with { Deadline = t }),
            .. limits.Select(t => QoSProfile.Default with { LivelinessLeaseDuration = t }),
            QoSProfile.Default with { Liveliness = LivelinessPolicy.ManualByTopic, LivelinessLeaseDuration = limits[1] },
            QoSProfile.SensorData with { Durability = DurabilityPolicy.TransientLocal, Deadline = limits[0] },
        ];
        var pairs = new List<(Publisher<Int32> Publisher, IncompatibleQoSStatus? Reported, QoSPolicyKind? Expected)>();
        for (int i = 0; i < profiles.Length; i++)
        {
            for (int j = 0; j < profiles.Length; j++)
            {
                Publisher<Int32> publisher = a.CreatePublisher<Int32>($"t{i}_{j}", profiles[i]);
                int index = pairs.Count;
                pairs.Add((publisher, null, QoSCompatibility.FirstConflict(profiles[i], profiles[j])));
                publisher.IncompatibleQoS += s => pairs[index] = pairs[index] with { Reported = s };
                b.CreateSubscription<Int32>($"t{i}_{j}", profiles[j], _ => { });
            }
        }

        Assert.True(a.Context.SpinUntil(() => pairs.All(p => p.Publisher.MatchedCount == 1 || p.Reported is not null), TestNodes.Patience));
        Assert.All(pairs, p => Assert.Equal(p.Expected, p.Reported?.LastPolicy));
        Assert.InRange(pairs.Count(p => p.Expected is null), 20, pairs.Count - 20);
    }

    private static (Node A, Node B) Pair(TestNodes ros, bool intra)
    {
        RosContext context = ros.Open(o => o with { UseIntraProcess = intra });
        return (context.CreateNode("a"), context.CreateNode("b"));
    }

    private static void Burst(Publisher<Int32> publisher, int from, int to)
    {
        var message = new Int32();
        for (message.Data = from; message.Data < to; message.Data++)
        {
            publisher.Publish(message);
        }
    }

    private static void DrainQueue(RosContext context)
    {
        while (context.SpinOnce(TimeSpan.FromMilliseconds(20)))
        {
        }
    }

    /// <summary>A message that counts how often it was serialised.</summary>
    private sealed class Counted : IMessage<Counted>
    {
        private static int written;

        public static MessageType Type { get; } = new("test_msgs/msg/Counted", "RIHS01_0000000000000000000000000000000000000000000000000000000000000000");

        public static int Written => written;

        public void Read(ref CdrReader reader) => reader.ReadEmptyStructure();

        public void Write(ref CdrWriter writer)
        {
            Interlocked.Increment(ref written);
            writer.WriteEmptyStructure();
        }

        public MessageType GetMessageType() => Type;

        public void CopyFrom(Counted source) => _ = source;
    }
}
