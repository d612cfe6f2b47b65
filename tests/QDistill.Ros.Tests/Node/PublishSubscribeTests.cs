using QDistill.Msgs.SensorMsgs;
using Int32 = QDistill.Msgs.StdMsgs.Int32;
using String = QDistill.Msgs.StdMsgs.String;

namespace QDistill.Ros.Tests;

public sealed class PublishSubscribeTests
{
    [Fact]
    public void A_typed_message_arrives_whole_with_its_stamp_and_its_publishers_gid()
    {
        using var ros = new TestNodes();
        Node talker = ros.Node("talker"), listener = ros.Node("listener");
        LaserScan? got = null;
        MessageInfo info = default;
        Subscription<LaserScan> subscription = listener.CreateSubscription<LaserScan>("scan", QoSProfile.SensorData, (m, i) => (got, info) = (m, i));
        Publisher<LaserScan> publisher = talker.CreatePublisher<LaserScan>("/scan", QoSProfile.SensorData);
        TestNodes.AwaitMatched(publisher);
        TestNodes.AwaitMatched(subscription);

        var scan = new LaserScan { AngleMin = -1.5f, RangeMax = 12 };
        scan.Header.FrameId = "laser";
        scan.Header.Stamp.Sec = 17;
        for (int i = 0; i < 720; i++)
        {
            scan.Ranges.Add(i / 7f);
        }

        publisher.Publish(scan, 123_456_789);
        Assert.True(listener.Context.SpinUntil(() => got is not null, TestNodes.Patience));
        Assert.Equal("laser", got!.Header.FrameId);
        Assert.Equal(scan.Ranges.Span, got.Ranges.Span);
        Assert.Equal(Cdr.Serialize(scan), Cdr.Serialize(got));
        Assert.Equal(123_456_789, info.SourceTimestamp);
        Assert.Equal(publisher.Gid, info.PublisherGid);
        Assert.InRange(Clock.System.Now - info.ReceptionTimestamp, 0, 60_000_000_000);
    }

    [Fact]
    public void Serialized_messages_go_both_ways_between_typed_and_generic_endpoints()
    {
        using var ros = new TestNodes();
        Node a = ros.Node("a"), b = ros.Node("b");
        byte[]? bytes = null;
        string? text = null;
        GenericSubscription raw = b.CreateGenericSubscription("t", "std_msgs/msg/String", null, (ReadOnlySpan<byte> p, in MessageInfo _) => bytes = p.ToArray());
        b.CreateSubscription<String>("u", null, m => text = m.Data);
        Publisher<String> typed = a.CreatePublisher<String>("t");
        GenericPublisher generic = a.CreateGenericPublisher("u", String.Type);
        TestNodes.AwaitMatched(typed);
        TestNodes.AwaitMatched(generic);
        typed.Publish(TestNodes.Text("typed"));
        generic.Publish(Cdr.Serialize(TestNodes.Text("generic")));
        Assert.True(b.Context.SpinUntil(() => bytes is not null && text is not null, TestNodes.Patience));
        Assert.Equal("typed", Cdr.Deserialize<String>(bytes).Data);
        Assert.Equal(0, bytes!.Length % 4);
        Assert.Equal("generic", text);
        Assert.Equal(String.Type.Hash, raw.MessageType.Hash);
    }

    [Fact]
    public void Reliable_messages_arrive_all_and_in_order()
    {
        using var ros = new TestNodes();
        Node a = ros.Node("a"), b = ros.Node("b");
        var got = new List<int>();
        QoSProfile all = QoSProfile.Default with { History = HistoryPolicy.KeepAll };
        b.CreateSubscription<Int32>("n", all, m => got.Add(m.Data));
        Publisher<Int32> publisher = a.CreatePublisher<Int32>("n", all);
        TestNodes.AwaitMatched(publisher);
        var message = new Int32();
        for (int i = 0; i < 5000; i++)
        {
            message.Data = i;
            publisher.Publish(message);
        }

        Assert.True(b.Context.SpinUntil(() => got.Count >= 5000, TestNodes.Patience));
        Assert.Equal(Enumerable.Range(0, 5000), got);
    }

    [Fact]
    public void Keep_last_keeps_only_the_last_messages_of_a_burst()
    {
        using var ros = new TestNodes();
        Node a = ros.Node("a"), b = ros.Node("b");
        var got = new List<int>();
        Subscription<Int32> subscription = b.CreateSubscription<Int32>("n", QoSProfile.KeepLast(3), m => got.Add(m.Data));
        Publisher<Int32> publisher = a.CreatePublisher<Int32>("n", QoSProfile.KeepLast(3));
        TestNodes.AwaitMatched(publisher);
        TestNodes.AwaitMatched(subscription);
        for (int i = 0; i < 50; i++)
        {
            publisher.Publish(new Int32 { Data = i });
        }

        Assert.True(publisher.WaitForAcknowledgment(TestNodes.Patience));
        Assert.True(b.Context.SpinUntil(() => got.Contains(49), TestNodes.Patience));
        Assert.Equal([47, 48, 49], got);
    }

    [Fact]
    public void A_late_joiner_gets_the_latched_message_and_only_if_it_asks_for_it()
    {
        using var ros = new TestNodes();
        Node a = ros.Node("a"), b = ros.Node("b");
        Publisher<String> publisher = a.CreatePublisher<String>("map", QoSProfile.TransientLocal);
        publisher.Publish(TestNodes.Text("old"));
        publisher.Publish(TestNodes.Text("latched"));
        var late = new List<string>();
        var current = new List<string>();
        b.CreateSubscription<String>("map", QoSProfile.TransientLocal with { Depth = 10 }, m => late.Add(m.Data));
        b.CreateSubscription<String>("map", QoSProfile.Default, m => current.Add(m.Data));
        TestNodes.AwaitMatched(publisher, 2);
        publisher.Publish(TestNodes.Text("new"));
        Assert.True(b.Context.SpinUntil(() => late.Contains("new") && current.Count > 0, TestNodes.Patience));
        Assert.Equal(["latched", "new"], late);
        Assert.Equal(["new"], current);
    }

    [Fact]
    public void A_best_effort_publisher_does_not_serve_a_reliable_subscription_and_both_say_why()
    {
        using var ros = new TestNodes();
        Node a = ros.Node("a"), b = ros.Node("b");
        IncompatibleQoSStatus? offered = null, requested = null;
        Publisher<String> publisher = a.CreatePublisher<String>("t", QoSProfile.SensorData);
        publisher.IncompatibleQoS += s => offered = s;
        Subscription<String> subscription = b.CreateSubscription<String>("t", QoSProfile.Default, _ => { });
        subscription.IncompatibleQoS += s => requested = s;
        Assert.True(a.Context.SpinUntil(() => offered is not null, TestNodes.Patience));
        Assert.True(b.Context.SpinUntil(() => requested is not null, TestNodes.Patience));
        Assert.Equal(new IncompatibleQoSStatus(1, 1, QoSPolicyKind.Reliability), offered);
        Assert.Equal(new IncompatibleQoSStatus(1, 1, QoSPolicyKind.Reliability), requested);
        Assert.Equal(0, publisher.MatchedCount);
    }

    [Fact]
    public void A_malformed_message_is_dropped_counted_and_logged_once_per_source()
    {
        using var ros = new TestNodes();
        using var log = new StringWriter();
        Node a = ros.Node("a");
        Node b = ros.Open(o => o with { LoggerFactory = new RosLoggerFactory(output: log) }).CreateNode("b", "ns");
        string? text = null;
        Subscription<String> subscription = b.CreateSubscription<String>("/t", null, m => text = m.Data);
        GenericPublisher publisher = a.CreateGenericPublisher("/t", String.Type);
        TestNodes.AwaitMatched(publisher);
        byte[] lie = [0, 1, 0, 0, 255, 255, 255, 127, 65];
        publisher.Publish(lie);
        publisher.Publish(lie);
        publisher.Publish(Cdr.Serialize(TestNodes.Text("good")));
        Assert.True(b.Context.SpinUntil(() => text is not null, TestNodes.Patience));
        Assert.Equal("good", text);
        Assert.Equal(2, subscription.MalformedCount);
        string line = Assert.Single(log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("[ERROR] [", line);
        Assert.Contains("[ns.b]: A message on '/t' from " + publisher.Gid, line);
    }

    [Fact]
    public void Receiving_typed_messages_allocates_nothing()
    {
        using var ros = new TestNodes();
        Node a = ros.Node("a"), b = ros.Node("b");
        int got = 0;
        QoSProfile all = QoSProfile.Default with { History = HistoryPolicy.KeepAll };
        b.CreateSubscription<LaserScan>("scan", all, (_, _) => got++);
        Publisher<LaserScan> publisher = a.CreatePublisher<LaserScan>("scan", all);
        TestNodes.AwaitMatched(publisher);
        var scan = new LaserScan();
        scan.Header.FrameId = "laser";
        scan.Ranges.Resize(360);

        long Round(int count)
        {
            got = 0;
            for (int i = 0; i < count; i++)
            {
                publisher.Publish(scan);
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            while (got < count)
            {
                b.Context.SpinOnce(TestNodes.Patience);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Round(200);
        Round(200);
        Assert.Equal(0, Round(200));
        long published = GC.GetAllocatedBytesForCurrentThread();
        publisher.Publish(scan);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - published);
    }
}
