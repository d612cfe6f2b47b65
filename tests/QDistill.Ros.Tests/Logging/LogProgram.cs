using Microsoft.Extensions.Logging;

namespace QDistill.Ros.Tests;

/// <summary>The program of the logging transcript: one line per severity and some special cases, in its order.</summary>
internal static class LogProgram
{
    public static void Run(RosContext context, Node node, bool stream)
    {
        ILogger log = node.Logger;
        log.LogHere(LogLevel.Debug, "debug message");
        log.LogHere(LogLevel.Information, "info message");
        log.LogHere(LogLevel.Warning, "warn message");
        log.LogHere(LogLevel.Error, "error message");
        log.LogHere(LogLevel.Critical, "fatal message");
        node.GetLogger("child").LogHere(LogLevel.Information, "from child");
        context.LoggerFactory.CreateLogger("standalone").LogHere(LogLevel.Information, "not a node logger");
        log.LogHere(LogLevel.Information, "two\nlines");
        log.LogHere(LogLevel.Information, string.Empty);
        log.LogHere(LogLevel.Information, "braces {name} 100% é");
        for (int i = 0; i < 3; i++)
        {
            log.LogOnce(LogLevel.Information, $"once {i}");
        }

        for (int i = 0; i < 3; i++)
        {
            log.LogSkipFirst(LogLevel.Information, $"skipfirst {i}");
        }

        for (int i = 0; i < 3; i++)
        {
            log.LogThrottled(LogLevel.Information, TimeSpan.FromMinutes(1), $"throttle {i}", node.Clock);
        }

        if (stream)
        {
            log.LogHere(LogLevel.Information, "stream 1");
        }
    }
}
