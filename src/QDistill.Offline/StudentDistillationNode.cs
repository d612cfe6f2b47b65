using QDistill.Bags;
using QDistill.Configuration;
using QDistill.Distillation.Controls;
using QDistill.Distillation.Runs;
using QDistill.Distillation.Training;
using QDistill.Features;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;
using DistillServer = QDistill.Ros.ActionServer<QDistill.Msgs.QdistillMsgs.Distill, QDistill.Msgs.QdistillMsgs.Distill.Goal, QDistill.Msgs.QdistillMsgs.Distill.Result, QDistill.Msgs.QdistillMsgs.Distill.Feedback>;

namespace QDistill.Offline;

/// <summary>Distils labelled bags into students: serves <c>~/distill</c> (<c>qdistill_msgs/action/Distill</c>) by what <c>qdistill distill</c> does.</summary>
public sealed class StudentDistillationNode : OfflineNode
{
    /// <summary>The kind, and the name unless another is given.</summary>
    public const string Kind = "student_distillation";

    private readonly DistillServer server;

    /// <summary>Creates the node, which serves goals while its context spins.</summary>
    /// <exception cref="UserErrorException">A name breaks ROS's rules.</exception>
    public StudentDistillationNode(RosContext context, OfflineNodeStart? start = null)
        : base(context, Kind, Parameters, start ?? new OfflineNodeStart())
    {
        server = Node.CreateActionServer<Distill, Distill.Goal, Distill.Result, Distill.Feedback>("~/distill", ExecuteAsync);
    }

    /// <summary>Its parameters besides those of every offline node.</summary>
    internal static IReadOnlyList<ParameterDescription> Parameters { get; } =
    [
        new("robot", "simulated_agv", "the robot of goals that name none: a robot file, or the name of one in robots/"),
        new("recipe", string.Empty, "the recipe of goals that name none, a file or a name; empty: the default recipe") { Constraints = $"A file, or one of {string.Join(", ", NamedRecipes.All.Select(n => n.Name))}." },
        new("validation_bags", Array.Empty<string>(), "the validation bags of goals that name none; empty: the last quarter of each bag's time"),
        new("teacher", string.Empty, "the teacher's file of goals that name none, to be kept in the model folder"),
        new("seed", 0L, "seed of everything random; 0: the recipe's") { Range = (0, long.MaxValue) },
    ];

    /// <inheritdoc/>
    public override string Summary => $"serves {server.Name} ({Distill.Type.Name})";

    private protected override Task EndServer()
    {
        server.Dispose();
        return server.WhenIdle();
    }

    private Task ExecuteAsync(ServerGoalHandle<Distill.Goal, Distill.Result, Distill.Feedback> handle, CancellationToken cancellation)
    {
        EpochReport? epoch = null;
        uint epochs = 0;
        return DoAsync(
            handle,
            cancellation,
            (observer, token) => Result(RunOf(handle.Goal).Run(observer, token, (report, total) => (epoch, epochs) = (report, (uint)total))),
            sentence => new Distill.Result { Message = sentence },
            p => new Distill.Feedback
            {
                Stage = p.Stage,
                Epoch = (uint)(epoch?.Epoch ?? 0),
                Epochs = epochs,
                Loss = (float)(epoch?.TrainingLoss ?? float.NaN),
                ValidationNll = (float)(epoch?.ValidationNll ?? float.NaN),
                SecondsLeft = p.SecondsLeft,
            },
            "cancelled; nothing was left behind");
    }

    private DistillationRun RunOf(Distill.Goal goal)
    {
        if (goal.LabelledBags.Count == 0)
        {
            throw new UserErrorException("the goal names no labelled bag", null, "fill in its field 'labelled_bags'");
        }

        if (goal.Output.Length == 0)
        {
            throw new UserErrorException("the goal names no output", null, "fill in its field 'output', the model folder");
        }

        ulong seed = Number(goal.Seed, "seed");
        return new DistillationRun
        {
            Labelled = BagPaths.Expand(goal.LabelledBags.ToArray()),
            Robot = RobotConfig.Load(RobotFile.Find(RequiredText(goal.Robot, "robot"), "robot")),
            Recipe = OptionalText(goal.Recipe, "recipe"),
            Validation = BagPaths.Expand(Texts(goal.ValidationBags, "validation_bags")),
            Teacher = OptionalText(goal.Teacher, "teacher"),
            Seed = seed == 0 ? null : seed,
            Output = goal.Output,
            Overwrite = goal.Overwrite,
        };
    }

    private static Distill.Result Result(DistillationOutcome made) => new()
    {
        Success = true,
        ModelId = made.ModelId,
        Output = made.Model,
        Metrics = string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"windows: {made.Windows}\nparameters: {made.Parameters}\nbest_epoch: {made.BestEpoch}\nvalidation_nll: {made.ValidationNll:R}\n"),
    };
}
