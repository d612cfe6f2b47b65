using QDistill.Configuration;

namespace QDistill.Ros.Tests;

public sealed class RosNameTests
{
    // The examples of ROS 2's "Topic and Service name mapping to DDS" design article for node my_node in namespace /my_ns.
    [Theory]
    [InlineData("ping", "/my_ns/ping")]
    [InlineData("/ping", "/ping")]
    [InlineData("~/ping", "/my_ns/my_node/ping")]
    [InlineData("~", "/my_ns/my_node")]
    [InlineData("{node}/ping", "/my_ns/my_node/ping")]
    [InlineData("{ns}/ping", "/my_ns/ping")]
    [InlineData("foo/bar", "/my_ns/foo/bar")]
    [InlineData("_hidden", "/my_ns/_hidden")]
    [InlineData("abc123", "/my_ns/abc123")]
    public void Names_expand_in_their_node(string name, string expected) => Assert.Equal(expected, RosName.Expand(name, "/my_ns", "my_node"));

    [Fact]
    public void Names_expand_in_the_root_namespace()
    {
        Assert.Equal("/ping", RosName.Expand("ping", "/", "n"));
        Assert.Equal("/n/ping", RosName.Expand("~/ping", "/", "n"));
        Assert.Equal("/ping", RosName.Expand("{ns}/ping", "/", "n"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("ping/")]
    [InlineData("a//b")]
    [InlineData("123abc")]
    [InlineData("/a/1b")]
    [InlineData("a b")]
    [InlineData("a-b")]
    [InlineData("ö")]
    [InlineData("~ping")]
    [InlineData("a~/b")]
    [InlineData("{unknown}/b")]
    [InlineData("{node/b")]
    public void Bad_names_are_refused_in_one_sentence_that_quotes_them(string name)
    {
        var e = Assert.Throws<UserErrorException>(() => RosName.Expand(name, "/", "n"));
        Assert.StartsWith($"'{name}': topic name ", e.Message);
    }

    [Theory]
    [InlineData(null, "/")]
    [InlineData("", "/")]
    [InlineData("/", "/")]
    [InlineData("a", "/a")]
    [InlineData("/a/b", "/a/b")]
    public void Namespaces_become_absolute(string? given, string expected) => Assert.Equal(expected, RosName.ResolveNamespace(given));

    [Theory]
    [InlineData("/a/")]
    [InlineData("//")]
    [InlineData("/a b")]
    [InlineData("/1a")]
    public void Bad_namespaces_are_refused(string name) => Assert.Throws<UserErrorException>(() => RosName.ResolveNamespace(name));

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("1a")]
    [InlineData("a-b")]
    public void Bad_node_names_are_refused(string name) => Assert.Throws<UserErrorException>(() => RosName.ValidateNode(name));

    [Fact]
    public void The_first_fitting_remap_wins_and_its_result_is_not_remapped_again()
    {
        using var ros = new TestNodes();
        var rules = new RemapRules([new(null, "chatter", "/talk"), new(null, "/ns/chatter", "/never"), new(null, "/talk", "/never"), new("other", "x", "y"), new(null, "__node", "renamed"), new(null, "__ns", "/ns")]);
        Node node = ros.Open(o => o with { Remaps = rules }).CreateNode("original", "elsewhere");
        Assert.Equal("/ns/renamed", node.FullName);
        Assert.Equal("/talk", node.ResolveTopicName("chatter"));
        Assert.Equal("/ns/x", node.ResolveTopicName("x"));
        Assert.Equal("/talk", node.ResolveServiceName("/ns/chatter"));
    }
}
