namespace QDistill.Quantum;

/// <summary>How the Q# host process is found and watched.</summary>
public sealed record QSharpHostOptions
{
    /// <summary>The Node.js program; by default <c>QDISTILL_NODE</c> or <c>node</c> on the path.</summary>
    public string? Node { get; init; }

    /// <summary>The host script; by default the installation's <c>src/qsharp/host.mjs</c>.</summary>
    public string? Script { get; init; }

    /// <summary>How long the process may take to become ready.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long one request may take before the process is ended.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Seeds Q#'s random numbers, so that shots repeat when the same requests come in the same order; null leaves them random.</summary>
    public string? Seed { get; init; }
}
