using System.CommandLine;
using QDistill.Cli.Terminal;
using QDistill.Onboard;
using QDistill.Ros;

namespace QDistill.Cli.Verbs;

/// <summary><c>qdistill node KIND</c>: runs one onboard node until it is interrupted.</summary>
internal static class NodeVerb
{
    public static Command Create()
    {
        var kind = new Argument<string>("kind") { Description = string.Join(", ", NodeRunner.Kinds) };
        Option<string?> robot = VerbOptions.Optional<string>("--robot", "a robot file, or the name of one in robots/", "FILE|NAME");
        Option<string?> model = VerbOptions.Optional<string>("--model", "a model folder or a student.onnx", "PATH");
        Option<string?> parameters = VerbOptions.Optional<string>("--params-file", "a ROS parameter file", "FILE");
        Option<string?> name = VerbOptions.Optional<string>("--name", "the node's name", "NAME");
        Option<string?> nameSpace = VerbOptions.Optional<string>("--namespace", "the node's namespace", "NAMESPACE");
        Option<string[]> remap = RemapOption.Create();
        Option<bool> simTime = new("--use-sim-time") { Description = "follow /clock" };
        Command verb = VerbOptions.Verb(
            "node",
            "Runs an onboard node until it is interrupted.",
            "qdistill node feature_fusion --robot simulated_agv",
            "qdistill node risk_inference --model out/demo/model --remap '~/input/features:=/feature_fusion/output/features'",
            "qdistill node onboard --robot neato --model models/neato");
        verb.Add(kind);
        verb.Add(robot);
        verb.Add(model);
        verb.Add(parameters);
        verb.Add(name);
        verb.Add(nameSpace);
        verb.Add(remap);
        verb.Add(simTime);
        verb.SetAction((r, cancellation) =>
        {
            NodeRunner.Run(
                r.GetRequiredValue(kind),
                new NodeRunOptions
                {
                    Robot = r.GetValue(robot) is { } file ? CommonOptions.RobotFile(file) : null,
                    Model = r.GetValue(model),
                    ParameterFile = r.GetValue(parameters),
                    Name = r.GetValue(name),
                    Namespace = r.GetValue(nameSpace),
                    Node = new NodeOptions { UseSimTime = r.GetValue(simTime), Remaps = RemapOption.ForNode(r.GetValue(remap)) },
                },
                cancellation);
            return Task.FromResult(0);
        });
        return verb;
    }
}
