namespace QDistill.Ros;

/// <summary>The policies of an endpoint's quality of service that parameters <c>qos_overrides.TOPIC.publisher.POLICY</c> (or <c>subscription</c>) may set.</summary>
public enum QoSOverridePolicy
{
    /// <summary>Text: <c>volatile</c>, <c>transient_local</c>, <c>system_default</c>, <c>best_available</c>.</summary>
    Durability,

    /// <summary>Text: <c>keep_last</c>, <c>keep_all</c>, <c>system_default</c>.</summary>
    History,

    /// <summary>Integer: messages kept.</summary>
    Depth,

    /// <summary>Text: <c>reliable</c>, <c>best_effort</c>, <c>system_default</c>, <c>best_available</c>.</summary>
    Reliability,

    /// <summary>Integer: ns between two messages.</summary>
    Deadline,

    /// <summary>Integer: ns for which a message is worth delivering.</summary>
    Lifespan,

    /// <summary>Text: <c>automatic</c>, <c>manual_by_topic</c>, <c>system_default</c>, <c>best_available</c>.</summary>
    Liveliness,

    /// <summary>Integer: ns that a publisher may be silent.</summary>
    LivelinessLeaseDuration,

    /// <summary>Bool: the middleware's names instead of ROS's.</summary>
    AvoidRosNamespaceConventions,
}

/// <summary>Which policies of an endpoint its node's user may set by parameters before the endpoint is created; afterwards they are read-only.</summary>
public sealed record QoSOverridingOptions
{
    /// <summary>The policies that matter mostly: durability, history, depth, reliability.</summary>
    public static QoSOverridingOptions Default { get; } = new()
    {
        Policies = [QoSOverridePolicy.Durability, QoSOverridePolicy.History, QoSOverridePolicy.Depth, QoSOverridePolicy.Reliability],
    };

    /// <summary>All policies.</summary>
    public static QoSOverridingOptions All { get; } = new() { Policies = Enum.GetValues<QoSOverridePolicy>() };

    /// <summary>The policies, in the order in which their parameters are declared.</summary>
    public required IReadOnlyList<QoSOverridePolicy> Policies { get; init; }

    /// <summary>Tells endpoints of one kind on one topic apart: <c>qos_overrides.TOPIC.publisher_ID.POLICY</c>.</summary>
    public string Id { get; init; } = string.Empty;

    /// <summary>Looks at the result: null, or why it is refused.</summary>
    public Func<QoSProfile, string?>? Validate { get; init; }
}
