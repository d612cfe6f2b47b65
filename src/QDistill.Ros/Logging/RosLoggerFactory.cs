using Microsoft.Extensions.Logging;

namespace QDistill.Ros;

/// <summary>
/// Loggers that write as ROS's do: to the console (standard error, or as the RCUTILS_* variables say) and, when a context asks for it, to a file in ROS's log folder.
/// Levels are those of <see cref="Levels"/>; debug lines are off unless asked for.
/// </summary>
public sealed class RosLoggerFactory : ILoggerFactory
{
    private readonly ConsoleLogOptions options;
    private readonly TextWriter? output;
    private readonly Lock gate = new();
    private readonly Func<string, string?> environment;
    private bool console = true;
    private LogFile? file;

    /// <summary>Creates the factory.</summary>
    /// <param name="minimum">The default level.</param>
    /// <param name="output">Where lines go; null: the console, as the environment says.</param>
    /// <param name="environment">Reads environment variables; null: the process's.</param>
    public RosLoggerFactory(LogLevel minimum = LogLevel.Information, TextWriter? output = null, Func<string, string?>? environment = null)
    {
        this.environment = environment ?? Environment.GetEnvironmentVariable;
        this.output = output;
        options = ConsoleLogOptions.Read(this.environment, output is null);
        Levels.Default = minimum.ToSeverity();
        foreach (string warning in options.Warnings)
        {
            Write(LogSeverity.Warn, "rcutils", warning, LogLocation.None);
        }
    }

    /// <summary>The loggers' levels.</summary>
    public LoggerLevels Levels { get; } = new();

    /// <summary>The log file, once a line was written to it; else null.</summary>
    public string? LogFilePath => file?.Path;

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new RosLogger(this, categoryName);

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("this factory writes to the console and to ROS's log file only");

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            (output ?? options.Stream).Flush();
            file?.Dispose();
            file = null;
        }
    }

    /// <summary>Takes levels and outputs from arguments.</summary>
    internal void Configure(RosArguments arguments, bool writeFile)
    {
        Levels.Apply(arguments);
        lock (gate)
        {
            console = arguments.ConsoleLogs;
            if (writeFile && arguments.FileLogs && file is null && LogFile.FolderOf(environment) is { } folder)
            {
                file = new LogFile(folder, arguments.LogFileName);
            }
        }
    }

    private void Write(LogSeverity severity, string name, string message, LogLocation location)
    {
        string line = options.Format.Line(severity.Word(), Clock.SystemNow, name, message, location);
        string? trouble = null;
        lock (gate)
        {
            if (console)
            {
                (output ?? options.Stream).WriteLine(options.Colours ? ConsoleLogOptions.Coloured(severity, line) : line);
            }

            if (file is not null && !file.TryWrite(line, out trouble))
            {
                file = null;
            }
        }

        if (trouble is not null)
        {
            Write(LogSeverity.Warn, "rcl_logging", trouble, LogLocation.None);
        }
    }

    private sealed class RosLogger(RosLoggerFactory factory, string name) : ILogger, IFilteredLogger
    {
        private readonly LevelFilter filter = new(factory.Levels, name);

        public CallSites Sites { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel level) => filter.Passes(level);

        public void Log<TState>(LogLevel level, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(level))
            {
                factory.Write(level.ToSeverity(), name, formatter(state, exception), LocatedMessage.LocationOf(state));
            }
        }
    }
}
