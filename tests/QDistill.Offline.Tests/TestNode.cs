using System.Diagnostics;
using QDistill.Ros;

namespace QDistill.Offline.Tests;

/// <summary>An offline node that spins on a thread of its own, and a node beside it in another context, on a domain of the test's own.</summary>
internal sealed class TestNode<T> : IDisposable
    where T : OfflineNode
{
    private readonly TestDomain domain = new();
    private readonly RosContext context;
    private readonly RosContext peer;
    private readonly Thread thread;

    public TestNode(Func<RosContext, OfflineNodeStart, T> create, params (string Name, ParameterValue Value)[] parameters)
    {
        context = new RosContext(RosContextOptions.Loopback(domain.Id));
        Offline = create(context, new OfflineNodeStart(null, null, new NodeOptions { ParameterOverrides = parameters.ToDictionary(p => p.Name, p => p.Value) }));
        thread = new Thread(() => context.Spin());
        thread.Start();
        peer = new RosContext(RosContextOptions.Loopback(domain.Id));
        Peer = peer.CreateNode("peer");
    }

    public static TimeSpan Patience => TimeSpan.FromSeconds(60);

    public T Offline { get; }

    public Node Peer { get; }

    public TResult Await<TResult>(Task<TResult> task) => peer.SpinUntilComplete(task, Patience);

    /// <summary>Spins until the condition holds, which something else than a callback may bring about.</summary>
    public void Await(Func<bool> condition, string what)
    {
        var time = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(time.Elapsed < Patience, "timed out waiting until " + what);
            peer.SpinOnce(TimeSpan.FromMilliseconds(5));
        }
    }

    public void Dispose()
    {
        Offline.Dispose();
        context.Stop();
        thread.Join();
        context.Dispose();
        peer.Dispose();
        domain.Dispose();
    }
}
