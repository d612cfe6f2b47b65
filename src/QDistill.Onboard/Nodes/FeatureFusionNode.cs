using QDistill.Features;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;

namespace QDistill.Onboard;

/// <summary><c>feature_fusion</c>: the robot's topics in, <c>~/output/features</c> out.</summary>
public sealed class FeatureFusionNode : FlightNode<FeatureFusionOptions>
{
    private readonly RiskMessages messages = new();
    private readonly LatencyMonitor latency;
    private FusionStage? stage;
    private FeaturePublisher? publisher;
    private Publisher<InferenceLatency>? latencies;
    private volatile LatencyOptions? newLatency;
    private ulong sequence;

    /// <summary>Makes the node <c>feature_fusion</c>, unconfigured.</summary>
    /// <param name="context">The context whose spinning runs its callbacks.</param>
    /// <param name="options">Its parameters' defaults.</param>
    /// <param name="node">The node's name and options.</param>
    /// <exception cref="Configuration.UserErrorException">A parameter that was given is not allowed.</exception>
    public FeatureFusionNode(RosContext context, FeatureFusionOptions options, NodeStart? node = null)
        : base(context, node ?? new NodeStart("feature_fusion"), FeatureFusionOptions.Parameters, options)
    {
        latency = new LatencyMonitor(Options.Latency);
        StartDiagnostics();
    }

    /// <inheritdoc/>
    public override string Summary => stage?.Summary ?? "not configured";

    /// <inheritdoc/>
    public override OperationOptions Operation => Options.Operation;

    /// <summary>The extractor within; null unless configured.</summary>
    public FeatureExtractor? Extractor => stage?.Extractor;

    private protected override void SetUp()
    {
        RobotConfig robot = FusionStage.LoadRobot(Options.Robot);
        latency.Options = Options.Latency;
        publisher = new FeaturePublisher(Node, robot, Options.QoS.Output);
        latencies = Options.PublishLatency ? Node.CreatePublisher<InferenceLatency>("~/debug/latency", Options.QoS.Output) : null;
        stage = new FusionStage(Node, robot, Options, OnVector);
    }

    private protected override void Begin()
    {
        latency.Reset();
        sequence = 0;
        stage!.Start();
    }

    private protected override void End() => stage!.Stop();

    private protected override void TearDown()
    {
        stage?.Dispose();
        latencies?.Dispose();
        publisher?.Dispose();
        (stage, latencies, publisher) = (null, null, null);
    }

    private protected override void Describe(Diagnostics round)
    {
        TakeUp();
        latency.Refresh(Clock.Steady.Now);
        stage!.Describe(round);
        round.Latency(latency);
    }

    private protected override void OnChanged(IReadOnlyList<Parameter> changes) => newLatency = Options.Latency;

    private void OnVector(FeatureVector vector, StageTimes stages)
    {
        TakeUp();
        long before = Clock.Steady.Now;
        publisher!.Publish(vector);
        long after = Clock.Steady.Now;
        stages.Publish = after - before;
        latency.Record(stages, after);
        if (latencies is not null)
        {
            messages.FillLatency(vector.StampNs, stage!.Robot.BaseFrame, ++sequence, latency);
            latencies.Publish(messages.Latency);
        }
    }

    // Parameters may be set on any thread.
    private void TakeUp()
    {
        if (newLatency is { } options)
        {
            newLatency = null;
            latency.Options = options;
        }
    }
}
