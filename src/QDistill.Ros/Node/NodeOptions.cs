namespace QDistill.Ros;

/// <summary>Options of a node.</summary>
public sealed record NodeOptions
{
    /// <summary>What a ROS 2 node has: parameter services, /parameter_events and /rosout. The default is a bare node with nothing but its own endpoints.</summary>
    public static NodeOptions Full { get; } = new() { StartParameterServices = true, EnableRosOut = true };

    /// <summary>Whether the node's loggers also publish to /rosout.</summary>
    public bool EnableRosOut { get; init; }

    /// <summary>Whether others may read and set logger levels, by <c>~/get_logger_levels</c> and <c>~/set_logger_levels</c>.</summary>
    public bool EnableLoggerService { get; init; }

    /// <summary>Whether the node's clock follows /clock.</summary>
    public bool UseSimTime { get; init; }

    /// <summary>
    /// Whether typed publishers and subscriptions of one context hand messages over without serialisation (rclcpp's <c>use_intra_process_comms</c>): every
    /// subscription gets a copy in an instance of its own, the same one again and again. Endpoints that keep all history go through the middleware. Null: as
    /// <see cref="RosContextOptions.UseIntraProcess"/> says.
    /// </summary>
    public bool? UseIntraProcess { get; init; }

    /// <summary>ROS arguments for this node alone; they win over the context's.</summary>
    public RosArguments Arguments { get; init; } = RosArguments.None;

    /// <summary>Whether the context's arguments and renamings apply to this node.</summary>
    public bool UseGlobalArguments { get; init; } = true;

    /// <summary>Renamings of this node's names, tried after <see cref="Arguments"/> and before the context's.</summary>
    public RemapRules Remaps { get; init; } = RemapRules.None;

    /// <summary>Whether the node has the six parameter services and publishes /parameter_events, as ROS 2's nodes do.</summary>
    public bool StartParameterServices { get; init; }

    /// <summary>Whether parameters that were not declared may be got (not set) and set (which declares them).</summary>
    public bool AllowUndeclaredParameters { get; init; }

    /// <summary>Whether every override is declared at once, with the type that it has and free to change it.</summary>
    public bool AutomaticallyDeclareParametersFromOverrides { get; init; }

    /// <summary>Values that take the place of defaults when parameters are declared; they win over those of arguments.</summary>
    public IReadOnlyDictionary<string, ParameterValue> ParameterOverrides { get; init; } = new Dictionary<string, ParameterValue>();
}
