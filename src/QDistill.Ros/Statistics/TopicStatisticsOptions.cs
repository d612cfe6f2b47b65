namespace QDistill.Ros;

/// <summary>Publishes how old a subscription's messages are and how far apart they come, as rclcpp's topic statistics do.</summary>
public sealed record TopicStatisticsOptions
{
    /// <summary>Where <c>statistics_msgs/msg/MetricsMessage</c> is published.</summary>
    public string PublishTopic { get; init; } = "/statistics";

    /// <summary>How often, and how long a window is; above zero.</summary>
    public TimeSpan PublishPeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The publisher's quality of service; the system's default is reliable, volatile, keep last 1.</summary>
    public QoSProfile QoS { get; init; } = QoSProfile.SystemDefault;
}
