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

    /// <summary>
    /// Seeds Q#'s random numbers; null leaves them random. The shots of <see cref="QSharpBackend"/> then depend on the seed and the running number of the first sample in
    /// each request (256 samples, or 64 beyond 1024 shots), other requests on their order since the start.
    /// </summary>
    public string? Seed { get; init; }
}
