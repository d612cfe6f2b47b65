using System.Diagnostics;
using System.Runtime.InteropServices;

namespace QDistill.Configuration;

/// <summary>
/// SIGINT and SIGTERM as a request for an orderly end. What follows within two seconds is the same request: a terminal signals a whole process group, and a launcher passes on what its children have got already. A later one ends the
/// process at once.
/// </summary>
public sealed class InterruptSignals : IDisposable
{
    private static readonly TimeSpan SameRequest = TimeSpan.FromSeconds(2);
    private readonly PosixSignalRegistration[] registrations;
    private readonly Action ask;
    private long first;

    /// <summary>Watches until disposed.</summary>
    /// <param name="ask">Called once, on a thread of the pool, at the first signal.</param>
    public InterruptSignals(Action ask)
    {
        this.ask = ask;
        registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle)];
    }

    /// <summary>Whether a signal came.</summary>
    public bool Received => Volatile.Read(ref first) != 0;

    /// <summary>Gives the signals back.</summary>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations)
        {
            registration.Dispose();
        }
    }

    private void Handle(PosixSignalContext signal)
    {
        long earlier = Interlocked.CompareExchange(ref first, Stopwatch.GetTimestamp(), 0);
        signal.Cancel = earlier == 0 || Stopwatch.GetElapsedTime(earlier) < SameRequest;
        if (earlier == 0)
        {
            ask();
        }
    }
}
