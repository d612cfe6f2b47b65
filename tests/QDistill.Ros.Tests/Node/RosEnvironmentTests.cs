using QDistill.Configuration;

namespace QDistill.Ros.Tests;

public sealed class RosEnvironmentTests
{
    [Fact]
    public void With_nothing_set_the_domain_is_0_on_the_subnet()
    {
        RosEnvironment e = Resolve();
        Assert.Equal((0, DiscoveryRange.Subnet, false, string.Empty), (e.DomainId, e.Range, e.IsHumble, e.TransportConfiguration));
        Assert.Empty(e.StaticPeers);
        Assert.Empty(e.Warnings);
    }

    [Theory]
    [InlineData("SUBNET", null, DiscoveryRange.Subnet, 2)]
    [InlineData("LOCALHOST", null, DiscoveryRange.Localhost, 2)]
    [InlineData("OFF", null, DiscoveryRange.Off, 0)]
    [InlineData("SYSTEM_DEFAULT", null, DiscoveryRange.SystemDefault, 0)]
    [InlineData("localhost", "0", DiscoveryRange.Localhost, 2)]
    [InlineData("SUBNET", "1", DiscoveryRange.Localhost, 0)]
    [InlineData(null, "1", DiscoveryRange.Localhost, 0)]
    public void Range_and_peers_follow_the_variables_and_the_old_variable_overrides_both(string? range, string? localhostOnly, DiscoveryRange expected, int peers)
    {
        RosEnvironment e = Resolve(("ROS_AUTOMATIC_DISCOVERY_RANGE", range), ("ROS_LOCALHOST_ONLY", localhostOnly), ("ROS_STATIC_PEERS", "10.0.0.1; robot.local;"));
        Assert.Equal(expected, e.Range);
        Assert.Equal(peers, e.StaticPeers.Count);
        Assert.Equal(localhostOnly == "1", e.Warnings.Any(w => w.StartsWith("ROS_LOCALHOST_ONLY is deprecated", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_unknown_range_warns_and_becomes_localhost()
    {
        RosEnvironment e = Resolve(("ROS_AUTOMATIC_DISCOVERY_RANGE", "GALAXY"));
        Assert.Equal(DiscoveryRange.Localhost, e.Range);
        Assert.Contains("GALAXY", Assert.Single(e.Warnings));
    }

    [Theory]
    [InlineData("233")]
    [InlineData("-1")]
    [InlineData("seven")]
    [InlineData("1.5")]
    public void A_bad_domain_id_is_refused_by_its_variables_name(string id)
    {
        var e = Assert.Throws<UserErrorException>(() => Resolve(("ROS_DOMAIN_ID", id)));
        Assert.StartsWith("ROS_DOMAIN_ID: ", e.Message);
    }

    [Fact]
    public void Options_override_the_environment()
    {
        RosEnvironment e = RosEnvironment.Resolve(
            RosContextOptions.Loopback(9) with { Distribution = "humble" },
            n => n switch { "ROS_DOMAIN_ID" => "5", "ROS_LOCALHOST_ONLY" => "1", "CYCLONEDDS_URI" => "<x/>", "ROS_STATIC_PEERS" => "a", "ROS_DISTRO" => "jazzy", _ => null });
        Assert.Equal((9, DiscoveryRange.Loopback, true, string.Empty), (e.DomainId, e.Range, e.IsHumble, e.TransportConfiguration));
        Assert.Empty(e.StaticPeers);
    }

    [Fact]
    public void The_middlewares_configuration_reaches_it_and_a_bad_one_is_one_clear_error()
    {
        using var domain = new TestDomain();
        var e = Assert.Throws<UserErrorException>(() => new RosContext(RosContextOptions.Loopback(domain.Id) with { TransportConfiguration = "<CycloneDDS><Domain><NoSuchThing/></Domain></CycloneDDS>" }));
        Assert.Contains($"domain {domain.Id} could not be opened", e.Message);
        Assert.Contains("CYCLONEDDS_URI", e.Message);
    }

    [Theory]
    [InlineData(DiscoveryRange.Subnet)]
    [InlineData(DiscoveryRange.Localhost)]
    [InlineData(DiscoveryRange.Off)]
    [InlineData(DiscoveryRange.SystemDefault)]
    public void Every_discovery_range_opens_and_carries_messages_within_the_process(DiscoveryRange range)
    {
        using var ros = new TestNodes();
        Node node = ros.Open(o => o with { DiscoveryRange = range, StaticPeers = ["127.0.0.1", "localhost"] }).CreateNode("n");
        string? got = null;
        node.CreateSubscription<QDistill.Msgs.StdMsgs.String>("t", null, m => got = m.Data);
        var publisher = node.CreatePublisher<QDistill.Msgs.StdMsgs.String>("t");
        TestNodes.AwaitMatched(publisher);
        publisher.Publish(TestNodes.Text("x"));
        Assert.True(node.Context.SpinUntil(() => got == "x", TestNodes.Patience));
    }

    [Fact]
    public void A_context_with_discovery_off_is_not_seen_by_another_process()
    {
        using var ros = new TestNodes();
        Node hidden = ros.Open(o => o with { DiscoveryRange = DiscoveryRange.Off }).CreateNode("hidden");
        using LineProcess peer = LineProcess.Ros(ros.Domain.Id, "listen", "there", "t");
        peer.Await("ready");
        var publisher = hidden.CreatePublisher<QDistill.Msgs.StdMsgs.String>("t");
        Thread.Sleep(300); // two loopback processes match within a tenth of this
        Assert.Equal(0, publisher.MatchedCount);
        Assert.DoesNotContain("matched 1", peer.Seen);
        Assert.Equal(["/hidden"], hidden.GetNodeNames());
    }

    [Fact]
    public void A_static_peer_that_is_no_host_is_refused()
    {
        using var ros = new TestNodes();
        var e = Assert.Throws<UserErrorException>(() => ros.Open(o => o with { DiscoveryRange = DiscoveryRange.Subnet, StaticPeers = ["not a host"] }));
        Assert.Contains("'not a host'", e.Message);
        Assert.Contains("ROS_STATIC_PEERS", e.Message);
    }

    [Fact]
    public void One_process_cannot_open_a_domain_with_two_network_settings()
    {
        using var ros = new TestNodes();
        ros.Open();
        var e = Assert.Throws<UserErrorException>(() => ros.Open(o => o with { DiscoveryRange = DiscoveryRange.Off }));
        Assert.Contains("already open in this process", e.Message);
    }

    private static RosEnvironment Resolve(params (string Name, string? Value)[] variables) =>
        RosEnvironment.Resolve(new RosContextOptions(), n => variables.FirstOrDefault(v => v.Name == n).Value);
}
