using QDistill.Features;
using QDistill.Ros;

namespace QDistill.Onboard;

/// <summary>
/// <c>onboard</c>: fusion and inference composed in one node. The robot's topics in; predictions out, as from <see cref="RiskInferenceNode"/>, with no message between
/// the two halves. The features are published besides, when asked.
/// </summary>
public sealed class OnboardNode : ManagedNode
{
    private readonly Func<string, IRiskModel> load;
    private FusionStage? fusion;
    private RiskStage? risk;
    private FeaturePublisher? features;

    /// <summary>Makes the node <c>onboard</c>, unconfigured.</summary>
    /// <param name="context">The context whose spinning runs its callbacks.</param>
    /// <param name="options">Its parameters.</param>
    /// <param name="load">Loads a model from its path; any thread may call it; null: ONNX Runtime.</param>
    /// <param name="node">The node's name and options.</param>
    public OnboardNode(RosContext context, OnboardOptions options, Func<string, IRiskModel>? load = null, NodeStart? node = null)
        : base((node ?? new NodeStart("onboard")).Create(context))
    {
        Options = options;
        this.load = load ?? OnnxRiskModel.Load;
    }

    /// <summary>Its parameters.</summary>
    public OnboardOptions Options { get; }

    /// <inheritdoc/>
    public override string Summary => fusion is null ? "not configured" : $"{risk!.Summary}; {fusion.Summary}";

    /// <summary>The judgement within; null unless configured.</summary>
    public RiskPredictor? Predictor => risk?.Predictor;

    /// <summary>The extractor within; null unless configured.</summary>
    public FeatureExtractor? Extractor => fusion?.Extractor;

    /// <inheritdoc cref="RiskInferenceNode.LoadModel"/>
    public ModelSwap LoadModel(string path) => risk?.LoadModel(path) ?? new ModelSwap(false, "The node is not configured.", string.Empty);

    /// <inheritdoc/>
    protected override void OnConfigure()
    {
        RobotConfig robot = RobotConfig.Load(ParameterFile.Resolve(Options.Fusion.Robot));
        risk = new RiskStage(Node, Options.Inference, load, robot.Schema);
        features = Options.PublishFeatures ? new FeaturePublisher(Node, robot, Options.Fusion.QoS.Output) : null;
        fusion = new FusionStage(Node, robot, Options.Fusion.QoS, OnVector);
        risk.MoreDiagnostics = fusion.Describe;
    }

    /// <inheritdoc/>
    protected override void OnActivate()
    {
        risk!.Start();
        fusion!.Start();
    }

    /// <inheritdoc/>
    protected override void OnDeactivate()
    {
        fusion!.Stop();
        risk!.Stop();
    }

    /// <inheritdoc/>
    protected override void OnCleanup()
    {
        fusion?.Dispose();
        features?.Dispose();
        risk?.Dispose();
        (fusion, features, risk) = (null, null, null);
    }

    private void OnVector(FeatureVector vector, StageTimes stages)
    {
        risk!.OnFeatures(vector.Values, vector.Validity, vector.Schema.Id, vector.StampNs, fusion!.Robot.BaseFrame, stages);

        // The prediction is what is waited for; the features come after it.
        features?.Publish(vector);
    }
}
