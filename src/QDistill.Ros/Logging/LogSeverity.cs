using Microsoft.Extensions.Logging;

namespace QDistill.Ros;

/// <summary>ROS's levels of log messages, with their numbers.</summary>
public enum LogSeverity
{
    /// <summary>Not set: that of the logger above counts.</summary>
    Unset = 0,

    /// <summary>For the node's developer.</summary>
    Debug = 10,

    /// <summary>Of note.</summary>
    Info = 20,

    /// <summary>May become a fault.</summary>
    Warn = 30,

    /// <summary>Something failed.</summary>
    Error = 40,

    /// <summary>The node cannot go on.</summary>
    Fatal = 50,
}

/// <summary>ROS's levels and those of Microsoft.Extensions.Logging.</summary>
public static class LogSeverityExtensions
{
    /// <summary>The ROS level of a level; Trace is DEBUG, Critical is FATAL.</summary>
    public static LogSeverity ToSeverity(this LogLevel level) => level switch
    {
        <= LogLevel.Debug => LogSeverity.Debug,
        LogLevel.Information => LogSeverity.Info,
        LogLevel.Warning => LogSeverity.Warn,
        LogLevel.Error => LogSeverity.Error,
        _ => LogSeverity.Fatal,
    };

    /// <summary>The word in a log line, such as <c>WARN</c>.</summary>
    internal static string Word(this LogSeverity severity) => severity.ToString().ToUpperInvariant();
}
