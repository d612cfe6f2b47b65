using Microsoft.Extensions.Logging;

namespace QDistill.Ros;

/// <summary>
/// The levels of a process's or context's loggers. A logger without its own has that of the nearest one above it (names are parted by dots), else the default.
/// Thread-safe.
/// </summary>
public sealed class LoggerLevels
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, LogSeverity> levels = new(StringComparer.Ordinal);
    private LogSeverity standard = LogSeverity.Info;
    private volatile int version;

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
    /// <exception cref="ArgumentException">The name is empty, or the level none of ROS's.</exception>
    public void Set(string logger, LogSeverity level)
    {
        if (Refusal(logger, level) is { } reason)
        {
            throw new ArgumentException(reason);
        }

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

    /// <summary>Why <see cref="Set"/> would refuse, or null.</summary>
    internal static string? Refusal(string logger, LogSeverity level) => logger.Length == 0 ? "the logger's name is empty"
        : Enum.IsDefined(level) ? null
        : $"{(uint)level} is not a severity level; levels are 0 (unset), 10 (debug), 20 (info), 30 (warn), 40 (error), 50 (fatal)";

    /// <summary>Sets what arguments say; what they leave open stays.</summary>
    internal void Apply(RosArguments arguments)
    {
        if (arguments.LogLevel != LogSeverity.Unset)
        {
            Default = arguments.LogLevel;
        }

        foreach ((string logger, LogSeverity level) in arguments.LoggerLevels)
        {
            Set(logger, level);
        }
    }
}

/// <summary>One logger's level, looked up anew only after levels changed.</summary>
internal sealed class LevelFilter(LoggerLevels levels, string name)
{
    private Seen seen = new(-1, LogSeverity.Unset);

    public bool Passes(LogLevel level)
    {
        int version = levels.Version;
        if (seen.Version != version)
        {
            seen = new Seen(version, levels.Effective(name));
        }

        return level != LogLevel.None && level.ToSeverity() >= seen.Level;
    }

    private sealed record Seen(int Version, LogSeverity Level);
}
