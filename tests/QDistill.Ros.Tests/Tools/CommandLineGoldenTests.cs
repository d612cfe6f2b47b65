using System.Text.Json;
using System.Text.RegularExpressions;

namespace QDistill.Ros.Tests;

/// <summary>
/// A session of the real <c>ros2</c> command line with real nodes, replayed on ours: what the tools make of our graph, parameters, lifecycle and actions reads the
/// same. (The real tools were also run on these nodes of ours; docs/ros.md tells.)
/// </summary>
public sealed partial class CommandLineGoldenTests
{
    /// <summary>Reasons of rclpy's, whose node /pnode_allow was; ours are rclcpp's everywhere.</summary>
    private static readonly Dictionary<string, string> RclpysReasons = new(StringComparer.Ordinal)
    {
        ["ros2 param set /pnode_allow int_range 5"] = "Setting parameter failed: Parameter {int_range} doesn't comply with integer range.\n",
        ["ros2 param set /pnode_allow ro_p x"] = "Setting parameter failed: parameter 'ro_p' cannot be set because it is read-only\n",
    };

    [DataFact("golden/behaviour/cli.json")]
    public void What_the_tools_print_of_real_nodes_they_print_of_ours()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(SharedData.PathOf("golden/behaviour/cli.json")));
        using var ros = new TestNodes();
        RosContext nodes = ros.Open(o => o with { LoggerFactory = new RosLoggerFactory(output: TextWriter.Null) });
        ParameterNode.Start(nodes, "pnode", options: NodeOptions.Full);
        ParameterNode.Start(nodes, "pnode_allow", allowUndeclared: true, NodeOptions.Full);
        _ = new Plain(nodes, "lcnode");
        _ = new Plain(nodes, "lc_talker");
        _ = new GoldenActionServer(nodes.CreateNode("fibserver", null, NodeOptions.Full));
        Node tool = ros.Node("_ros2cli");
        using var spinNodes = new ServiceTests.Spinning(nodes);
        using var spinTool = new ServiceTests.Spinning(tool.Context);
        TestNodes.Await(() => tool.GetNodeNames().Count == 6 && tool.GetServiceNamesAndTypes().Count == 48, "the tool sees all");
        var ros2 = new Ros2(tool);
        int compared = 0;
        foreach (JsonElement step in file.RootElement.GetProperty("commands").EnumerateArray())
        {
            string command = step.GetProperty("command").GetString()!;
            if (step.TryGetProperty("session", out _) || command.Contains("/py/", StringComparison.Ordinal) || command.Contains("/st", StringComparison.Ordinal)
                || command.Contains("lc_chatter", StringComparison.Ordinal))
            {
                continue;
            }

            string[] words = [.. command.Split(' ').Skip(1).Where(w => w != "--")];
            string? ours = words switch
            {
                ["lifecycle", "list", "-a", string n] => ros2.Transitions(n, all: true),
                ["lifecycle", "list", "/pnode"] => null,
                ["lifecycle", "list", string n] => ros2.Transitions(n, all: false),
                ["param", "list", "/nosuch"] => null,
                ["param", "list", string n] => ros2.Parameters(n, types: false, [], null),
                ["param", "list", string n, "--param-type"] => ros2.Parameters(n, types: true, [], null),
                ["param", "list", string n, "--param-prefixes", string prefix] => ros2.Parameters(n, types: false, [prefix], null),
                ["param", "list", string n, "--filter", "int.*"] => ros2.Parameters(n, types: false, [], "int"),
                _ => ros2.Run(words),
            };
            if (ours is null)
            {
                continue;   // counts of all nodes, dumps, what shows files or streams
            }

            string real = step.GetProperty("stdout").GetString() + (step.TryGetProperty("stderr", out JsonElement error) ? error.GetString() : string.Empty);
            Assert.Equal(command + "\n" + Common(RclpysReasons.GetValueOrDefault(command, real)), command + "\n" + Common(ours));
            compared++;
        }

        Assert.True(compared >= 95, $"{compared} commands");
    }

    // Without what only the recording had (two more nodes, a service that steered the program, rclcpp's subscription to its own parameter events) and what only we have
    // (rclcpp's QoS overrides also on lifecycle and undeclared-tolerant nodes, which were rclcpp_lifecycle and rclpy there). Endpoints come in no order.
    private static string Common(string text)
    {
        string[] blocks = [.. text.Split("\n\n").Where(b => !OthersBlock().IsMatch(b))];
        if (blocks.Any(b => b.StartsWith("Node name", StringComparison.Ordinal)))
        {
            Array.Sort(blocks, StringComparer.Ordinal);
        }

        IEnumerable<string> lines = string.Join("\n\n", blocks).Split('\n')
            .Where(l => !OnlyThere().IsMatch(l) && l.Length > 0);
        return string.Join('\n', lines);
    }

    [GeneratedRegex(@"^Node name: (fibserver_py|statsnode|_ros2cli)|ParameterEvent\n.*\nEndpoint type: SUBSCRIPTION")]
    private static partial Regex OthersBlock();

    [GeneratedRegex(@"/py/|/st/|/statistics|/lc_chatter|/cmd\b|^(Publisher|Subscription) count: \d$|^    /parameter_events: rcl_interfaces/msg/ParameterEvent$|qos_overrides")]
    private static partial Regex OnlyThere();

    private sealed class Plain(RosContext context, string name) : LifecycleNode(context, name);
}
