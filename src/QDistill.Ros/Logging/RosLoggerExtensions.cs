using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace QDistill.Ros;

/// <summary>
/// Logging with file and line, and ROS's filters: once, throttled, all but the first, on change. A filter counts for the place in the source where it stands, and
/// for the logger. A message below the logger's level neither counts nor costs.
/// </summary>
public static class RosLoggerExtensions
{
    private static readonly ConditionalWeakTable<ILogger, CallSites> Others = [];

    /// <summary>Logs with file, function and line, as C++ and Python nodes do.</summary>
    public static void LogHere(
        this ILogger logger, LogLevel level, string message, [CallerFilePath] string file = "", [CallerMemberName] string function = "", [CallerLineNumber] int line = 0)
    {
        if (logger.IsEnabled(level))
        {
            Write(logger, level, message, file, function, line);
        }
    }

    /// <summary>Logs the first time only.</summary>
    public static void LogOnce(
        this ILogger logger, LogLevel level, string message, [CallerFilePath] string file = "", [CallerMemberName] string function = "", [CallerLineNumber] int line = 0)
    {
        if (logger.IsEnabled(level) && Site(logger, file, line).First())
        {
            Write(logger, level, message, file, function, line);
        }
    }

    /// <summary>Logs all but the first time.</summary>
    public static void LogSkipFirst(
        this ILogger logger, LogLevel level, string message, [CallerFilePath] string file = "", [CallerMemberName] string function = "", [CallerLineNumber] int line = 0)
    {
        if (logger.IsEnabled(level) && !Site(logger, file, line).First())
        {
            Write(logger, level, message, file, function, line);
        }
    }

    /// <summary>Logs at most once a period: at once, and again when the period has passed; also when the clock was set back.</summary>
    /// <param name="logger">The logger.</param>
    /// <param name="level">The level.</param>
    /// <param name="period">The period.</param>
    /// <param name="message">The message.</param>
    /// <param name="clock">Null: the steady clock.</param>
    /// <param name="file">The caller's file.</param>
    /// <param name="function">The caller.</param>
    /// <param name="line">The caller's line.</param>
    public static void LogThrottled(
        this ILogger logger, LogLevel level, TimeSpan period, string message, Clock? clock = null,
        [CallerFilePath] string file = "", [CallerMemberName] string function = "", [CallerLineNumber] int line = 0)
    {
        if (logger.IsEnabled(level) && Site(logger, file, line).Due(period, clock ?? Clock.Steady))
        {
            Write(logger, level, message, file, function, line);
        }
    }

    /// <summary>As <see cref="LogThrottled"/>, but not the first time.</summary>
    /// <param name="logger">The logger.</param>
    /// <param name="level">The level.</param>
    /// <param name="period">The period.</param>
    /// <param name="message">The message.</param>
    /// <param name="clock">Null: the steady clock.</param>
    /// <param name="file">The caller's file.</param>
    /// <param name="function">The caller.</param>
    /// <param name="line">The caller's line.</param>
    public static void LogSkipFirstThrottled(
        this ILogger logger, LogLevel level, TimeSpan period, string message, Clock? clock = null,
        [CallerFilePath] string file = "", [CallerMemberName] string function = "", [CallerLineNumber] int line = 0)
    {
        if (logger.IsEnabled(level) && Site(logger, file, line) is var site && !site.First() && site.Due(period, clock ?? Clock.Steady))
        {
            Write(logger, level, message, file, function, line);
        }
    }

    /// <summary>Logs when a value is not what it was the last time; the first time always.</summary>
    /// <param name="logger">The logger.</param>
    /// <param name="level">The level.</param>
    /// <param name="value">The value watched, such as a state.</param>
    /// <param name="message">The message.</param>
    /// <param name="file">The caller's file.</param>
    /// <param name="function">The caller.</param>
    /// <param name="line">The caller's line.</param>
    public static void LogOnChange<T>(
        this ILogger logger, LogLevel level, T value, string message, [CallerFilePath] string file = "", [CallerMemberName] string function = "", [CallerLineNumber] int line = 0)
    {
        if (logger.IsEnabled(level) && Site(logger, file, line).Changed(value))
        {
            Write(logger, level, message, file, function, line);
        }
    }

    private static void Write(ILogger logger, LogLevel level, string message, string file, string function, int line) =>
        logger.Log(level, default, new LocatedMessage(message, new LogLocation(file, function, line)), null, LocatedMessage.Text);

    private static CallSite Site(ILogger logger, string file, int line) => (logger is IFilteredLogger own ? own.Sites : Others.GetOrCreateValue(logger)).At(file, line);
}
