using static QDistill.Ros.ParameterTiming;

namespace QDistill.Onboard;

/// <summary>Whether and where each prediction's stages are written.</summary>
public sealed record TraceOptions
{
    /// <summary>The file, in the JSON array form that Perfetto and chrome://tracing read; empty: no trace.</summary>
    public string File { get; init; } = string.Empty;

    /// <summary>The file does not grow beyond this [MB].</summary>
    public double MaxSize { get; init; } = 100;

    internal static ParameterTable<TraceOptions> Parameters { get; } = new ParameterTable<TraceOptions>()
        .Text("trace.file", Configure, "File for every prediction's stages, in Perfetto's JSON; empty: no trace.", o => o.File, (o, v) => o with { File = v })
        .Number("trace.max_size_mb", Configure, "MB", 0.001, 1e6, "The trace ends at this size.", o => o.MaxSize, (o, v) => o with { MaxSize = v });
}
