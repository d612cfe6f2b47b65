using Microsoft.Extensions.Logging;
using QDistill.Configuration;
using QDistill.Ros;

namespace QDistill.Onboard;

/// <summary>What a runner starts.</summary>
public sealed record NodeRunOptions
{
    /// <summary>The parameter <c>model</c>; null: as parameter files and arguments say.</summary>
    public string? Model { get; init; }

    /// <summary>The parameter <c>robot</c>; null: as parameter files and arguments say.</summary>
    public string? Robot { get; init; }

    /// <summary>The parameter <c>autostart</c>; null: as parameter files and arguments say.</summary>
    public bool? Autostart { get; init; }

    /// <summary>The node's name; null: its kind.</summary>
    public string? Name { get; init; }

    /// <summary>The node's namespace; null: the root.</summary>
    public string? Namespace { get; init; }

    /// <summary>Simulated time, remappings and parameter overrides.</summary>
    public NodeOptions Node { get; init; } = new();

    /// <summary>The domain and more; what is left open comes from ROS's environment variables.</summary>
    public RosContextOptions Context { get; init; } = new();
}

/// <summary>Runs one onboard node until it is told to end.</summary>
public static class NodeRunner
{
    /// <summary>The nodes that can be run.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["feature_fusion", "risk_inference", "onboard", "velocity_governor"];

    /// <summary>
    /// Makes a node and, unless its parameter <c>autostart</c> is false, configures and activates it; says so in one line, serves it until cancelled, and takes it down in order.
    /// </summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="options">What it works with.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="say">Receives the line; null: standard output.</param>
    /// <param name="load">Loads a model from its path; null: ONNX Runtime.</param>
    /// <exception cref="UserErrorException">A parameter is wrong, or the node that starts itself cannot be configured.</exception>
    public static void Run(string kind, NodeRunOptions options, CancellationToken cancellation, Action<string>? say = null, Func<string, IRiskModel>? load = null)
    {
        using var context = new RosContext(options.Context);
        using FlightNode node = Create(kind, context, options, load);
        foreach (string refusal in RealTime.Apply(node.Operation.RealTime))
        {
            node.Node.Logger.LogWarning("{Refusal}", refusal);
        }

        if (node.Operation.Autostart)
        {
            node.StartUp();
        }

        if (!cancellation.IsCancellationRequested)
        {
            (say ?? Console.WriteLine)(node.State == LifecycleState.Active
                ? $"{node.Node.Name} active: {node.Summary}"
                : $"{node.Node.Name} unconfigured: it waits for a lifecycle manager (ros2 lifecycle set {node.Node.FullName} configure)");
        }

        context.Spin(cancellation);
    }

    /// <summary>Makes a node of a kind, unconfigured.</summary>
    /// <exception cref="UserErrorException">The kind is not known, or a parameter is wrong.</exception>
    public static FlightNode Create(string kind, RosContext context, NodeRunOptions options, Func<string, IRiskModel>? load = null)
    {
        RequireKind(kind);
        var overrides = new Dictionary<string, ParameterValue>(options.Node.ParameterOverrides, StringComparer.Ordinal);
        Override("robot", options.Robot);
        Override("model", options.Model);
        if (options.Autostart is { } autostart)
        {
            overrides["autostart"] = autostart;
        }

        var start = new NodeStart(options.Name ?? kind, options.Namespace, options.Node with { ParameterOverrides = overrides });
        return kind switch
        {
            "feature_fusion" => new FeatureFusionNode(context, new(), start),
            "risk_inference" => new RiskInferenceNode(context, new(), load, start),
            "onboard" => new OnboardNode(context, new(), load, start),
            _ => new VelocityGovernorNode(context, new(), start),
        };

        // A shorthand that a kind has no parameter for means nothing to it.
        void Override(string name, string? value)
        {
            if (value is not null && Parameters(kind).Any(p => p.Name == name))
            {
                overrides[name] = value;
            }
        }
    }

    /// <summary>Describes the parameters of a kind of node, with their defaults.</summary>
    /// <exception cref="UserErrorException">The kind is not known.</exception>
    public static IReadOnlyList<ParameterDescription> Parameters(string kind)
    {
        RequireKind(kind);
        return kind switch
        {
            "feature_fusion" => FeatureFusionOptions.Parameters.Describe(new()),
            "risk_inference" => RiskInferenceOptions.Parameters.Describe(new()),
            "onboard" => OnboardOptions.Parameters.Describe(new()),
            _ => VelocityGovernorOptions.Parameters.Describe(new()),
        };
    }

    /// <summary>Whether a node of some kind has a parameter of this name.</summary>
    internal static bool IsParameterOfAny(string name) => Kinds.Any(kind => Parameters(kind).Any(p => p.Name == name));

    private static void RequireKind(string kind)
    {
        if (!Kinds.Contains(kind))
        {
            throw new UserErrorException($"there is no node '{kind}'", null, NearestKey.Hint(kind, Kinds));
        }
    }
}
