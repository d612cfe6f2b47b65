using QDistill.Ros;
using static QDistill.Ros.ParameterTiming;

namespace QDistill.Onboard;

/// <summary>ROS's topic statistics of a node's inputs: how old messages are and how far apart they come.</summary>
public sealed record StatisticsOptions
{
    /// <summary>Whether they are published.</summary>
    public bool Enabled { get; init; }

    /// <summary>Where.</summary>
    public string Topic { get; init; } = "/statistics";

    /// <summary>The window's length, and the time between two messages [s].</summary>
    public double Period { get; init; } = 1;

    /// <summary>What an input's subscription is asked to publish; null: nothing.</summary>
    internal TopicStatisticsOptions? Wanted => Enabled ? new TopicStatisticsOptions { PublishTopic = Topic, PublishPeriod = TimeSpan.FromSeconds(Period) } : null;

    /// <summary>The options of an input's subscription.</summary>
    internal SubscriptionOptions Subscription => new() { TopicStatistics = Wanted };

    internal static ParameterTable<StatisticsOptions> Parameters { get; } = new ParameterTable<StatisticsOptions>()
        .Switch("topic_statistics.enabled", Configure, "Whether age and period of the inputs' messages are published, as rclcpp's topic statistics.", o => o.Enabled, (o, v) => o with { Enabled = v })
        .Text("topic_statistics.topic", Configure, "Where they are published (statistics_msgs/msg/MetricsMessage).", o => o.Topic, (o, v) => o with { Topic = v })
        .Number("topic_statistics.period", Configure, "s", 0.05, 3600, "Length of a window, and time between two messages.", o => o.Period, (o, v) => o with { Period = v });
}
