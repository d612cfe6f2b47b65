using System.CommandLine;
using QDistill.Cli.Terminal;
using QDistill.Configuration;
using QDistill.Features;
using QDistill.Offline;
using QDistill.Onboard;
using QDistill.Ros;

namespace QDistill.Cli.Verbs;

/// <summary><c>qdistill node KIND</c>: runs one node, onboard or offline, until it is interrupted, or prints an onboard node's parameters.</summary>
internal static class NodeVerb
{
    public static Command Create()
    {
        string[] kinds = [.. NodeRunner.Kinds, .. OfflineNodes.Kinds];
        var kind = new Argument<string>("kind") { Description = string.Join(", ", kinds) };
        Option<string?> robot = VerbOptions.Optional<string>("--robot", "a robot file, or the name of one in robots/", "FILE|NAME");
        Option<string?> model = VerbOptions.Optional<string>("--model", "a model folder or a student.onnx", "PATH");
        Option<string[]> parameters = new("--params-file") { Description = "a ROS parameter file; may be given several times, and the last wins", HelpName = "FILE" };
        Option<string?> name = VerbOptions.Optional<string>("--name", "the node's name", "NAME");
        Option<string?> nameSpace = VerbOptions.Optional<string>("--namespace", "the node's namespace", "NAMESPACE");
        Option<string[]> remap = RemapOption.Create();
        Option<bool> noAutostart = new("--no-autostart") { Description = "stay unconfigured until a lifecycle manager configures and activates the node" };
        Option<string?> print = new("--print-parameters") { Description = "print every parameter with its default and end: yaml (a parameter file), all (one for all nodes), schema (JSON schema), table (Markdown)", HelpName = "FORM" };
        print.AcceptOnlyFromAmong("yaml", "all", "schema", "table");

        // Taken out before the command line is parsed; here for the help.
        Option<string[]> ros = new("--ros-args") { Description = "ROS arguments from here on: -p NAME:=VALUE, --params-file FILE, -r FROM:=TO, --log-level LEVEL", HelpName = "ARGUMENTS" };
        Option<bool> simTime = new("--use-sim-time") { Description = "follow /clock" };
        Command verb = VerbOptions.Verb(
            "node",
            "Runs an onboard or offline node until it is interrupted. Takes ROS arguments after --ros-args, as every ROS node does.",
            "qdistill node feature_fusion --robot simulated_agv",
            "qdistill node risk_inference --model out/demo/model --remap '~/input/features:=/feature_fusion/output/features'",
            "qdistill node onboard --robot neato --model models/neato",
            "qdistill node onboard --ros-args --params-file launch/params/onboard.param.yaml -p model:=models/neato -p alarm.hold:=1.0 -r __ns:=/agv_1",
            "qdistill node risk_inference --print-parameters yaml > mine.param.yaml",
            "qdistill node teacher_labeling --print-parameters table",
            "qdistill node teacher_labeling --params-file launch/params/training.param.yaml");
        verb.Add(kind);
        verb.Add(robot);
        verb.Add(model);
        verb.Add(parameters);
        verb.Add(name);
        verb.Add(nameSpace);
        verb.Add(remap);
        verb.Add(simTime);
        verb.Add(noAutostart);
        verb.Add(print);
        verb.Add(ros);
        verb.SetAction((r, cancellation) =>
        {
            string node = r.GetRequiredValue(kind);
            if (!kinds.Contains(node))
            {
                throw new UserErrorException($"there is no node '{node}'", null, NearestKey.Hint(node, kinds));
            }

            if (r.GetValue(print) is { } form)
            {
                Console.Out.Write(ParametersText(node, form));
                return Task.FromResult(0);
            }

            if (OfflineNodes.Kinds.Contains(node))
            {
                RunOffline(node, r.GetValue(robot), r.GetValue(model), new OfflineNodeStart(r.GetValue(name), r.GetValue(nameSpace), new NodeOptions
                {
                    Arguments = FromFiles(r.GetValue(parameters)), UseSimTime = r.GetValue(simTime), Remaps = RemapOption.ForNode(r.GetValue(remap)),
                }), cancellation);
                return Task.FromResult(0);
            }

            NodeRunner.Run(
                node,
                new NodeRunOptions
                {
                    Robot = r.GetValue(robot) is { } file ? RobotFile.Find(file, "--robot") : null,
                    Model = r.GetValue(model),
                    Autostart = r.GetValue(noAutostart) ? false : null,
                    Name = r.GetValue(name),
                    Namespace = r.GetValue(nameSpace),
                    Context = new RosContextOptions { Arguments = RosCommandLine.Arguments, WriteLogFile = true },
                    Node = new NodeOptions { Arguments = FromFiles(r.GetValue(parameters)), UseSimTime = r.GetValue(simTime), Remaps = RemapOption.ForNode(r.GetValue(remap)) },
                },
                cancellation);
            return Task.FromResult(0);
        });
        return verb;
    }

    /// <summary>What <c>--print-parameters</c> prints.</summary>
    private static string ParametersText(string kind, string form) => form switch
    {
        "yaml" => ParameterText.Yaml(kind, ParametersOf(kind)),
        "all" when OfflineNodes.Kinds.Contains(kind) => ParameterText.LaunchYaml("offline", OfflineNodes.Kinds.Select(k => (k, ParametersOf(k)))),
        "all" => ParameterText.LaunchYaml("onboard", NodeRunner.Kinds.Select(k => (k, ParametersOf(k)))),
        "schema" => ParameterText.Schema(kind, ParametersOf(kind)),
        _ => ParameterText.Markdown(ParametersOf(kind)),
    };

    private static IReadOnlyList<ParameterDescription> ParametersOf(string kind) => OfflineNodes.Kinds.Contains(kind) ? OfflineNodes.Parameters(kind) : NodeRunner.Parameters(kind);

    private static void RunOffline(string kind, string? robot, string? model, OfflineNodeStart start, CancellationToken cancellation)
    {
        var given = new Dictionary<string, ParameterValue>(StringComparer.Ordinal);
        foreach ((string name, string? value) in new[] { ("robot", robot), ("model", model) })
        {
            if (value is not null)
            {
                given[name] = value;
            }
        }

        OfflineNodes.Run(kind, new RosContextOptions { Arguments = RosCommandLine.Arguments, WriteLogFile = true }, start with { Options = start.Options! with { ParameterOverrides = given } }, cancellation);
    }

    private static RosArguments FromFiles(string[]? files) =>
        RosArguments.Parse(["--ros-args", .. (files ?? []).SelectMany(f => new[] { "--params-file", f })]);
}
