namespace QDistill.Onboard;

/// <summary>How the predicting thread is favoured over the rest of the machine.</summary>
public sealed record RealTimeOptions
{
    /// <summary>The SCHED_FIFO priority, 1 to 99; 0: the ordinary scheduler.</summary>
    public int Priority { get; init; }

    /// <summary>The processors that the thread may run on; empty: all.</summary>
    public IReadOnlyList<int> Cpus { get; init; } = [];

    /// <summary>Whether the process's memory is kept from being paged out.</summary>
    public bool LockMemory { get; init; }

    /// <summary>The longest that the processors may take to wake up from idling, while the node is active [us]; -1: as the system has it.</summary>
    public int CpuDmaLatency { get; init; } = -1;

    /// <summary>How long the predicting thread looks for the next message without sleeping, while the node is active [us]; 0: it sleeps at once.</summary>
    public int BusyPoll { get; init; }

    /// <summary>How often the model is run between predictions, so that it stays in the processor's caches [Hz]; 0: never.</summary>
    public double KeepWarm { get; init; }

    /// <summary>Whether the thread that asks is to be favoured, or the process's memory locked.</summary>
    public bool Any => Priority > 0 || Cpus.Count > 0 || LockMemory;
}
