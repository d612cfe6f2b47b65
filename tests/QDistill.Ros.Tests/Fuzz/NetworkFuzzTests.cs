using QDistill.Msgs.StdSrvs;

namespace QDistill.Ros.Tests;

/// <summary>Damaged graph announcements and service frames, sent over the network by a participant of another DDS implementation.</summary>
public sealed class NetworkFuzzTests
{
    private const string OwnPrefix = "aaaaaaaaaaaaaaaaaaaaaaaa";

    [FastDdsFact]
    public void Damaged_announcements_are_counted_logged_once_and_leave_the_graph_working()
    {
        using var ros = new TestNodes();
        using var log = new StringWriter();
        RosContext context = ros.Open(o => o with { LoggerFactory = new RosLoggerFactory(output: log), Distribution = "jazzy" });
        context.CreateNode("observer");
        context.GraphChanged += () => { }; // as a node that watches the graph has it

        // ParticipantEntitiesInfo with one node, /fuzzed, and one reader; written out by hand.
        const string announcement = "00010000" + OwnPrefix + "000001c1" + "01000000" + "02000000" + "2f000000" + "07000000" + "66757a7a656400" + "00"
            + "01000000" + OwnPrefix + "00000104" + "00000000";
        using LineProcess peer = LineProcess.FastDds(
            ros.Domain.Id, "fuzz", "ros_discovery_info", "rmw_dds_common::msg::dds_::ParticipantEntitiesInfo_", announcement, "7", "3000", "--transient-local", "--keep-all");
        using (new ServiceTests.Spinning(context))
        {
            peer.Await("matched 1");
            peer.Go();
            peer.Await("fuzzed");

            // The last announcement is whole and comes after all others.
            TestNodes.Await(() => context.GetGraph() is var g && g.Nodes.Count == 2 && g.Nodes.Any(n => n.FullName == "/fuzzed"), "the graph shows what was announced last");
            TestNodes.Await(() => log.ToString().Contains("ros_discovery_info", StringComparison.Ordinal), "the source was logged");
        }

        Assert.InRange(context.GetGraph().MalformedAnnouncements, 1000u, 3000u);
        Assert.Single(log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries), l => l.Contains("ros_discovery_info", StringComparison.Ordinal));
        Assert.Equal(0, peer.Close());
        TestNodes.Await(() => context.GetGraph().Nodes.Count == 1, "the peer's node is forgotten");
    }

    [FastDdsFact]
    public void Damaged_requests_are_counted_logged_once_and_the_service_goes_on()
    {
        using var ros = new TestNodes();
        using var log = new StringWriter();
        Node server = ros.Open(o => o with { LoggerFactory = new RosLoggerFactory(output: log) }).CreateNode("server");
        int asked = 0;

        // A service keeps the last ten by default, and a busy machine serves more slowly than the flood comes.
        QoSProfile all = QoSProfile.Services with { History = HistoryPolicy.KeepAll };
        var service = server.CreateService<SetBool, SetBool.Request, SetBool.Response>("set_it", (request, response) =>
        {
            asked++;
            response.Success = request.Data;
        }, all);

        // Captured from a real client: header (client, number 1), data true.
        using LineProcess peer = LineProcess.FastDds(
            ros.Domain.Id, "fuzz", "rq/set_itRequest", "std_srvs::srv::dds_::SetBool_Request_", "00010000b8cc2325c06973d5010000000000000001000000", "8", "3000", "--keep-all");
        using var spin = new ServiceTests.Spinning(server.Context);
        peer.Await("matched 1");
        peer.Go();
        peer.Await("fuzzed");
        var client = ros.Node("caller").CreateClient<SetBool, SetBool.Request, SetBool.Response>("set_it");
        Assert.True(client.Call(new SetBool.Request { Data = true }, TestNodes.Patience).Success);

        // The client's request is another writer's, and may overtake the last of the damaged ones.
        TestNodes.Await(() => Volatile.Read(ref asked) + service.MalformedCount >= 3002, "every request is served or dropped");
        Assert.InRange(asked, 1000, 3002);
        Assert.InRange(service.MalformedCount, 500, 3000);
        Assert.Equal(3002, asked + service.MalformedCount); // every frame is one or the other
        Assert.Single(log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries), l => l.Contains("'/set_it'", StringComparison.Ordinal));
    }

    [FastDdsFact]
    public void Damaged_replies_reach_nobody_and_the_right_one_still_does()
    {
        using var ros = new TestNodes();
        using var log = new StringWriter();
        Node caller = ros.Open(o => o with { LoggerFactory = new RosLoggerFactory(output: log) }).CreateNode("caller");
        var client = caller.CreateClient<SetBool, SetBool.Request, SetBool.Response>("set_it");
        using LineProcess peer = LineProcess.FastDds(
            ros.Domain.Id, "fuzz", "rr/set_itReply", "std_srvs::srv::dds_::SetBool_Response_", "00010000b8cc2325c06973d50100000000000000010000000400000073657400", "9", "3000", "--keep-all");
        using var spin = new ServiceTests.Spinning(caller.Context);
        peer.Await("matched 1");
        peer.Go();
        peer.Await("fuzzed");
        Node server = ros.Node("server");
        server.CreateService<SetBool, SetBool.Request, SetBool.Response>("set_it", (request, response) => response.Message = "the right one");
        using var serving = new ServiceTests.Spinning(server.Context);
        Assert.Equal("the right one", client.Call(new SetBool.Request(), TestNodes.Patience).Message);
        Assert.InRange(client.MalformedCount, 200, 3000);
        Assert.Single(log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries), l => l.Contains("'/set_it'", StringComparison.Ordinal));
    }
}
