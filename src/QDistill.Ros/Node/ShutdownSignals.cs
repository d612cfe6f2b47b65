using QDistill.Configuration;

namespace QDistill.Ros;

/// <summary>
/// Turns SIGINT and SIGTERM into an orderly end: the context stops spinning, and the program goes on after <see cref="RosContext.Spin"/>. A second signal, two seconds later or more, kills as usual.
/// </summary>
public sealed class ShutdownSignals : IDisposable
{
    private readonly InterruptSignals signals;

    /// <summary>Watches until disposed.</summary>
    public ShutdownSignals(RosContext context) => signals = new InterruptSignals(context.Shutdown);

    /// <summary>Whether a signal came.</summary>
    public bool Received => signals.Received;

    /// <summary>Gives the signals back.</summary>
    public void Dispose() => signals.Dispose();
}
