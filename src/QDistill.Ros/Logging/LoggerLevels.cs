namespace QDistill.Ros;

/// <summary>The levels of a context's loggers. A logger without its own has that of the nearest one above it (names are parted by dots), else the default. Thread-safe.</summary>
public sealed class LoggerLevels
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, LogSeverity> levels = new(StringComparer.Ordinal);
    private LogSeverity standard = LogSeverity.Info;
    private volatile int version;

    internal LoggerLevels(RosArguments arguments)
    {
        Default = arguments.LogLevel;
        foreach ((string logger, LogSeverity level) in arguments.LoggerLevels)
        {
            Set(logger, level);
        }
    }

    /// <summary>The level of loggers that have none and none above them; setting <see cref="LogSeverity.Unset"/> gives INFO.</summary>
    public LogSeverity Default
    {
        get
        {
            lock (gate)
            {
                return standard;
            }
        }

        set
        {
            lock (gate)
            {
                standard = value == LogSeverity.Unset ? LogSeverity.Info : value;
                version++;
            }
        }
    }

    /// <summary>A number that grows with every change.</summary>
    internal int Version => version;

    /// <summary>A logger's own level, <see cref="LogSeverity.Unset"/> when it has none.</summary>
    public LogSeverity Get(string logger)
    {
        lock (gate)
        {
            return levels.GetValueOrDefault(logger);
        }
    }

    /// <summary>Gives a logger a level of its own; <see cref="LogSeverity.Unset"/> takes it away. It need not exist yet.</summary>
    public void Set(string logger, LogSeverity level)
    {
        lock (gate)
        {
            levels[logger] = level;
            version++;
        }
    }

    /// <summary>The level that counts for a logger.</summary>
    public LogSeverity Effective(string logger)
    {
        lock (gate)
        {
            for (string name = logger; name.Length > 0; name = name[..Math.Max(name.LastIndexOf('.'), 0)])
            {
                if (levels.GetValueOrDefault(name) is var own and not LogSeverity.Unset)
                {
                    return own;
                }
            }

            return standard;
        }
    }
}
