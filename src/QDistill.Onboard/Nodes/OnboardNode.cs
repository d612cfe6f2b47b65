using Microsoft.Extensions.Logging;
using QDistill.Features;
using QDistill.Ros;

namespace QDistill.Onboard;

/// <summary>
/// <c>onboard</c>: fusion and inference composed in one node. The robot's topics in; predictions out, as from <see cref="RiskInferenceNode"/>, with no message between
/// the two halves. The features are published besides, when asked.
/// </summary>
public sealed class OnboardNode : FlightNode<OnboardOptions>
{
    private readonly Func<string, IRiskModel>? load;

    // What flies when neither robot nor model is given: the simulated AGV with its released model.
    private const string ExampleRobot = "simulated_agv", ExampleModel = "models/agv_simulated";

    private FusionStage? fusion;
    private RiskStage? risk;
    private FeaturePublisher? features;

    /// <summary>Makes the node <c>onboard</c>, unconfigured.</summary>
    /// <param name="context">The context whose spinning runs its callbacks.</param>
    /// <param name="options">Its parameters' defaults.</param>
    /// <param name="load">Loads a model from its path; any thread may call it; null: ONNX Runtime.</param>
    /// <param name="node">The node's name and options.</param>
    /// <exception cref="Configuration.UserErrorException">A parameter that was given is not allowed.</exception>
    public OnboardNode(RosContext context, OnboardOptions options, Func<string, IRiskModel>? load = null, NodeStart? node = null)
        : base(context, node ?? new NodeStart("onboard"), OnboardOptions.Parameters, options)
    {
        this.load = load;
        Node.Parameters.AddOnSetCallback(changes => RiskStage.PrepareAsync(risk, changes));
        StartDiagnostics();
    }

    /// <inheritdoc/>
    public override string Summary => fusion is null ? "not configured" : $"{risk!.Summary}; {fusion.Summary}";

    /// <inheritdoc/>
    public override OperationOptions Operation => Options.Inference.Operation;

    /// <summary>The judgement within; null unless configured.</summary>
    public RiskPredictor? Predictor => risk?.Predictor;

    /// <summary>The extractor within; null unless configured.</summary>
    public FeatureExtractor? Extractor => fusion?.Extractor;

    /// <inheritdoc cref="RiskInferenceNode.LoadModel"/>
    public ModelSwap LoadModel(string path) => risk?.LoadModel(path) ?? RiskStage.NotConfigured;

    private protected override void SetUp()
    {
        bool example = Options.Fusion.Robot.Length == 0 && string.IsNullOrEmpty(Options.Inference.Model);
        if (example)
        {
            Node.Logger.LogWarning("neither robot nor model is given: the released example flies, robot {Robot} with {Model}; set the parameters robot and model for your own", ExampleRobot, ExampleModel);
        }

        RobotConfig robot = FusionStage.LoadRobot(example ? ExampleRobot : Options.Fusion.Robot);
        risk = new RiskStage(Node, example ? Options.Inference with { Model = ExampleModel } : Options.Inference, load, robot.Schema);
        features = Options.PublishFeatures ? new FeaturePublisher(Node, robot, Options.Fusion.QoS.Output) : null;
        fusion = new FusionStage(Node, robot, Options.Fusion, OnVector);
    }

    private protected override void Begin()
    {
        risk!.Start();
        fusion!.Start();
    }

    private protected override void End()
    {
        fusion!.Stop();
        risk!.Stop();
    }

    private protected override void TearDown()
    {
        fusion?.Dispose();
        features?.Dispose();
        risk?.Dispose();
        (fusion, features, risk) = (null, null, null);
    }

    private protected override void Describe(Diagnostics round)
    {
        risk!.Describe(round);
        fusion!.Describe(round);
    }

    private protected override string? Refuse(OnboardOptions changed) => risk?.Refuse(changed.Inference);

    private protected override void OnChanged(IReadOnlyList<Parameter> changes) => risk?.Change(Options.Inference, changes);

    private void OnVector(FeatureVector vector, StageTimes stages)
    {
        risk!.OnFeatures(vector.Values, vector.Validity, vector.Schema.Id, vector.StampNs, fusion!.Robot.BaseFrame, stages);

        // The prediction is what is waited for; the features come after it.
        features?.Publish(vector);
    }
}
