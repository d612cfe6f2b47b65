namespace QDistill.Ros;

/// <summary>The QoS of an action's endpoints; the defaults are rcl_action's.</summary>
public record ActionQoS
{
    /// <summary>The status topic: the last array, also for whoever comes later.</summary>
    public static QoSProfile StatusDefault { get; } = new() { Durability = DurabilityPolicy.TransientLocal, Depth = 1 };

    /// <summary>Of <c>_action/send_goal</c>.</summary>
    public QoSProfile GoalService { get; init; } = QoSProfile.Services;

    /// <summary>Of <c>_action/cancel_goal</c>.</summary>
    public QoSProfile CancelService { get; init; } = QoSProfile.Services;

    /// <summary>Of <c>_action/get_result</c>.</summary>
    public QoSProfile ResultService { get; init; } = QoSProfile.Services;

    /// <summary>Of <c>_action/feedback</c>.</summary>
    public QoSProfile FeedbackTopic { get; init; } = QoSProfile.Default;

    /// <summary>Of <c>_action/status</c>.</summary>
    public QoSProfile StatusTopic { get; init; } = StatusDefault;
}

/// <summary>Options of an action server.</summary>
public sealed record ActionServerOptions : ActionQoS
{
    /// <summary>
    /// How long a goal and its result are kept after the goal has ended, on the node's clock; <see cref="Timeout.InfiniteTimeSpan"/>: for ever. The default is rclcpp's.
    /// </summary>
    public TimeSpan ResultTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
