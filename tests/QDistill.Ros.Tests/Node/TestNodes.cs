using System.Diagnostics;
using Int32 = QDistill.Msgs.StdMsgs.Int32;
using String = QDistill.Msgs.StdMsgs.String;

namespace QDistill.Ros.Tests;

/// <summary>Contexts on a domain of the test's own, loopback only.</summary>
internal sealed class TestNodes : IDisposable
{
    private readonly List<RosContext> contexts = [];

    public TestDomain Domain { get; } = new();

    public static TimeSpan Patience => TimeSpan.FromSeconds(20);

    public RosContext Open(Func<RosContextOptions, RosContextOptions>? vary = null)
    {
        RosContextOptions options = RosContextOptions.Loopback(Domain.Id) with { CallbackExceptions = CallbackExceptionPolicy.Throw };
        var context = new RosContext(vary is null ? options : vary(options));
        contexts.Add(context);
        return context;
    }

    public Node Node(string name, string? nameSpace = null) => Open().CreateNode(name, nameSpace);

    public static void AwaitMatched(Endpoint endpoint, int count = 1) => Await(() => endpoint.MatchedCount == count, $"{endpoint.Topic} matches {count}");

    public static void Await(Func<bool> condition, string what)
    {
        var time = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(time.Elapsed < Patience, $"timed out waiting until {what}");
            Thread.Sleep(1);
        }
    }

    public static String Text(string text) => new() { Data = text };

    public void Dispose()
    {
        foreach (RosContext context in contexts)
        {
            context.Dispose();
        }

        Domain.Dispose();
    }
}
