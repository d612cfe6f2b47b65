using System.Text;
using QDistill.Msgs.SensorMsgs;
using String = QDistill.Msgs.StdMsgs.String;

namespace QDistill.Ros.Tests;

/// <summary>Against an implementation of DDS that is not ours.</summary>
public sealed class FastDdsTests
{
    [FastDdsFact]
    public void Strings_go_to_fast_dds()
    {
        using var ros = new TestNodes();
        Publisher<String> publisher = ros.Node("talker").CreatePublisher<String>("chatter");
        using LineProcess peer = LineProcess.FastDds(ros.Domain.Id, "listen", "rt/chatter", String.Type.DdsName);
        peer.Await("matched 1");
        TestNodes.AwaitMatched(publisher);
        publisher.Publish(TestNodes.Text("grüße"));
        Assert.Equal("grüße", Cdr.Deserialize<String>(Payload(peer.Await("message"))).Data);
        Assert.Equal(0, peer.Close());
        TestNodes.AwaitMatched(publisher, 0);
    }

    [FastDdsFact]
    public void Laser_scans_come_from_fast_dds()
    {
        using var ros = new TestNodes();
        Node node = ros.Node("listener");
        var scan = new LaserScan { AngleIncrement = 0.01f, RangeMin = 0.1f };
        scan.Header.FrameId = "base_scan";
        scan.Ranges.Resize(3600); // larger than one datagram's fragment
        for (int i = 0; i < 3600; i++)
        {
            scan.Ranges[i] = i;
        }

        LaserScan? got = null;
        node.CreateSubscription<LaserScan>("/scan", QoSProfile.SensorData, (m, _) => got = m);
        using LineProcess peer = LineProcess.FastDds(
            ros.Domain.Id, "publish", "rt/scan", LaserScan.Type.DdsName, Convert.ToHexString(Cdr.Serialize(scan)), "2000", "10", "--best-effort");
        Assert.True(node.Context.SpinUntil(() => got is not null, TestNodes.Patience));
        Assert.Equal(Cdr.Serialize(scan), Cdr.Serialize(got!));
    }

    [FastDdsFact]
    public void A_late_fast_dds_reader_gets_our_latched_scan()
    {
        using var ros = new TestNodes();
        Publisher<LaserScan> publisher = ros.Node("latcher").CreatePublisher<LaserScan>("scan", QoSProfile.TransientLocal);
        var scan = new LaserScan();
        scan.Ranges.Resize(360);
        scan.RangeMax = 1;
        publisher.Publish(scan);
        scan.RangeMax = 2;
        publisher.Publish(scan);
        using LineProcess peer = LineProcess.FastDds(ros.Domain.Id, "listen", "rt/scan", LaserScan.Type.DdsName, "--transient-local");
        Assert.Equal(2, Cdr.Deserialize<LaserScan>(Payload(peer.Await("message"))).RangeMax);
    }

    [FastDdsFact]
    public void Our_late_subscription_gets_fast_dds_latched_message()
    {
        using var ros = new TestNodes();
        string hex = Convert.ToHexString(Cdr.Serialize(TestNodes.Text("from before")));
        using LineProcess peer = LineProcess.FastDds(ros.Domain.Id, "publish", "rt/map", String.Type.DdsName, hex, "1", "0", "--transient-local", "--depth", "1");
        peer.Await("published 1");
        Node node = ros.Node("late");
        string? text = null;
        node.CreateSubscription<String>("map", QoSProfile.TransientLocal, m => text = m.Data);
        Assert.True(node.Context.SpinUntil(() => text is not null, TestNodes.Patience));
        Assert.Equal("from before", text);
    }

    [FastDdsFact]
    public void A_deadline_offered_too_long_keeps_a_fast_dds_reader_away_and_both_know_the_policy()
    {
        using var ros = new TestNodes();
        Node node = ros.Node("slow");
        IncompatibleQoSStatus? status = null;
        Publisher<String> publisher = node.CreatePublisher<String>("t", QoSProfile.Default with { Deadline = TimeSpan.FromSeconds(2) });
        publisher.IncompatibleQoS += s => status = s;
        using LineProcess peer = LineProcess.FastDds(ros.Domain.Id, "listen", "rt/t", String.Type.DdsName, "--deadline", "1000");
        Assert.True(node.Context.SpinUntil(() => status is not null, TestNodes.Patience));
        Assert.Equal(QoSPolicyKind.Deadline, status!.Value.LastPolicy);
        const int deadlinePolicy = 4; // DDS 1.4, DEADLINE_QOS_POLICY_ID
        Assert.Equal($"incompatible {deadlinePolicy}", peer.Await("incompatible"));
        Assert.Equal(0, publisher.MatchedCount);
    }

    [FastDdsFact]
    public void Best_effort_messages_go_to_a_best_effort_fast_dds_reader()
    {
        using var ros = new TestNodes();
        Publisher<String> publisher = ros.Node("talker").CreatePublisher<String>("t", QoSProfile.SensorData);
        using LineProcess peer = LineProcess.FastDds(ros.Domain.Id, "listen", "rt/t", String.Type.DdsName, "--best-effort");
        peer.Await("matched 1");
        TestNodes.AwaitMatched(publisher);
        for (int i = 0; i < 20; i++)
        {
            publisher.Publish(TestNodes.Text($"{i}"));
            Thread.Sleep(2);
        }

        Assert.InRange(int.Parse(Cdr.Deserialize<String>(Payload(peer.Await("message"))).Data), 0, 19);
    }

    [FastDdsFact]
    public void A_silent_publisher_misses_its_deadline_in_the_eyes_of_both_implementations()
    {
        using var ros = new TestNodes();
        Node node = ros.Node("n");
        QoSProfile qos = QoSProfile.Default with { Deadline = TimeSpan.FromMilliseconds(200) };
        CountStatus? offered = null, requested = null;
        Publisher<String> ours = node.CreatePublisher<String>("ours", qos);
        ours.OfferedDeadlineMissed += s => offered = s;
        int got = 0;
        // transient local: what the talker wrote before our reader knew it is sent again, so that there is an instance whose deadline can be missed
        node.CreateSubscription<String>("theirs", qos with { Durability = DurabilityPolicy.TransientLocal }, _ => got++).RequestedDeadlineMissed += s => requested = s;
        using LineProcess listener = LineProcess.FastDds(ros.Domain.Id, "listen", "rt/ours", String.Type.DdsName, "--deadline", "200");
        listener.Await("matched 1");
        TestNodes.AwaitMatched(ours);
        ours.Publish(TestNodes.Text("once"));
        listener.Await("message");
        listener.Await("deadline-missed");
        string hex = Convert.ToHexString(Cdr.Serialize(TestNodes.Text("once")));
        using LineProcess talker = LineProcess.FastDds(ros.Domain.Id, "publish", "rt/theirs", String.Type.DdsName, hex, "3", "50", "--deadline", "200", "--transient-local");
        Assert.True(node.Context.SpinUntil(() => offered is not null && requested is not null && got > 0, TestNodes.Patience));
        talker.Await("deadline-missed");
    }

    [FastDdsFact]
    public void Our_graph_shows_a_fast_dds_endpoint_with_its_type_hash()
    {
        using var ros = new TestNodes();
        Node node = ros.Node("observer");
        string hash = $"typehash={String.Type.Hash};";
        using LineProcess peer = LineProcess.FastDds(ros.Domain.Id, "listen", "rt/chatter", String.Type.DdsName, "--best-effort", "--user-data", hash);
        TestNodes.Await(() => node.CountSubscribers("chatter") == 1, "the peer's reader is seen");
        GraphEndpoint endpoint = node.GetSubscriptionsInfoByTopic("/chatter")[0];
        Assert.Equal("std_msgs/msg/String", endpoint.Type);
        Assert.Equal(String.Type.Hash, endpoint.TypeHash);
        Assert.Equal(ReliabilityPolicy.BestEffort, endpoint.QoS.Reliability);
        Assert.Null(endpoint.Node); // it is no ROS node: nobody announced it in ros_discovery_info
    }

    [FastDdsFact]
    public void Fast_dds_sees_the_participant_and_endpoint_data_that_a_real_node_announces()
    {
        using var ros = new TestNodes();
        using LineProcess peer = LineProcess.FastDds(ros.Domain.Id, "discover");
        Node node = ros.Node("talker");
        node.CreatePublisher<String>("chatter");
        node.CreatePublisher<String>("latched", QoSProfile.TransientLocal);
        node.CreatePublisher<QDistill.Msgs.StdMsgs.Header>("sens", QoSProfile.SensorData);
        node.CreateSubscription<String>("chatter", null, _ => { });
        Dictionary<string, string> participant = Fields(peer.Await($"participant {node.Context.Gid}"));
        Assert.Equal("enclave=/;", participant["user_data"]);
        var seen = new Dictionary<string, Dictionary<string, string>>();
        while (!(seen.ContainsKey("writer rt/chatter") && seen.ContainsKey("writer rt/latched") && seen.ContainsKey("writer rt/sens") && seen.ContainsKey("reader rt/chatter")
                 && seen.ContainsKey("writer ros_discovery_info") && seen.ContainsKey("reader ros_discovery_info")))
        {
            string line = peer.Await(l => l.StartsWith("writer ", StringComparison.Ordinal) || l.StartsWith("reader ", StringComparison.Ordinal), "an endpoint");
            Dictionary<string, string> fields = Fields(line);
            seen[$"{line[..6]} {fields["topic"]}"] = fields;
        }

        foreach (GoldenEndpoint golden in GoldenEndpoint.All().Where(g => seen.ContainsKey($"{g.Kind} {g.Topic}")))
        {
            Dictionary<string, string> ours = seen[$"{golden.Kind} {golden.Topic}"];
            Assert.Equal(golden.Type, ours["type"]);
            Assert.Equal(golden.UserData, ours["user_data"]);
            Assert.Equal(golden.Reliability, ours["reliability"]);
            Assert.Equal(golden.Durability, ours["durability"]);
            Assert.Equal(golden.Liveliness, ours["liveliness"]);
            Assert.Equal("infinite", ours["deadline"]);
            Assert.Equal("infinite", ours["lease"]);
            if (golden.Kind == "writer")
            {
                Assert.Equal("infinite", ours["lifespan"]);
                Assert.Equal(golden.ServiceHistory, ours["service_history"]);
                Assert.Equal($"{golden.ServiceDepth}", ours["service_depth"]);
            }
        }

        node.Context.Dispose();
        peer.Await($"gone {node.Context.Gid}");
    }

    private static byte[] Payload(string line) => Convert.FromHexString(line["message ".Length..]);

    private static Dictionary<string, string> Fields(string line)
    {
        var result = line.Split(' ').Skip(2).Select(f => f.Split('=', 2)).ToDictionary(f => f[0], f => f[1]);
        result["user_data"] = Encoding.UTF8.GetString(Convert.FromHexString(result["user_data"]));
        return result;
    }
}
