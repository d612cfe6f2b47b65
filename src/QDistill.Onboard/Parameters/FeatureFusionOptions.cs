using QDistill.Configuration;

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

    /// <summary>Latency window and deadline.</summary>
    public LatencyOptions Latency { get; init; } = new();

    /// <summary>Time between two diagnostics [s].</summary>
    public double DiagnosticsPeriod { get; init; } = 1;

    /// <summary>Reads the parameters from a file.</summary>
    /// <exception cref="UserErrorException">See <see cref="ParameterFile.Read{T}(string, string, Func{ConfigSection, T})"/>.</exception>
    public static FeatureFusionOptions Load(string path) => ParameterFile.Read(path, "feature_fusion", Read);

    /// <summary>Reads the parameters of <c>ros__parameters</c>.</summary>
    public static FeatureFusionOptions Read(ConfigSection section)
    {
        var d = new FeatureFusionOptions();
        ConfigSection? latency = section.OptionalSection("latency");
        return new FeatureFusionOptions
        {
            Robot = section.String("robot"),
            QoS = TopicQoS.Read(section.OptionalSection("qos"), d.QoS),
            PublishLatency = latency?.Bool("publish", d.PublishLatency) ?? d.PublishLatency,
            Latency = latency is null ? d.Latency : new LatencyOptions
            {
                Window = latency.Seconds("window", d.Latency.Window, 0.1, 3600),
                Deadline = latency.Seconds("deadline", d.Latency.Deadline, 1e-6, 3600),
            },
            DiagnosticsPeriod = section.OptionalSection("diagnostics")?.Double("period", d.DiagnosticsPeriod, 0.05, 60) ?? d.DiagnosticsPeriod,
        };
    }
}
