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

    /// <summary>Whether anything is asked for.</summary>
    public bool Any => Priority > 0 || Cpus.Count > 0 || LockMemory;
}
