using Microsoft.Extensions.Logging;
using QDistill.Ros;

namespace QDistill.Benchmarks;

/// <summary>What a log statement in a control loop costs while it is silent, beside reading the steady clock; and what a line costs that is written.</summary>
internal static class LoggingBenchmarks
{
    public static void Run(BenchReport report)
    {
        using var context = new RosContext(RosContextOptions.Loopback(77) with { LoggerFactory = new RosLoggerFactory(output: TextWriter.Null, environment: _ => null) });
        Node node = context.CreateNode("bench");
        ILogger log = node.Logger;
        long sum = 0;
        void Compare(string name, Action silent)
        {
            // The first calls are slow and would make the report take few calls for many.
            for (int i = 0; i < 200_000; i++)
            {
                silent();
            }

            report.Compare(name, "ns", silent, "reading the steady clock", () => sum += Clock.Steady.Now);
        }

        Compare("below the level", () => log.LogHere(LogLevel.Debug, "silent"));
        Compare("once", () => log.LogOnce(LogLevel.Warning, "silent"));
        Compare("throttled away", () => log.LogThrottled(LogLevel.Warning, TimeSpan.FromHours(1), "silent"));
        report.Time("formatted and written to nowhere", "ns", () => log.LogHere(LogLevel.Warning, "the scan is late"));
    }
}
