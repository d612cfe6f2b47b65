using Microsoft.Extensions.Logging;

namespace QDistill.Ros;

/// <summary>Loggers that write to standard error in ROS's format. Debug lines are off unless asked for.</summary>
/// <param name="minimum">The lowest level written.</param>
/// <param name="output">Where lines go; null: standard error.</param>
public sealed class RosLoggerFactory(LogLevel minimum = LogLevel.Information, TextWriter? output = null) : ILoggerFactory
{
    private readonly ConsoleFormat format = new(Environment.GetEnvironmentVariable("RCUTILS_CONSOLE_OUTPUT_FORMAT") is { Length: > 0 } f ? f : ConsoleFormat.Default);
    private readonly TextWriter output = output ?? Console.Error;
    private readonly Lock gate = new();

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new RosLogger(this, categoryName);

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("this factory writes to the console only");

    /// <inheritdoc/>
    public void Dispose() => output.Flush();

    private void Write(LogLevel level, string name, string message)
    {
        string severity = level switch
        {
            <= LogLevel.Debug => "DEBUG",
            LogLevel.Information => "INFO",
            LogLevel.Warning => "WARN",
            LogLevel.Error => "ERROR",
            _ => "FATAL",
        };
        string line = format.Line(severity, Clock.SystemNow, name, message);
        lock (gate)
        {
            output.WriteLine(line);
        }
    }

    private sealed class RosLogger(RosLoggerFactory factory, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel level) => level >= factory.Minimum && level != LogLevel.None;

        public void Log<TState>(LogLevel level, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(level))
            {
                factory.Write(level, name, formatter(state, exception));
            }
        }
    }

    private LogLevel Minimum { get; } = minimum;
}
