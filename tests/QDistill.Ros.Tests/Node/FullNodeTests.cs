using Microsoft.Extensions.Logging;
using QDistill.Msgs.RclInterfaces;

namespace QDistill.Ros.Tests;

public sealed class FullNodeTests
{
    [DataFact("golden/dds_entities.json")]
    public void A_full_node_has_the_endpoints_of_a_real_one()
    {
        const string participant = "01107b033c4706f22482ed00";
        GoldenEndpoint[] golden = [.. GoldenEndpoint.All().Where(g => g.Gid.StartsWith(participant, StringComparison.Ordinal)
            && (g.Topic.Contains("/talker/", StringComparison.Ordinal) && (g.Topic.Contains("parameter", StringComparison.Ordinal) || g.Topic.Contains("get_type_description", StringComparison.Ordinal))
                || g.Topic is "rt/rosout" or "rt/parameter_events"))];
        using var ros = new TestNodes();
        Node node = ros.Open().CreateNode("talker", null, NodeOptions.Full);
        GraphEndpoint[] ours = [.. node.Context.GetGraph().Endpoints.Where(e => e.Name is not null)];
        Assert.Equal(golden.Select(g => $"{g.Kind} {g.Topic}").Distinct().Order(), ours.Select(e => $"{(e.IsWriter ? "writer" : "reader")} {e.WireTopic}").Order());
        foreach (GraphEndpoint e in ours)
        {
            GoldenEndpoint g = golden.First(g => g.Topic == e.WireTopic && g.Kind == (e.IsWriter ? "writer" : "reader"));
            Assert.Equal(g.Type, e.WireType);
            Assert.EndsWith(g.UserData[g.UserData.IndexOf("typehash", StringComparison.Ordinal)..], e.UserData);
            Assert.Equal(g.UserData.StartsWith("serviceid= 1.10.", StringComparison.Ordinal), e.UserData.StartsWith("serviceid= 1.10.", StringComparison.Ordinal));
            Assert.Equal(g.Durability, e.QoS.Durability == DurabilityPolicy.TransientLocal ? "transient_local" : "volatile");
            Assert.Equal((g.Reliability, g.Depth), ("reliable", e.QoS.Depth));
            if (e.IsWriter)
            {
                Assert.Equal(g.Lifespan, e.QoS.Lifespan == QoSProfile.Infinite ? "infinite" : $"{e.QoS.Lifespan.Ticks * 100}");
            }
        }
    }

    [DataFact("golden/ros_discovery_info.json")]
    public void The_nodes_of_the_recorded_session_have_the_same_endpoints_qos_user_data_and_gid_lists_here()
    {
        // The session: /talker and /ns1/helper in one process, /caller in another.
        using var ros = new TestNodes();
        RosContext one = ros.Open(o => o with { Distribution = "jazzy" }), two = ros.Open(o => o with { Distribution = "jazzy" });
        Node talker = one.CreateNode("talker", null, NodeOptions.Full), helper = one.CreateNode("helper", "ns1", NodeOptions.Full), caller = two.CreateNode("caller", null, NodeOptions.Full);
        talker.CreatePublisher<Msgs.StdMsgs.String>("chatter");
        talker.CreatePublisher<Msgs.StdMsgs.String>("latched", QoSProfile.TransientLocal);
        talker.CreatePublisher<Msgs.StdMsgs.Header>("sens", QoSProfile.SensorData);
        helper.CreateSubscription<Msgs.StdMsgs.String>("/chatter", null, _ => { });
        talker.CreateService<Msgs.StdSrvs.Trigger, Msgs.StdSrvs.Trigger.Request, Msgs.StdSrvs.Trigger.Response>("~/trigger", (_, _) => { });
        helper.CreateService<Msgs.StdSrvs.SetBool, Msgs.StdSrvs.SetBool.Request, Msgs.StdSrvs.SetBool.Response>("/set_it", (_, _) => { });
        talker.CreateClient<Msgs.StdSrvs.SetBool, Msgs.StdSrvs.SetBool.Request, Msgs.StdSrvs.SetBool.Response>("set_it");
        caller.CreateClient<Msgs.StdSrvs.SetBool, Msgs.StdSrvs.SetBool.Request, Msgs.StdSrvs.SetBool.Response>("set_it");
        caller.CreateClient<Msgs.StdSrvs.Trigger, Msgs.StdSrvs.Trigger.Request, Msgs.StdSrvs.Trigger.Response>("/talker/trigger");
        // The built-in DCPS readers are Cyclone's own and never leave the process.
        foreach ((RosContext context, string participant) in new[] { (one, "01107b033c4706f22482ed00"), (two, "0110e04f5f78155d2d990868") })
        {
            GraphEndpoint[] ours = [.. context.GetGraph().Endpoints.Where(e => e.ParticipantGid == context.Gid && !e.WireTopic.StartsWith("DCPS", StringComparison.Ordinal))];
            GoldenEndpoint[] golden = [.. GoldenEndpoint.All().Where(g => g.Gid.StartsWith(participant, StringComparison.Ordinal))];
            string id = string.Join('.', Convert.FromHexString(participant).Select(b => b.ToString("x"))), ownId = string.Join('.', Convert.FromHexString(context.Gid.ToString()[..24]).Select(b => b.ToString("x")));
            Assert.Equal(golden.Select(g => Describe(g, id)).Order(StringComparer.Ordinal), ours.Select(e => Describe(e, ownId)).Order(StringComparer.Ordinal));
            Assert.Equal("enclave=/;", context.GetGraph().Participants.Single(p => p.Gid == context.Gid).UserData);
        }

        // Which node lists which gids, as topics.
        using var file = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(SharedData.PathOf("golden/ros_discovery_info.json")));
        foreach (System.Text.Json.JsonElement node in file.RootElement.GetProperty("fullest_state_with_topics").EnumerateObject().SelectMany(p => p.Value.EnumerateArray()))
        {
            string name = RosName.FullyQualified(node.GetProperty("namespace").GetString()!, node.GetProperty("name").GetString()!);
            if (new[] { talker, helper, caller }.FirstOrDefault(n => n.FullName == name) is not { } mine)
            {
                continue;
            }

            foreach (bool writes in new[] { false, true })
            {
                Assert.Equal(
                    node.GetProperty(writes ? "writers" : "readers").EnumerateArray().Select(e => e[1].GetString()).Order(StringComparer.Ordinal),
                    mine.Context.GetGraph().Endpoints.Where(e => e.Node?.FullName == name && e.IsWriter == writes).Select(e => e.WireTopic).Order(StringComparer.Ordinal));
            }
        }

        // The number behind an id counts the process's services and clients, in an order that means nothing.
        static string Data(string text, string id) => System.Text.RegularExpressions.Regex.Replace(text.Replace(id, "PARTICIPANT", StringComparison.Ordinal), @"\.0\.0\.[0-9a-f]+\.[0-9a-f]+;", ".N;");
        static string Describe(object endpoint, string id) => endpoint switch
        {
            GoldenEndpoint g => $"{g.Kind} {g.Topic} {g.Type} {Data(g.UserData, id)} {g.Reliability} {g.Durability} {g.History} {(g.History == "keep_all" ? 0 : g.Depth)} {g.Liveliness} {(g.Kind == "writer" ? g.Lifespan : string.Empty)}",
            GraphEndpoint e => $"{(e.IsWriter ? "writer" : "reader")} {e.WireTopic} {e.WireType} {Data(e.UserData, id)} {(e.QoS.Reliability == ReliabilityPolicy.Reliable ? "reliable" : "best_effort")} "
                + $"{(e.QoS.Durability == DurabilityPolicy.TransientLocal ? "transient_local" : "volatile")} {(e.QoS.History == HistoryPolicy.KeepAll ? "keep_all" : "keep_last")} {e.QoS.Depth} "
                + $"{(e.QoS.Liveliness == LivelinessPolicy.Automatic ? "automatic" : "manual")} {(!e.IsWriter ? string.Empty : e.QoS.Lifespan == QoSProfile.Infinite ? "infinite" : $"{e.QoS.Lifespan.Ticks * 100}")}",
            _ => throw new ArgumentException(null, nameof(endpoint)),
        };
    }

    [Fact]
    public void Log_lines_go_to_rosout_also_to_a_late_listener_and_to_the_console_in_ros_format()
    {
        using var ros = new TestNodes();
        using var console = new StringWriter();
        Node node = ros.Open(o => o with { LoggerFactory = new RosLoggerFactory(output: console) }).CreateNode("lognode", "ns", NodeOptions.Full);
        node.Logger.LogDebug("debug message");
        node.Logger.LogInformation("info message");
        node.Logger.LogWarning("warn {Value} message", 5);
        node.Logger.LogError("error message");
        node.Logger.LogCritical("fatal message");
        node.GetLogger("child").LogInformation("from child");
        Node listener = ros.Node("listener");
        var got = new List<(byte Level, string Name, string Msg)>();
        listener.CreateSubscription<Log>("/rosout", QoSProfile.RosOut, m => got.Add((m.Level, m.Name, m.Msg)));
        Assert.True(listener.Context.SpinUntil(() => got.Count >= 5, TestNodes.Patience));
        Assert.Equal(
            [(20, "ns.lognode", "info message"), (30, "ns.lognode", "warn 5 message"), (40, "ns.lognode", "error message"), (50, "ns.lognode", "fatal message"), (20, "ns.lognode.child", "from child")],
            got.Select(g => ((int)g.Level, g.Name, g.Msg)));
        string[] lines = console.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches(@"^\[INFO\] \[\d{10}\.\d{9}\] \[ns\.lognode\]: info message$", lines[0]);
        Assert.Equal(["INFO", "WARN", "ERROR", "FATAL", "INFO"], lines.Select(l => l[1..l.IndexOf(']')]));
    }

    [Theory]
    [InlineData("{severity}|{name}|{message}", "WARN|a.b|m")]
    [InlineData("{time_as_nanoseconds} {time}", "0000000001500000001 1.500000001")]
    [InlineData("{unknown} {message", "{unknown} {message")]
    [InlineData("[{message}]\\t{line_number}", "[m]\t0")]
    public void The_console_format_is_rcutils(string format, string expected) => Assert.Equal(expected, new ConsoleFormat(format).Line("WARN", 1_500_000_001, "a.b", "m"));
}
