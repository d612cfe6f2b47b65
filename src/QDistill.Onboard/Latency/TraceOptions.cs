using QDistill.Configuration;

namespace QDistill.Onboard;

/// <summary>Whether and where each prediction's stages are written.</summary>
public sealed record TraceOptions
{
    /// <summary>The file, in the JSON array form that Perfetto and chrome://tracing read; null or empty: no trace.</summary>
    public string? File { get; init; }

    /// <summary>The file does not grow beyond this [MB].</summary>
    public double MaxSize { get; init; } = 100;

    internal static TraceOptions Read(ConfigSection? section) => section is null ? new TraceOptions() : new TraceOptions
    {
        File = section.OptionalString("file"),
        MaxSize = section.Double("max_size_mb", 100, 0.001, 1e6),
    };
}
