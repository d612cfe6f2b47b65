using static QDistill.Ros.ParameterTiming;

namespace QDistill.Onboard;

/// <summary>How a node is run, whatever it does.</summary>
public sealed record OperationOptions
{
    /// <summary>Whether the node configures and activates itself; else a lifecycle manager does.</summary>
    public bool Autostart { get; init; } = true;

    /// <summary>Time between two diagnostics [s].</summary>
    public double DiagnosticsPeriod { get; init; } = 1;

    /// <summary>Whether the diagnostics' names begin with the node's fully qualified name.</summary>
    public bool FullNames { get; init; }

    /// <summary>Scheduling of the thread that runs the node.</summary>
    public RealTimeOptions RealTime { get; init; } = new();

    internal static ParameterTable<OperationOptions> Parameters { get; } = new ParameterTable<OperationOptions>()
        .Switch("autostart", Start, "Whether the node configures and activates itself; false: a lifecycle manager does.", o => o.Autostart, (o, v) => o with { Autostart = v })
        .Number("diagnostic_updater.period", Live, "s", 0.05, 60, "Time between two messages on /diagnostics.", o => o.DiagnosticsPeriod, (o, v) => o with { DiagnosticsPeriod = v })
        .Switch("diagnostic_updater.use_fqn", Start, "Whether the diagnostics are named after the node's fully qualified name.", o => o.FullNames, (o, v) => o with { FullNames = v })
        .Whole("real_time.priority", Start, 0, 99, "SCHED_FIFO priority of the predicting thread; 0: the ordinary scheduler.", o => o.RealTime.Priority, (o, v) => o with { RealTime = o.RealTime with { Priority = v } })
        .Wholes("real_time.cpus", Start, 0, QDistill.Onboard.RealTime.MaxCpus - 1, "Processors that the thread may run on; empty: all.", o => o.RealTime.Cpus, (o, v) => o with { RealTime = o.RealTime with { Cpus = v } })
        .Switch("real_time.lock_memory", Start, "Whether the process's memory is kept from being paged out.", o => o.RealTime.LockMemory, (o, v) => o with { RealTime = o.RealTime with { LockMemory = v } })
        .Whole("real_time.cpu_dma_latency_us", Configure, -1, 1_000_000, "The longest that processors may take to wake up while the node is active, held at /dev/cpu_dma_latency [us]; 0: they never sleep; -1: as the system has it.", o => o.RealTime.CpuDmaLatency, (o, v) => o with { RealTime = o.RealTime with { CpuDmaLatency = v } })
        .Whole("real_time.busy_poll_us", Configure, 0, 1_000_000, "How long the predicting thread looks for the next message before it sleeps, while the node is active [us]; takes up to a whole processor; 0: it sleeps at once.", o => o.RealTime.BusyPoll, (o, v) => o with { RealTime = o.RealTime with { BusyPoll = v } });
}
