using String = QDistill.Msgs.StdMsgs.String;

namespace QDistill.Ros.Tests;

public sealed class TwoProcessTests
{
    [Fact]
    public void Messages_cross_processes_both_ways()
    {
        using var ros = new TestNodes();
        Node node = ros.Node("here");
        var got = new List<string>();
        Publisher<String> publisher = node.CreatePublisher<String>("to");
        node.CreateSubscription<String>("from", null, m => got.Add(m.Data));
        using LineProcess listener = LineProcess.Ros(ros.Domain.Id, "listen", "there", "to");
        using LineProcess talker = LineProcess.Ros(ros.Domain.Id, "talk", "there_too", "from", "1000", "20");
        Assert.True(node.Context.SpinUntil(() => got.Count >= 3, TestNodes.Patience));
        int first = int.Parse(got[0]);
        Assert.Equal([$"{first}", $"{first + 1}", $"{first + 2}"], got.Take(3));
        listener.Await("matched 1");
        TestNodes.AwaitMatched(publisher);
        publisher.Publish(TestNodes.Text("hello"));
        listener.Await("message hello");
        Assert.Equal(0, listener.Close());
        Assert.Equal(0, talker.Close());
    }

    [Fact]
    public void A_late_process_gets_the_latched_message()
    {
        using var ros = new TestNodes();
        Publisher<String> publisher = ros.Node("map_server").CreatePublisher<String>("map", QoSProfile.TransientLocal);
        publisher.Publish(TestNodes.Text("old"));
        publisher.Publish(TestNodes.Text("latest"));
        using LineProcess listener = LineProcess.Ros(ros.Domain.Id, "listen", "late", "map", "latched");
        Assert.Equal("message latest", listener.Await("message"));
        Assert.Equal(0, listener.Close());
    }

    [Fact]
    public void A_node_of_another_process_vanishes_at_once_when_it_ends_in_good_order()
    {
        using var ros = new TestNodes();
        Node node = ros.Node("observer");
        using LineProcess peer = LineProcess.Ros(ros.Domain.Id, "idle", "short_lived");
        TestNodes.Await(() => node.GetNodeNames().Contains("/short_lived"), "the peer's node is seen");
        Assert.Equal(0, peer.Close());

        // The participant's lease is 10 s; an orderly end is told at once.
        TestNodes.Await(() => !node.GetNodeNames().Contains("/short_lived"), "the peer's node is forgotten");
        Assert.Equal(["/observer"], node.GetNodeNames());
    }

    [Fact]
    public void A_killed_process_is_forgotten_within_its_lease()
    {
        using var ros = new TestNodes();
        Node node = ros.Node("observer");

        // The lease is the peer's to give: 10 s by default, here 1 s.
        const string lease = "config=<CycloneDDS><Domain><Discovery><LeaseDuration>1s</LeaseDuration></Discovery></Domain></CycloneDDS>";
        using LineProcess peer = LineProcess.Ros(ros.Domain.Id, "talk", "doomed", "t", "100000", "50", lease);
        TestNodes.Await(() => node.GetNodeNames().Contains("/doomed") && node.CountPublishers("t") == 1, "the peer's node is seen");
        peer.Kill();
        TestNodes.Await(() => !node.GetNodeNames().Contains("/doomed"), "the killed node is forgotten");
        TestNodes.Await(() => node.CountPublishers("t") == 0, "its endpoint is forgotten");
        Assert.Single(node.Context.GetGraph().Participants);
    }
}
