using QDistill.Configuration;

namespace QDistill.Onboard;

/// <summary>The parameters of <c>onboard</c>, fusion and inference in one process.</summary>
public sealed record OnboardOptions
{
    /// <summary>The fusion's part.</summary>
    public FeatureFusionOptions Fusion { get; init; } = new();

    /// <summary>The inference's part.</summary>
    public RiskInferenceOptions Inference { get; init; } = new();

    /// <summary>Whether the features are published too, on <c>~/output/features</c>.</summary>
    public bool PublishFeatures { get; init; } = true;

    /// <summary>Reads the parameters from a file.</summary>
    /// <exception cref="UserErrorException">See <see cref="ParameterFile.Read{T}(string, string, Func{ConfigSection, T})"/>.</exception>
    public static OnboardOptions Load(string path) => ParameterFile.Read(path, "onboard", Read);

    /// <summary>Reads the parameters of <c>ros__parameters</c>.</summary>
    public static OnboardOptions Read(ConfigSection section) => new()
    {
        Fusion = FeatureFusionOptions.Read(section),
        Inference = RiskInferenceOptions.Read(section),
        PublishFeatures = section.Bool("publish_features", true),
    };
}
