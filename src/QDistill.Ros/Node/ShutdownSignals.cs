using System.Runtime.InteropServices;

namespace QDistill.Ros;

/// <summary>Turns SIGINT and SIGTERM into an orderly end: the context stops spinning, and the program goes on after <see cref="RosContext.Spin"/>. A second signal kills as usual.</summary>
public sealed class ShutdownSignals : IDisposable
{
    private readonly PosixSignalRegistration[] registrations;
    private int received;

    /// <summary>Watches until disposed.</summary>
    public ShutdownSignals(RosContext context)
    {
        void Handle(PosixSignalContext signal)
        {
            if (Interlocked.Exchange(ref received, 1) == 0)
            {
                signal.Cancel = true;
                context.Shutdown();
            }
        }

        registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle)];
    }

    /// <summary>Whether a signal came.</summary>
    public bool Received => Volatile.Read(ref received) != 0;

    /// <summary>Gives the signals back.</summary>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations)
        {
            registration.Dispose();
        }
    }
}
