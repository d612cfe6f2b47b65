using QDistill.Features;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;

namespace QDistill.Onboard;

/// <summary>
/// <c>risk_inference</c>: features in on <c>~/input/features</c>; collision risk, constraint violations, alarm and latency out. A dead, late or wrong input gives predictions
/// that say so; it never falls silent while active.
/// </summary>
public sealed class RiskInferenceNode : ManagedNode
{
    private readonly Func<string, IRiskModel> load;
    private RiskStage? stage;
    private Subscription<FusedFeatures>? features;

    /// <summary>Makes the node <c>risk_inference</c>, unconfigured.</summary>
    /// <param name="context">The context whose spinning runs its callbacks.</param>
    /// <param name="options">Its parameters.</param>
    /// <param name="load">Loads a model from its path; any thread may call it; null: ONNX Runtime.</param>
    /// <param name="node">The node's name and options.</param>
    public RiskInferenceNode(RosContext context, RiskInferenceOptions options, Func<string, IRiskModel>? load = null, NodeStart? node = null)
        : base((node ?? new NodeStart("risk_inference")).Create(context))
    {
        Options = options;
        this.load = load ?? OnnxRiskModel.Load;
    }

    /// <summary>Its parameters.</summary>
    public RiskInferenceOptions Options { get; }

    /// <inheritdoc/>
    public override string Summary => stage?.Summary ?? "not configured";

    /// <summary>The judgement within; null unless configured.</summary>
    public RiskPredictor? Predictor => stage?.Predictor;

    /// <summary>
    /// Loads and checks a model beside the running one and puts it in place between two predictions; refused, with the reason, when it cannot be used here. Any thread may call it.
    /// </summary>
    public ModelSwap LoadModel(string path) => stage?.LoadModel(path) ?? new ModelSwap(false, "The node is not configured.", string.Empty);

    /// <inheritdoc/>
    protected override void OnConfigure()
    {
        FeatureSchema? schema = string.IsNullOrEmpty(Options.Robot) ? null : RobotConfig.Load(ParameterFile.Resolve(Options.Robot)).Schema;
        stage = new RiskStage(Node, Options, load, schema);
        features = Node.CreateSubscription<FusedFeatures>("~/input/features", Options.QoS.Input, OnFeatures);
    }

    /// <inheritdoc/>
    protected override void OnActivate() => stage!.Start();

    /// <inheritdoc/>
    protected override void OnDeactivate() => stage!.Stop();

    /// <inheritdoc/>
    protected override void OnCleanup()
    {
        features?.Dispose();
        stage?.Dispose();
        (features, stage) = (null, null);
    }

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
