using Microsoft.Extensions.Logging;
using QDistill.Configuration;
using QDistill.Ros;

namespace QDistill.Onboard;

/// <summary>What a runner starts.</summary>
public sealed record NodeRunOptions
{
    /// <summary>The parameter file; null: defaults.</summary>
    public string? ParameterFile { get; init; }

    /// <summary>Wins over the file's model.</summary>
    public string? Model { get; init; }

    /// <summary>Wins over the file's robot.</summary>
    public string? Robot { get; init; }

    /// <summary>The node's name; null: its kind.</summary>
    public string? Name { get; init; }

    /// <summary>The node's namespace; null: the root.</summary>
    public string? Namespace { get; init; }

    /// <summary>Simulated time and remappings.</summary>
    public NodeOptions Node { get; init; } = new();

    /// <summary>The domain and more; what is left open comes from ROS's environment variables.</summary>
    public RosContextOptions Context { get; init; } = new();
}

/// <summary>Runs one onboard node until it is told to end.</summary>
public static class NodeRunner
{
    /// <summary>The nodes that can be run.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["feature_fusion", "risk_inference", "onboard", "velocity_governor"];

    /// <summary>Configures and activates a node, says so in one line, serves it until cancelled, and takes it down in order.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="options">What it works with.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="say">Receives the line; null: standard output.</param>
    /// <param name="load">Loads a model from its path; null: ONNX Runtime.</param>
    /// <exception cref="UserErrorException">It cannot be configured.</exception>
    public static void Run(string kind, NodeRunOptions options, CancellationToken cancellation, Action<string>? say = null, Func<string, IRiskModel>? load = null)
    {
        using var context = new RosContext(options.Context);
        using ManagedNode node = Create(kind, context, options, load);
        node.Configure();
        RealTimeOptions realTime = (node as RiskInferenceNode)?.Options.RealTime ?? (node as OnboardNode)?.Options.Inference.RealTime ?? new RealTimeOptions();
        foreach (string refusal in RealTime.Apply(realTime))
        {
            node.Node.Logger.LogWarning("{Refusal}", refusal);
        }

        node.Activate();
        (say ?? Console.WriteLine)($"{node.Node.Name} active: {node.Summary}");
        context.Spin(cancellation);
        node.Shutdown();
    }

    /// <summary>Makes a node of a kind, unconfigured.</summary>
    /// <exception cref="UserErrorException">The kind is not known, or the parameters are wrong.</exception>
    public static ManagedNode Create(string kind, RosContext context, NodeRunOptions options, Func<string, IRiskModel>? load = null)
    {
        var start = new NodeStart(options.Name ?? kind, options.Namespace, options.Node);
        string? file = options.ParameterFile;
        switch (kind)
        {
            case "feature_fusion":
                return new FeatureFusionNode(context, WithRobot(file is null ? new() : FeatureFusionOptions.Load(file), options, kind), start);
            case "risk_inference":
                RiskInferenceOptions inference = file is null ? new() : RiskInferenceOptions.Load(file);
                return new RiskInferenceNode(context, inference with { Model = options.Model ?? inference.Model, Robot = options.Robot ?? inference.Robot }, load, start);
            case "onboard":
                OnboardOptions both = file is null ? new() : OnboardOptions.Load(file);
                both = both with
                {
                    Fusion = WithRobot(both.Fusion, options, kind),
                    Inference = both.Inference with { Model = options.Model ?? both.Inference.Model },
                };
                return new OnboardNode(context, both, load, start);
            case "velocity_governor":
                return new VelocityGovernorNode(context, file is null ? new() : VelocityGovernorOptions.Load(file), start);
            default:
                throw new UserErrorException($"there is no node '{kind}'", null, NearestKey.Hint(kind, Kinds));
        }
    }

    private static FeatureFusionOptions WithRobot(FeatureFusionOptions fusion, NodeRunOptions options, string kind)
    {
        string robot = options.Robot ?? fusion.Robot;
        return robot.Length > 0
            ? fusion with { Robot = robot }
            : throw new UserErrorException($"{kind} needs a robot.yaml", null, "give --robot robots/<name>.yaml, or a parameter file with 'robot:'");
    }
}
