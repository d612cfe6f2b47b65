using Azure.Core;

namespace QDistill.Quantum;

/// <summary>How the back end <c>azure</c> submits jobs.</summary>
public sealed record AzureOptions
{
    /// <summary>The workspace's connection string; by default from <see cref="AzureWorkspace.Variable"/>.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>
    /// Who logs in when the connection string has no ApiKey; null: Azure.Identity's default chain (a service principal's or workload identity's environment variables, a managed identity, the login of <c>az</c> or of a
    /// development tool).
    /// </summary>
    public TokenCredential? Credential { get; init; }

    /// <summary>The target, for example <c>ionq.simulator</c> or <c>quantinuum.sim.h2-1e</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Shots per sample and measurement basis.</summary>
    public int Shots { get; init; } = 500;

    /// <summary>The price of a shot and of a job on the target, for the estimate; both 0 on free simulators.</summary>
    public double PricePerShot { get; init; }

    /// <inheritdoc cref="PricePerShot"/>
    public double PricePerJob { get; init; }

    /// <summary>The most that all queries of the back end together may cost; nothing is submitted above it.</summary>
    public double MaxCost { get; init; }

    /// <summary>The file in which job ids are kept, so that a run that was cut off collects its jobs instead of paying again; null keeps none.</summary>
    public string? JobsFile { get; init; }

    /// <summary>Qubits that one job may use: samples are packed side by side into jobs of that size. 0 puts one sample into each job.</summary>
    public int PackQubits { get; init; }

    /// <summary>Jobs submitted before the first is awaited.</summary>
    public int MaxInFlight { get; init; } = 20;

    /// <summary>How long the service or its storage may take over one request before it is repeated.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>The first pause between polls; each is 1.5 times the last, up to <see cref="PollCeiling"/>.</summary>
    public TimeSpan PollStart { get; init; } = TimeSpan.FromSeconds(0.2);

    /// <summary>The longest pause between polls.</summary>
    public TimeSpan PollCeiling { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The first pause before a failed request is repeated; it doubles each time.</summary>
    public TimeSpan RetryStart { get; init; } = TimeSpan.FromSeconds(0.8);

    /// <summary>How often a failed request is repeated.</summary>
    public int Retries { get; init; } = 8;

    /// <summary>How the Q# host, which compiles the programs, is found and watched.</summary>
    public QSharpHostOptions? QSharp { get; init; }
}
