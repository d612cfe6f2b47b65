using QDistill.Configuration;
using QDistill.Msgs.RclInterfaces;

namespace QDistill.Ros.Tests;

public sealed class ParameterClientTests
{
    [Fact]
    public async Task Another_nodes_parameters_are_listed_described_read_and_set()
    {
        using var ros = new TestNodes();
        RosContext server = ros.Open();
        ParameterNode.Start(server, "pnode");
        Node node = ros.Node("client");
        using var spinServer = new ServiceTests.Spinning(server);
        using var spinClient = new ServiceTests.Spinning(node.Context);
        using var client = new ParameterClient(node, "pnode", TestNodes.Patience);
        Assert.Equal("/pnode", client.RemoteNode);
        Assert.True(await client.WaitForNodeAsync(TestNodes.Patience));
        Assert.True(client.IsReady);
        Assert.Equal(7L, (await client.GetAsync("int_p")).Value);
        Assert.Equal([true, "hello"], (await client.GetAsync(["bool_p", "string_p"])).Select(v => v.Value!));
        Assert.Equal([ParameterType.IntegerArray, ParameterType.NotSet], await client.GetTypesAsync(["int_arr", "uninit"]));
        Assert.Equal(["group.a"], (await client.ListAsync(["group"], 1)).Names);
        Assert.Contains("double_range", (await client.ListAsync()).Names);
        ParameterDescriptor descriptor = (await client.DescribeAsync(["int_range"]))[0];
        Assert.Equal(("an int in a range", 10L), (descriptor.Description, descriptor.IntegerRange[0].ToValue));
        Assert.Equal(new SetParameterResult(true, string.Empty), await client.SetAsync("int_p", 8L));
        IReadOnlyList<SetParameterResult> results = await client.SetAsync([new("int_p", 9L), new("int_p", "text"), new("double_p", 2.5)]);
        Assert.Equal([true, false, true], results.Select(r => r.Successful));
        Assert.Contains("Wrong parameter type", results[1].Reason);
        Assert.False((await client.SetAtomicallyAsync([new("int_p", 1L), new("guarded", -1L)])).Successful);
        Assert.Equal(9L, (await client.GetAsync("int_p")).Value);
        var e = await Assert.ThrowsAsync<ParameterException>(() => client.GetAsync(["int_p", "nope"]));
        Assert.Contains("'/pnode' does not know one of the parameters 'int_p', 'nope'", e.Message);
        await Assert.ThrowsAsync<ParameterException>(() => client.DescribeAsync(["nope"]));
    }

    [Fact]
    public async Task Changes_of_the_node_are_told_and_those_of_others_are_not()
    {
        using var ros = new TestNodes();
        RosContext server = ros.Open();
        Node watched = server.CreateNode("watched", null, NodeOptions.Full);
        Node other = server.CreateNode("other", null, NodeOptions.Full);
        Node node = ros.Node("client");
        using var client = new ParameterClient(node, "/watched");
        var changed = new List<string>();
        using IDisposable events = client.OnEvent(m => changed.AddRange(m.NewParameters.Span.ToArray().Concat(m.ChangedParameters.Span.ToArray()).Select(p => $"{p.Name}={p.Value.IntegerValue}")));
        await Task.Run(() => TestNodes.Await(() => node.CountPublishers("/parameter_events") == 2, "both publishers are known"));
        TestNodes.Await(() => watched.CountSubscribers("/parameter_events") == 1, "the subscription is known");
        node.Context.SpinUntil(() => false, TimeSpan.FromMilliseconds(100));
        other.Parameters.Declare("x", 5L);
        watched.Parameters.Declare("x", 1L);
        watched.Parameters.Set("x", 2L);
        Assert.True(node.Context.SpinUntil(() => changed.Count >= 2, TestNodes.Patience));
        Assert.Equal(["x=1", "x=2"], changed);
    }

    [Fact]
    public async Task A_parameter_file_is_loaded_into_a_running_node()
    {
        using var ros = new TestNodes();
        using var folder = new TempDirectory();
        File.WriteAllText(folder["p.yaml"], "/pnode:\n  ros__parameters:\n    int_p: 5\n    ro_p: other\n    group: {a: 6}\n");
        RosContext server = ros.Open();
        Node remote = ParameterNode.Start(server, "pnode");
        Node node = ros.Node("client");
        using var spinServer = new ServiceTests.Spinning(server);
        using var spinClient = new ServiceTests.Spinning(node.Context);
        using var client = new ParameterClient(node, "pnode", TestNodes.Patience);
        IReadOnlyList<(ParameterOverride Value, SetParameterResult Result)> loaded = await client.LoadAsync(folder["p.yaml"]);
        Assert.Equal([("int_p", true), ("ro_p", false), ("group.a", true)], loaded.Select(l => (l.Value.Name, l.Result.Successful)));
        Assert.Equal((5L, 6L), (remote.Parameters.Get<long>("int_p"), remote.Parameters.Get<long>("group.a")));
        using var wrong = new ParameterClient(node, "elsewhere", TestNodes.Patience);
        var e = await Assert.ThrowsAsync<UserErrorException>(() => wrong.LoadAsync(folder["p.yaml"]));
        Assert.EndsWith("the file holds no parameters for node '/elsewhere'; it is for /pnode.", e.Message);
    }

    [Fact]
    public async Task A_node_that_is_not_there_is_a_timeout()
    {
        using var ros = new TestNodes();
        using var client = new ParameterClient(ros.Node("client"), "nobody", TimeSpan.FromMilliseconds(30));
        Assert.False(await client.WaitForNodeAsync(TimeSpan.FromMilliseconds(1)));
        Assert.Contains("/nobody/get_parameters", (await Assert.ThrowsAsync<TimeoutException>(() => client.GetAsync("x"))).Message);
    }
}
