using QDistill.Configuration;
using Int32 = QDistill.Msgs.StdMsgs.Int32;

namespace QDistill.Ros.Tests;

public sealed class QoSOverrideTests
{
    [Fact]
    public void An_endpoint_takes_the_policies_that_it_leaves_to_parameters()
    {
        using var ros = new TestNodes();
        Node node = Start(ros, "qos_overrides./scan.subscription.reliability:=best_effort", "qos_overrides./scan.subscription.depth:=3", "qos_overrides./scan.subscription.deadline:=5000000", "qos_overrides./cmd.publisher.durability:=transient_local");
        using Subscription<Int32> scan = node.CreateSubscription<Int32>("scan", null, (Int32 _) => { }, new SubscriptionOptions { QoSOverriding = QoSOverridingOptions.All });
        Assert.Equal((ReliabilityPolicy.BestEffort, 3, TimeSpan.FromMilliseconds(5)), (scan.QoS.Reliability, scan.QoS.Depth, scan.QoS.Deadline));
        Assert.Equal(ReliabilityPolicy.BestEffort, node.GetSubscriptionsInfoByTopic("scan").Single().QoS.Reliability);
        Assert.Equal(3L, node.Parameters.Get<long>("qos_overrides./scan.subscription.depth"));
        Assert.Equal("keep_last", node.Parameters.Get<string>("qos_overrides./scan.subscription.history"));
        Assert.Equal(long.MaxValue, node.Parameters.Get<long>("qos_overrides./scan.subscription.lifespan"));
        Assert.Contains("read-only", node.Parameters.Set("qos_overrides./scan.subscription.depth", 9L));
        using Publisher<Int32> fixedOne = node.CreatePublisher<Int32>("cmd");
        Assert.Equal(DurabilityPolicy.Volatile, fixedOne.QoS.Durability);
        Assert.Equal("qos_overrides./cmd.publisher.durability", node.Parameters.UndeclaredOverrides.Single().Name);
    }

    [Fact]
    public void Two_endpoints_on_a_topic_share_their_parameters_unless_an_id_tells_them_apart()
    {
        using var ros = new TestNodes();
        Node node = Start(ros, "qos_overrides./t.publisher_b.depth:=4");
        using Publisher<Int32> first = node.CreatePublisher<Int32>("t", QoSProfile.KeepLast(2), new PublisherOptions { QoSOverriding = QoSOverridingOptions.Default });
        using Publisher<Int32> same = node.CreatePublisher<Int32>("t", QoSProfile.KeepLast(9), new PublisherOptions { QoSOverriding = QoSOverridingOptions.Default });
        using Publisher<Int32> other = node.CreatePublisher<Int32>("t", QoSProfile.KeepLast(9), new PublisherOptions { QoSOverriding = QoSOverridingOptions.Default with { Id = "b" } });
        Assert.Equal((2, 2, 4), (first.QoS.Depth, same.QoS.Depth, other.QoS.Depth));
    }

    [Theory]
    [InlineData("reliability:=bset_effort", "unknown QoS policy reliability value: bset_effort; did you mean 'best_effort'.")]
    [InlineData("depth:=-1", "is -1, below 0; give it a number from 0 on.")]
    [InlineData("deadline:=0.5", "is of type integer, not double; give it a value of type integer.")]
    [InlineData("depth:=1000", "the quality of service of '/t' was refused: too deep.")]
    public void A_wrong_value_is_refused_with_its_origin(string assignment, string expected)
    {
        using var ros = new TestNodes();
        Node node = Start(ros, "qos_overrides./t.publisher." + assignment);
        QoSOverridingOptions options = QoSOverridingOptions.All with { Validate = q => q.Depth > 100 ? "too deep" : null };
        var e = Assert.Throws<UserErrorException>(() => node.CreatePublisher<Int32>("t", null, new PublisherOptions { QoSOverriding = options }));
        Assert.StartsWith("-p qos_overrides./t.publisher.", e.Message);
        Assert.EndsWith(expected, e.Message);
    }

    [Fact]
    public void The_clock_subscription_of_a_full_node_can_be_overridden()
    {
        using var ros = new TestNodes();
        Node node = Start(ros, "use_sim_time:=true", "qos_overrides./clock.subscription.reliability:=reliable");
        TestNodes.Await(() => node.CountSubscribers("/clock") == 1, "the graph shows it, over rcl a moment later");
        Assert.Equal(ReliabilityPolicy.Reliable, node.GetSubscriptionsInfoByTopic("/clock").Single().QoS.Reliability);
        Assert.Equal("reliable", node.Parameters.Get<string>("qos_overrides./clock.subscription.reliability"));
    }

    private static Node Start(TestNodes ros, params string[] assignments) =>
        ros.Open(o => o with { Arguments = RosArguments.Parse(["--ros-args", .. assignments.SelectMany(a => new[] { "-p", a })]) }).CreateNode("n", null, NodeOptions.Full);
}
