using static QDistill.Ros.ParameterTiming;

namespace QDistill.Onboard;

/// <summary>The parameters of <c>feature_fusion</c>.</summary>
public sealed record FeatureFusionOptions
{
    /// <summary>The robot's <c>robot.yaml</c>: topics, types, fusion, features.</summary>
    public string Robot { get; init; } = string.Empty;

    /// <summary>How sensors are received and the features sent.</summary>
    public TopicQoS QoS { get; init; } = new();

    /// <summary>Whether <c>~/debug/latency</c> is published: sensor to receive, and fusion.</summary>
    public bool PublishLatency { get; init; } = true;

    /// <summary>What is watched of the latency.</summary>
    public LatencyOptions Latency { get; init; } = new();

    /// <summary>Statistics of the sensors' topics.</summary>
    public StatisticsOptions Statistics { get; init; } = new();

    /// <summary>How the node is run.</summary>
    public OperationOptions Operation { get; init; } = new();

    internal static ParameterTable<FeatureFusionOptions> Parameters { get; } = new ParameterTable<FeatureFusionOptions>()
        .Text("robot", Configure, "The robot's robot.yaml (topics, types, footprint, limits, features), or the name of one in robots/.", o => o.Robot, (o, v) => o with { Robot = v })
        .Include(TopicQoS.Parameters, o => o.QoS, (o, v) => o with { QoS = v })
        .Switch("latency.publish", Configure, "Whether ~/debug/latency is published.", o => o.PublishLatency, (o, v) => o with { PublishLatency = v })
        .Include(LatencyOptions.Parameters, o => o.Latency, (o, v) => o with { Latency = v })
        .Include(StatisticsOptions.Parameters, o => o.Statistics, (o, v) => o with { Statistics = v })
        .Include(OperationOptions.Parameters, o => o.Operation, (o, v) => o with { Operation = v });
}
