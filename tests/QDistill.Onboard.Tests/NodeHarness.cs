using QDistill.Msgs.DiagnosticMsgs;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;

namespace QDistill.Onboard.Tests;

/// <summary>
/// A robot's context, spun on its own thread, and a second participant that talks to it over DDS on the loopback interface and remembers what it hears.
/// </summary>
internal sealed class NodeHarness : IDisposable
{
    private readonly TestDomain domain = new();
    private readonly Thread spinner;

    public NodeHarness()
    {
        Robot = new RosContext(RosContextOptions.Loopback(domain.Id) with { CallbackExceptions = CallbackExceptionPolicy.LogAndContinue });
        Probe = new RosContext(RosContextOptions.Loopback(domain.Id) with { CallbackExceptions = CallbackExceptionPolicy.Throw });
        ProbeNode = Probe.CreateNode("probe");
        spinner = new Thread(() => Robot.Spin()) { IsBackground = true };
    }

    public RosContext Robot { get; }

    public RosContext Probe { get; }

    public Node ProbeNode { get; }

    public List<CollisionRisk> Risks { get; } = [];

    public List<ConstraintViolations> Violations { get; } = [];

    public List<InferenceLatency> Latencies { get; } = [];

    public List<bool> Alarms { get; } = [];

    public List<DiagnosticArray> Diagnostics { get; } = [];

    public Publisher<FusedFeatures>? Features { get; private set; }

    /// <summary>Configures and activates a node, listens to it and starts spinning.</summary>
    public T Start<T>(T node, bool withFeatures = true)
        where T : FlightNode
    {
        Assert.True(node.Configure(), node.Problem);
        Listen(node.Node.Name);
        if (withFeatures)
        {
            Features = ProbeNode.CreatePublisher<FusedFeatures>($"/{node.Node.Name}/input/features", QoSProfile.Default);
        }

        Assert.True(node.Activate());
        spinner.Start();
        if (withFeatures)
        {
            // Each side must know the other: what a volatile writer sends before it knows its reader, or its reader it, is lost.
            string risk = $"/{node.Node.Name}/output/collision_risk";
            Until(
                () => Features!.MatchedCount > 0 && ProbeNode.CountPublishers(risk) > 0 && node.Node.CountPublishers(Features.Topic) > 0 && node.Node.CountSubscribers(risk) > 0,
                "the node and the probe to find each other");
        }

        return node;
    }

    public void SpinRobot() => spinner.Start();

    public void Listen(string name)
    {
        ProbeNode.CreateSubscription<CollisionRisk>($"/{name}/output/collision_risk", QoSProfile.Default, (m, _) => Risks.Add(Copy(m)));
        ProbeNode.CreateSubscription<ConstraintViolations>($"/{name}/output/constraint_violations", QoSProfile.Default, (m, _) => Violations.Add(Copy(m)));
        ProbeNode.CreateSubscription<InferenceLatency>($"/{name}/debug/latency", QoSProfile.Default, (m, _) => Latencies.Add(Copy(m)));
        ProbeNode.CreateSubscription<Msgs.StdMsgs.Bool>($"/{name}/output/alarm", QoSProfile.Default, (m, _) => Alarms.Add(m.Data));
        ProbeNode.CreateSubscription<DiagnosticArray>("/diagnostics", QoSProfile.Default, (m, _) => Diagnostics.Add(Copy(m)));
    }

    /// <summary>Serves the probe until the condition holds.</summary>
    public void Until(Func<bool> condition, string what) => Assert.True(Probe.SpinUntil(condition, TimeSpan.FromSeconds(20)), $"waited in vain for {what}");

    /// <summary>Sends again and again, at some 50 Hz, until the condition holds.</summary>
    public void Repeat(Action send, Func<bool> condition, string what)
    {
        for (int i = 0; i < 1000 && !condition(); i++)
        {
            send();
            Probe.SpinUntil(condition, TimeSpan.FromMilliseconds(20));
        }

        Assert.True(condition(), $"waited in vain for {what}");
    }

    /// <summary>Publishes features and gives the first prediction that answers them: the one with their stamp, or with a fault of the given status.</summary>
    public CollisionRisk Ask(FusedFeatures features, byte? status = null)
    {
        int before = Risks.Count;
        Features!.Publish(features);
        long stamp = features.Header.Stamp.ToNanoseconds();
        CollisionRisk? answer = null;
        Until(() => (answer = Risks.Skip(before).FirstOrDefault(r => status is { } s ? r.Status == s : r.Header.Stamp.ToNanoseconds() == stamp)) is not null, "an answer");
        return answer!;
    }

    public static T Copy<T>(T message)
        where T : class, IMessage<T>, new()
    {
        var copy = new T();
        copy.CopyFrom(message);
        return copy;
    }

    public static FusedFeatures Vector(float[] values, long? stamp = null, string schema = FakeModel.Schema, byte validity = 15)
    {
        var m = new FusedFeatures { SchemaId = schema };
        m.Header.Stamp.SetNanoseconds(stamp ?? Clock.System.Now);
        m.Header.FrameId = "base_link";
        m.Values.Assign(values);
        m.Validity.Assign([validity]);
        return m;
    }

    public void Dispose()
    {
        Robot.Shutdown();
        if (spinner.IsAlive)
        {
            spinner.Join();
        }

        Robot.Dispose();
        Probe.Dispose();
        domain.Dispose();
    }
}
