using System.Text.Json;
using System.Text.RegularExpressions;
using QDistill.Configuration;

namespace QDistill.Ros.Tests;

/// <summary>The recorded command line's second session: whole nodes' parameters are dumped and loaded, and services called.</summary>
public sealed class CommandLineSecondSessionTests
{
    // What the record says of the files.
    private static readonly Dictionary<string, string> Files = new()
    {
        ["load.yaml"] = "/fleet/dumpnode:\n  ros__parameters:\n    int_p: 77\n    int_range: 5\n    nope: 1\n    group:\n      a: 9\n",
        ["wild.yaml"] = "/**:\n  ros__parameters:\n    int_p: 78\n",
        ["other.yaml"] = "/else:\n  ros__parameters:\n    int_p: 79\n",
    };

    /// <summary>
    /// rclpy's node and rclcpp's lifecycle node lack the QoS parameters of /parameter_events that ours have. Of loading, <c>--no-use-wildcard</c> and the traceback for a file that is
    /// not there are the tool's own, and it loads a file for another node all the same, where ours names the node that it is for.
    /// </summary>
    [DataFact("golden/behaviour/cli.json")]
    public void Dumped_loaded_and_called_nodes_answer_as_real_ones()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(SharedData.PathOf("golden/behaviour/cli.json")));
        using var folder = new TempDirectory();
        foreach ((string name, string text) in Files)
        {
            File.WriteAllText(folder[name], text);
        }

        using var ros = new TestNodes();
        RosContext nodes = ros.Open(o => o with { LoggerFactory = new RosLoggerFactory(output: TextWriter.Null) });
        NodeOptions options = NodeOptions.Full with { ParameterOverrides = new Dictionary<string, ParameterValue> { ["uninit"] = 5L } };
        ParameterNode.Start(nodes, "dumpnode", options: options, nameSpace: "/fleet");
        ParameterNode.Start(nodes, "dumppy", options: options);
        using var talker = new Plain(nodes, "lc_talker");
        Node tool = ros.Node("_ros2cli");
        using var spinNodes = new ServiceTests.Spinning(nodes);
        using var spinTool = new ServiceTests.Spinning(tool.Context);
        TestNodes.Await(() => tool.GetNodeNames().Count == 4 && tool.GetServiceNamesAndTypes().Count == 26, "the tool sees all");
        var ros2 = new Ros2(tool);
        int compared = 0;
        foreach (JsonElement step in file.RootElement.GetProperty("commands").EnumerateArray().Where(c => c.TryGetProperty("session", out _)))
        {
            string command = step.GetProperty("command").GetString()!;
            string real = step.GetProperty("stdout").GetString() + (step.TryGetProperty("stderr", out JsonElement error) ? error.GetString() : string.Empty);
            string[] words = [.. command.Split(' ').Skip(1)];
            string? ours = words switch
            {
                ["param", "dump", "/dumppy"] => ros2.Dump("/dumppy", leaveOut: "qos_overrides"),
                ["param", "dump", string n] => ros2.Dump(n),
                ["param", "load", _, _, "--no-use-wildcard"] => null,
                ["param", "load", string n, "nosuch.yaml"] => Refusal(() => ros2.Load(n, folder["nosuch.yaml"]), "nosuch.yaml"),
                ["param", "load", string n, "other.yaml"] => Refusal(() => ros2.Load(n, folder["other.yaml"]), "it is for /else"),
                ["param", "load", string n, string f] => ros2.Load(n, folder[f]),
                ["param", "get", "/fleet/dumpnode", "int_p"] => ros2.Run(words)!.Replace("78", "79", StringComparison.Ordinal),
                ["param", "list"] => string.Concat(new[] { "/fleet/dumpnode", "/dumppy", "/lc_talker" }.Select(n => $"{n}:\n{ros2.Parameters(n, types: false, [], null)}")),
                ["param", "list", "--param-type", string n] => ros2.Parameters(n, types: true, [], null),
                ["service", "call", string service, string type, ..] => ros2.Called(service, type, command[(command.IndexOf(type, StringComparison.Ordinal) + type.Length)..]),
                ["topic", "echo", ..] => null, // a topic that was not there
                _ => ros2.Run(words),
            };
            if (ours is null)
            {
                continue;
            }

            string wanted = words[1] == "call" ? real[(real.IndexOf("response:\n", StringComparison.Ordinal) + 10)..] : real;
            Assert.Equal(command + "\n" + Common(wanted, words), command + "\n" + Common(ours, words));
            compared++;
        }

        Assert.Equal(13, compared);
    }

    private static string? Refusal(Func<string> load, string reason)
    {
        Assert.Contains(reason, Assert.Throws<UserErrorException>(load).ToString());
        return null;
    }

    private static string Common(string text, string[] words) => words[1] == "dump" ? text.TrimEnd('\n')
        : string.Join('\n', text.Split('\n').Where(l => l.Length > 0 && !Regex.IsMatch(l, @"/cmd \[|qos_overrides")));

    private sealed class Plain(RosContext context, string name) : LifecycleNode(context, name);
}
