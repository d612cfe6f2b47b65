using System.Runtime;
using System.Runtime.InteropServices;

namespace QDistill.Onboard;

/// <summary>Linux's scheduling of the calling thread, and its memory locks.</summary>
public static partial class RealTime
{
    /// <summary>Processors that a mask here can name.</summary>
    public const int MaxCpus = 1024;

    // Threads that the favoured one starts (a model being loaded, the pool) go back to the ordinary scheduler: they must not get in its way.
    private const int SchedFifo = 1 | SchedResetOnFork;
    private const int SchedResetOnFork = 0x40000000;

    // Pages are locked as they are first touched: the runtime reserves far more than it uses.
    private const int LockCurrentFutureOnFault = 1 | 2 | 4;

    /// <summary>Applies what is asked for to the calling thread (memory: to the process). What the system refuses is left as it was and told; the node works without it.</summary>
    /// <returns>One sentence for each refusal.</returns>
    public static IReadOnlyList<string> Apply(RealTimeOptions options)
    {
        var refusals = new List<string>();
        if (!options.Any)
        {
            return refusals;
        }

        // Full collections that block would undo the rest.
        GCSettings.LatencyMode = GCLatencyMode.SustainedLowLatency;
        if (!OperatingSystem.IsLinux())
        {
            return ["real-time scheduling is only known on Linux; the ordinary scheduler is used."];
        }

        if (options.Cpus.Count > 0)
        {
            Span<ulong> mask = stackalloc ulong[MaxCpus / 64];
            mask.Clear();
            foreach (int cpu in options.Cpus)
            {
                mask[cpu / 64] |= 1UL << (cpu % 64);
            }

            Check(SetAffinity(0, (nuint)(MaxCpus / 8), ref mask[0]), $"the thread cannot be bound to processors {string.Join(", ", options.Cpus)}", "name processors that exist and that the container may use");
        }

        if (options.Priority > 0)
        {
            int priority = options.Priority;
            Check(SetScheduler(0, SchedFifo, ref priority), $"SCHED_FIFO priority {priority} was refused", "allow it with 'ulimit -r 99', LimitRTPRIO=99 in the systemd unit, or CAP_SYS_NICE");
        }

        if (options.LockMemory)
        {
            Check(LockAll(LockCurrentFutureOnFault), "memory cannot be locked", "allow it with 'ulimit -l unlimited', LimitMEMLOCK=infinity in the systemd unit, or CAP_IPC_LOCK");
        }

        return refusals;

        void Check(int result, string what, string remedy)
        {
            if (result != 0)
            {
                refusals.Add($"{what} ({Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}); {remedy}.");
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int SetAffinity(int pid, nuint size, ref ulong mask);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler", SetLastError = true)]
    private static partial int SetScheduler(int pid, int policy, ref int priority);

    [LibraryImport("libc", EntryPoint = "mlockall", SetLastError = true)]
    private static partial int LockAll(int flags);
}
