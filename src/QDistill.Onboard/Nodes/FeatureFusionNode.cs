using QDistill.Features;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;

namespace QDistill.Onboard;

/// <summary><c>feature_fusion</c>: the robot's topics in, <c>~/output/features</c> out.</summary>
public sealed class FeatureFusionNode : ManagedNode
{
    private readonly FeatureFusionOptions options;
    private readonly RiskMessages messages = new();
    private FusionStage? stage;
    private FeaturePublisher? publisher;
    private Publisher<InferenceLatency>? latencies;
    private readonly LatencyMonitor latency;
    private Diagnostics? diagnostics;
    private Timer? timer;
    private ulong sequence;

    /// <summary>Makes the node <c>feature_fusion</c>, unconfigured.</summary>
    /// <param name="context">The context whose spinning runs its callbacks.</param>
    /// <param name="options">Its parameters.</param>
    /// <param name="node">The node's name and options.</param>
    public FeatureFusionNode(RosContext context, FeatureFusionOptions options, NodeStart? node = null)
        : base((node ?? new NodeStart("feature_fusion")).Create(context))
    {
        this.options = options;
        latency = new LatencyMonitor(options.Latency);
    }

    /// <inheritdoc/>
    public override string Summary => stage?.Summary ?? "not configured";

    /// <summary>The extractor within; null unless configured.</summary>
    public FeatureExtractor? Extractor => stage?.Extractor;

    /// <inheritdoc/>
    protected override void OnConfigure()
    {
        RobotConfig robot = RobotConfig.Load(ParameterFile.Resolve(options.Robot));
        publisher = new FeaturePublisher(Node, robot, options.QoS.Output);
        latencies = options.PublishLatency ? Node.CreatePublisher<InferenceLatency>("~/debug/latency", options.QoS.Output) : null;
        diagnostics = new Diagnostics(Node);
        timer = Node.CreateTimer(TimeSpan.FromSeconds(options.DiagnosticsPeriod), OnDiagnostics);
        stage = new FusionStage(Node, robot, options.QoS, OnVector);
    }

    /// <inheritdoc/>
    protected override void OnActivate()
    {
        latency.Reset();
        sequence = 0;
        stage!.Start();
    }

    /// <inheritdoc/>
    protected override void OnDeactivate() => stage!.Stop();

    /// <inheritdoc/>
    protected override void OnCleanup()
    {
        stage?.Dispose();
        timer?.Dispose();
        diagnostics?.Dispose();
        latencies?.Dispose();
        publisher?.Dispose();
        (stage, timer, diagnostics, latencies, publisher) = (null, null, null, null, null);
    }

    private void OnVector(FeatureVector vector, StageTimes stages)
    {
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

    private void OnDiagnostics()
    {
        latency.Refresh();
        diagnostics!.Begin();
        stage!.Describe(diagnostics);
        diagnostics.Latency(latency);
        diagnostics.Publish();
    }
}
