using QDistill.Configuration;

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

    internal static RealTimeOptions Read(ConfigSection? section)
    {
        if (section is null)
        {
            return new RealTimeOptions();
        }

        IReadOnlyList<double> cpus = section.Doubles("cpus");
        return cpus.All(c => c is >= 0 and < RealTime.MaxCpus && c == Math.Floor(c))
            ? new RealTimeOptions
            {
                Priority = (int)section.Int("priority", 0, 0, 99),
                Cpus = [.. cpus.Select(c => (int)c)],
                LockMemory = section.Bool("lock_memory", false),
            }
            : throw section.Error("cpus", $"must be processor numbers in [0, {RealTime.MaxCpus - 1}]");
    }
}
