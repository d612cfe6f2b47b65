using static QDistill.Ros.ParameterTiming;

namespace QDistill.Onboard;

/// <summary>The parameters of <c>onboard</c>, fusion and inference in one process: those of both, and a parameter that both have is one.</summary>
public sealed record OnboardOptions
{
    /// <summary>The fusion's part.</summary>
    public FeatureFusionOptions Fusion { get; init; } = new();

    /// <summary>The inference's part; what both have is taken from here.</summary>
    public RiskInferenceOptions Inference { get; init; } = new();

    /// <summary>Whether the features are published too, on <c>~/output/features</c>.</summary>
    public bool PublishFeatures { get; init; } = true;

    internal static ParameterTable<OnboardOptions> Parameters { get; } = new ParameterTable<OnboardOptions>()
        .Include(new ParameterTable<FeatureFusionOptions>().Text("robot", Configure, "The robot's robot.yaml (topics, types, footprint, limits, features), or the name of one in robots/.", o => o.Robot, (o, v) => o with { Robot = v }), o => o.Fusion, (o, v) => o with { Fusion = v })
        .Switch("publish_features", Configure, "Whether the features are published too, on ~/output/features.", o => o.PublishFeatures, (o, v) => o with { PublishFeatures = v })
        .Include(RiskInferenceOptions.StageParameters, o => o.Inference, (o, v) => o with { Inference = v })
        .Include(TopicQoS.Parameters, o => o.Fusion.QoS, (o, v) => o with { Fusion = o.Fusion with { QoS = v } })
        .Include(StatisticsOptions.Parameters, o => o.Fusion.Statistics, (o, v) => o with { Fusion = o.Fusion with { Statistics = v } });
}
