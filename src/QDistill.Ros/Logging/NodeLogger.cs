using Microsoft.Extensions.Logging;
using QDistill.Msgs.RclInterfaces;
using QDistill.Ros.Transport;

namespace QDistill.Ros;

/// <summary>A node's logger: to the context's loggers and, once the node has a publisher for it, to /rosout.</summary>
internal sealed class NodeLogger(ILogger inner, string name, Node node) : ILogger, IFilteredLogger
{
    [ThreadStatic]
    private static bool publishing;

    private readonly LevelFilter filter = new(node.Context.LoggerLevels, name);

    public string Name { get; } = name;

    public CallSites Sites { get; } = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel level) => filter.Passes(level);

    public void Log<TState>(LogLevel level, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(level))
        {
            return;
        }

        inner.Log(level, eventId, state, exception, formatter);
        if (node.RosOut is not { IsDisposed: false } rosout || publishing)
        {
            return;
        }

        // What publishing itself may log must not come back here.
        publishing = true;
        try
        {
            LogLocation at = LocatedMessage.LocationOf(state);
            var message = new Log { Level = (byte)level.ToSeverity(), Name = Name, Msg = formatter(state, exception), File = at.File, Function = at.Function, Line = (uint)at.Line };
            message.Stamp.SetNanoseconds(Clock.System.Now);
            rosout.Publish(message);
        }
        catch (Exception e) when (e is TransportException or ObjectDisposedException)
        {
            // The node is going; the console has the line.
        }
        finally
        {
            publishing = false;
        }
    }
}
