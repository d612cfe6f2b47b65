using QDistill.Features;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;

namespace QDistill.Onboard;

/// <summary>
/// <c>risk_inference</c>: features in on <c>~/input/features</c>; collision risk, constraint violations, alarm and latency out. A dead, late or wrong input gives predictions
/// that say so; it never falls silent while active.
/// </summary>
public sealed class RiskInferenceNode : FlightNode<RiskInferenceOptions>
{
    private readonly Func<string, IRiskModel>? load;
    private RiskStage? stage;
    private Subscription<FusedFeatures>? features;

    /// <summary>Makes the node <c>risk_inference</c>, unconfigured.</summary>
    /// <param name="context">The context whose spinning runs its callbacks.</param>
    /// <param name="options">Its parameters' defaults.</param>
    /// <param name="load">Loads a model from its path; any thread may call it; null: ONNX Runtime.</param>
    /// <param name="node">The node's name and options.</param>
    /// <exception cref="Configuration.UserErrorException">A parameter that was given is not allowed.</exception>
    public RiskInferenceNode(RosContext context, RiskInferenceOptions options, Func<string, IRiskModel>? load = null, NodeStart? node = null)
        : base(context, node ?? new NodeStart("risk_inference"), RiskInferenceOptions.Parameters, options)
    {
        this.load = load;
        Node.Parameters.AddOnSetCallback(changes => RiskStage.PrepareAsync(stage, changes));
        StartDiagnostics();
    }

    /// <inheritdoc/>
    public override string Summary => stage?.Summary ?? "not configured";

    /// <inheritdoc/>
    public override OperationOptions Operation => Options.Operation;

    /// <summary>The judgement within; null unless configured.</summary>
    public RiskPredictor? Predictor => stage?.Predictor;

    /// <summary>
    /// Loads and checks a model beside the running one and puts it in place between two predictions; refused, with the reason, when it cannot be used here. The same as setting the
    /// parameter <c>model</c>. Any thread may call it.
    /// </summary>
    public ModelSwap LoadModel(string path) => stage?.LoadModel(path) ?? RiskStage.NotConfigured;

    private protected override void SetUp()
    {
        FeatureSchema? schema = Options.Robot.Length == 0 ? null : RobotConfig.Load(RobotFile.Find(Options.Robot, "parameter 'robot'")).Schema;
        stage = new RiskStage(Node, Options, load, schema);
        features = Node.CreateSubscription<FusedFeatures>("~/input/features", Options.QoS.Input, OnFeatures, Options.Statistics.Subscription);
    }

    private protected override void Begin() => stage!.Start();

    private protected override void End() => stage!.Stop();

    private protected override void TearDown()
    {
        features?.Dispose();
        stage?.Dispose();
        (features, stage) = (null, null);
    }

    private protected override void Describe(Diagnostics round) => stage!.Describe(round);

    private protected override string? Refuse(RiskInferenceOptions changed) => stage?.Refuse(changed);

    private protected override void OnChanged(IReadOnlyList<Parameter> changes) => stage?.Change(Options, changes);

    private void OnFeatures(FusedFeatures message, MessageInfo info)
    {
        long wall = Clock.System.Now;
        long stamp = message.Header.Stamp.ToNanoseconds();
        long queue = Math.Max(0, wall - info.SourceTimestamp);

        // The fusion node's share is not in the message: what passed between the sensor's stamp and the sending is one figure here.
        var stages = new StageTimes { Queue = queue, SensorToReceive = Math.Max(0, Node.Clock.Now - stamp - queue) };
        stage!.OnFeatures(message.Values.Span, message.Validity.Span, message.SchemaId, stamp, message.Header.FrameId, stages);
    }
}
