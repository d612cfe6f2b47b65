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
