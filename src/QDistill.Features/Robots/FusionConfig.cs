using QDistill.Configuration;

namespace QDistill.Features;

/// <summary>When feature vectors are formed.</summary>
public sealed record FusionConfig
{
    /// <summary>The source whose every message forms a vector, stamped as that message; null: a fixed rate.</summary>
    public string? Trigger { get; init; }

    /// <summary>With a trigger: an upper bound on the rate (0: none). Without: the rate, on multiples of its period since the epoch [Hz].</summary>
    public double Rate { get; init; }

    /// <summary>Fixed rate: how long after a tick its vector is formed, so that slow sources still count [s].</summary>
    public double Grace { get; init; }

    /// <summary>A header stamp older than its receipt by more than this, or later than it by more than 50 ms, is not believed [s].</summary>
    public double StampTolerance { get; init; } = 1.0;

    internal static FusionConfig Read(ConfigSection? section, IReadOnlyList<SourceConfig> sources)
    {
        string first = (sources.FirstOrDefault(s => s.Role == SourceRole.Scan) ?? sources.FirstOrDefault(s => s.Role is not SourceRole.Contact) ?? sources[0]).Name;
        if (section is null)
        {
            return new FusionConfig { Trigger = first };
        }

        string trigger = section.Choice("trigger", [.. sources.Select(s => s.Name), "rate"], first);
        bool fixedRate = trigger == "rate";
        return new FusionConfig
        {
            Trigger = fixedRate ? null : trigger,
            Rate = fixedRate ? section.Double("rate", min: 0.01, max: 10000) : section.Double("rate", 0, 0, 10000),
            Grace = fixedRate ? section.Double("grace", 0.02, 0, 10) : 0,
            StampTolerance = section.Double("stamp_tolerance", 1.0, 0, 1e9),
        };
    }
}
