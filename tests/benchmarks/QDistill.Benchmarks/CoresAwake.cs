using System.Runtime.InteropServices;

namespace QDistill.Benchmarks;

/// <summary>
/// Keeps every core from halting, as <c>idle=poll</c> on a robot's kernel line does: one thread a core spins under SCHED_IDLE, which every other thread displaces at once. On a virtual machine a
/// halted core is given back to the host, and waking it costs some hundred microseconds that no program inside can save.
/// </summary>
internal sealed partial class CoresAwake : IDisposable
{
    private const int SchedIdle = 5;
    private readonly Thread[] spinners;
    private volatile bool stop;

    public CoresAwake()
    {
        spinners = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Spin) { IsBackground = true })];
        foreach (Thread t in spinners)
        {
            t.Start();
        }
    }

    public void Dispose()
    {
        stop = true;
        foreach (Thread t in spinners)
        {
            t.Join();
        }
    }

    private void Spin()
    {
        if (SetScheduler(0, SchedIdle, 0) != 0)
        {
            throw new InvalidOperationException($"sched_setscheduler to SCHED_IDLE failed with errno {Marshal.GetLastPInvokeError()}");
        }

        while (!stop)
        {
        }
    }

    // struct sched_param is one int, the priority, which is 0 for SCHED_IDLE.
    [LibraryImport("libc", EntryPoint = "sched_setscheduler", SetLastError = true)]
    private static partial int SetScheduler(int thread, int policy, in int parameter);
}
