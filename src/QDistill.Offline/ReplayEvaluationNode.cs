using QDistill.Bags;
using QDistill.Configuration;
using QDistill.Evaluation.Replay;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;
using EvaluateServer = QDistill.Ros.ActionServer<QDistill.Msgs.QdistillMsgs.EvaluateBag, QDistill.Msgs.QdistillMsgs.EvaluateBag.Goal, QDistill.Msgs.QdistillMsgs.EvaluateBag.Result, QDistill.Msgs.QdistillMsgs.EvaluateBag.Feedback>;

namespace QDistill.Offline;

/// <summary>
/// Judges models on bags: serves <c>~/evaluate_bag</c> (<c>qdistill_msgs/action/EvaluateBag</c>) by what <c>qdistill replay</c> does, and publishes every result's metrics, latched, on
/// <c>~/output/metrics</c> (JSON). With the parameters <c>bag</c> and <c>model</c> it judges these once when it starts.
/// </summary>
public sealed class ReplayEvaluationNode : OfflineNode
{
    /// <summary>The kind, and the name unless another is given.</summary>
    public const string Kind = "replay_evaluation";

    private readonly EvaluateServer server;
    private readonly Publisher<Msgs.StdMsgs.String> metrics;

    /// <summary>Creates the node, which serves goals while its context spins.</summary>
    /// <exception cref="UserErrorException">A name breaks ROS's rules.</exception>
    public ReplayEvaluationNode(RosContext context, OfflineNodeStart? start = null)
        : base(context, Kind, Parameters, start ?? new OfflineNodeStart())
    {
        metrics = Node.CreatePublisher<Msgs.StdMsgs.String>("~/output/metrics", QoSProfile.Default with { Durability = DurabilityPolicy.TransientLocal, Depth = 1 });
        server = Node.CreateActionServer<EvaluateBag, EvaluateBag.Goal, EvaluateBag.Result, EvaluateBag.Feedback>("~/evaluate_bag", ExecuteAsync);
        if (Node.Parameters.Get<bool>("autostart") && Node.Parameters.Get<string>("bag").Length > 0 && Node.Parameters.Get<string>("model").Length > 0)
        {
            DoOwn("parameters", (observer, token) => Told(RunOf(new EvaluateBag.Goal()).Run(observer, token)));
        }
    }

    /// <summary>Its parameters besides those of every offline node.</summary>
    internal static IReadOnlyList<ParameterDescription> Parameters { get; } =
    [
        new("bag", string.Empty, "a bag or a folder of bags to judge at the start, and of goals that name none"),
        new("robot", "simulated_agv", "the robot of goals that name none: a robot file, or the name of one in robots/"),
        new("model", string.Empty, "the model of goals that name none: a model folder or a student.onnx"),
        new("calibration_bags", Array.Empty<string>(), "bags on which the time-to-collision rule may be calibrated, of goals that name none"),
        new("condition", string.Empty, "the condition file of goals that name none, applied to the raw messages"),
        new("output", "out/replay", "the folder for metrics.json and report.html of goals that name none"),
        new("autostart", true, "whether bag and model are judged at the start when both are given") { Timing = ParameterTiming.Start },
    ];

    /// <inheritdoc/>
    public override string Summary => $"serves {server.Name} ({EvaluateBag.Type.Name})";

    private protected override Task EndServer()
    {
        server.Dispose();
        return server.WhenIdle();
    }

    private Task ExecuteAsync(ServerGoalHandle<EvaluateBag.Goal, EvaluateBag.Result, EvaluateBag.Feedback> handle, CancellationToken cancellation) => DoAsync(
        handle,
        cancellation,
        (observer, token) => Told(RunOf(handle.Goal).Run(observer, token)),
        sentence => new EvaluateBag.Result { Message = sentence },
        p => new EvaluateBag.Feedback { Stage = p.Stage, Fraction = p.Fraction, SecondsLeft = p.SecondsLeft },
        "cancelled; nothing was left behind");

    private ReplayRun RunOf(EvaluateBag.Goal goal) => new()
    {
        Bags = BagPaths.Expand(goal.Bags.Count > 0 ? goal.Bags.ToArray() : [RequiredText(string.Empty, "bag")]),
        Robot = RequiredText(goal.Robot, "robot"),
        Model = RequiredText(goal.Model, "model"),
        CalibrationBags = BagPaths.Expand(Texts(goal.CalibrationBags, "calibration_bags")),
        Condition = OptionalText(goal.Condition, "condition"),
        Output = RequiredText(goal.Output, "output"),
    };

    private EvaluateBag.Result Told(ReplayOutcome made)
    {
        string json = made.Report.ToJson();
        metrics.Publish(new Msgs.StdMsgs.String { Data = json });
        return new EvaluateBag.Result { Success = true, ModelId = made.Report.Meta.ModelId ?? string.Empty, Metrics = json, MetricsFile = made.MetricsFile, ReportFile = made.PageFile };
    }
}
