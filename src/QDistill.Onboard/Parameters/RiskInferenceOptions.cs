using QDistill.Configuration;
using static QDistill.Ros.ParameterTiming;

namespace QDistill.Onboard;

/// <summary>The parameters of <c>risk_inference</c>.</summary>
public sealed record RiskInferenceOptions
{
    /// <summary>The model: a folder with <c>student.onnx</c>, or the file itself; empty: none yet, all predictions say NO_MODEL.</summary>
    public string Model { get; init; } = string.Empty;

    /// <summary>The Ed25519 public key that models must be signed with, see <see cref="Inference.ModelSignature.ParseKey"/>; empty: unsigned models fly.</summary>
    public string ModelPublicKey { get; init; } = string.Empty;

    /// <summary>The robot's <c>robot.yaml</c>, whose schema the model must have; empty: the model's schema is taken as it is.</summary>
    public string Robot { get; init; } = string.Empty;

    /// <summary>Whether a model that cannot be loaded fails the configuration; else the node flies without one, and says NO_MODEL.</summary>
    public bool RequireModel { get; init; } = true;

    /// <summary>Judgement and alarms.</summary>
    public RiskOptions Risk { get; init; } = new();

    /// <summary>What is watched of the latency.</summary>
    public LatencyOptions Latency { get; init; } = new();

    /// <summary>How often a dead input is looked for, and predictions are made in its stead [Hz].</summary>
    public double WatchdogRate { get; init; } = 20;

    /// <summary>Whether the collision alarm is also published as <c>std_msgs/msg/Bool</c>.</summary>
    public bool PublishAlarm { get; init; } = true;

    /// <summary>Whether <c>~/debug/latency</c> is published.</summary>
    public bool PublishLatency { get; init; } = true;

    /// <summary>Whether <c>~/debug/markers</c> is published for RViz.</summary>
    public bool PublishMarkers { get; init; }

    /// <summary>How the features are received and the predictions sent.</summary>
    public TopicQoS QoS { get; init; } = new();

    /// <summary>A trace of every prediction's stages.</summary>
    public TraceOptions Trace { get; init; } = new();

    /// <summary>Statistics of the features' topic.</summary>
    public StatisticsOptions Statistics { get; init; } = new();

    /// <summary>How the node is run.</summary>
    public OperationOptions Operation { get; init; } = new();

    /// <summary>Reads the parameters of <c>risk_inference</c> from a section of another file, such as a <c>safety.yaml</c>, under their own names.</summary>
    /// <exception cref="UserErrorException">A value is of another type or out of range, or values contradict each other.</exception>
    public static RiskInferenceOptions Read(ConfigSection section) => Parameters.Read(section, new RiskInferenceOptions());

    /// <summary>What the composed node has as well: all but what concerns the features' topic.</summary>
    internal static ParameterTable<RiskInferenceOptions> StageParameters { get; } = new ParameterTable<RiskInferenceOptions>()
        .Text("robot", Configure, "The robot's robot.yaml, or the name of one in robots/: a model of another feature schema is refused at once; empty: not compared.", o => o.Robot, (o, v) => o with { Robot = v })
        .Text("model", Live, "A model folder or a student.onnx; loaded and checked beside the running one, which stays when the new one is refused; empty: none, every prediction says NO_MODEL.", o => o.Model, (o, v) => o with { Model = v })
        .Text("model_public_key", Start, "Ed25519 public key (64 hex digits, base64, or a PEM file): only models with a good student.onnx.sig fly; empty: not checked.", o => o.ModelPublicKey, (o, v) => o with { ModelPublicKey = v })
        .Switch("require_model", Configure, "Whether a model that cannot be loaded fails the configuration; false: fly without, saying NO_MODEL.", o => o.RequireModel, (o, v) => o with { RequireModel = v })
        .Include(RiskOptions.Parameters, o => o.Risk, (o, v) => o with { Risk = v })
        .Number("watchdog.rate", Live, "Hz", 0.1, 1000, "How often a dead input is looked for, and answered.", o => o.WatchdogRate, (o, v) => o with { WatchdogRate = v })
        .Switch("alarm.publish", Configure, "Whether the collision alarm is also published as std_msgs/msg/Bool.", o => o.PublishAlarm, (o, v) => o with { PublishAlarm = v })
        .Switch("publish_markers", Configure, "Whether ~/debug/markers is published for RViz.", o => o.PublishMarkers, (o, v) => o with { PublishMarkers = v })
        .Include(TopicQoS.Parameters, o => o.QoS, (o, v) => o with { QoS = v })
        .Switch("latency.publish", Configure, "Whether ~/debug/latency is published.", o => o.PublishLatency, (o, v) => o with { PublishLatency = v })
        .Include(LatencyOptions.Parameters, o => o.Latency, (o, v) => o with { Latency = v })
        .Include(TraceOptions.Parameters, o => o.Trace, (o, v) => o with { Trace = v })
        .Include(OperationOptions.Parameters, o => o.Operation, (o, v) => o with { Operation = v })
        .Number("real_time.keep_warm_rate", Configure, "Hz", 0, 10_000, "How often the model is run on its last input between predictions, so that the processor's caches keep it; 0: never.", o => o.Operation.RealTime.KeepWarm, (o, v) => o with { Operation = o.Operation with { RealTime = o.Operation.RealTime with { KeepWarm = v } } });

    internal static ParameterTable<RiskInferenceOptions> Parameters { get; } = new ParameterTable<RiskInferenceOptions>()
        .Include(StageParameters, o => o, (_, v) => v)
        .Include(StatisticsOptions.Parameters, o => o.Statistics, (o, v) => o with { Statistics = v });
}
