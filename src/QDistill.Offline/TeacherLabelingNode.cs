using QDistill.Bags;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Runs;
using QDistill.Features;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Quantum;
using QDistill.Ros;
using LabelServer = QDistill.Ros.ActionServer<QDistill.Msgs.QdistillMsgs.LabelBag, QDistill.Msgs.QdistillMsgs.LabelBag.Goal, QDistill.Msgs.QdistillMsgs.LabelBag.Result, QDistill.Msgs.QdistillMsgs.LabelBag.Feedback>;

namespace QDistill.Offline;

/// <summary>
/// Labels bags with a teacher: serves <c>~/label_bag</c> (<c>qdistill_msgs/action/LabelBag</c>) by what <c>qdistill label</c> does. A cancelled goal leaves a bag that a goal with
/// <c>resume</c> goes on with.
/// </summary>
public sealed class TeacherLabelingNode : OfflineNode
{
    /// <summary>The kind, and the name unless another is given.</summary>
    public const string Kind = "teacher_labeling";

    private readonly LabelServer server;

    /// <summary>Creates the node, which serves goals while its context spins.</summary>
    /// <exception cref="UserErrorException">A name breaks ROS's rules.</exception>
    public TeacherLabelingNode(RosContext context, OfflineNodeStart? start = null)
        : base(context, Kind, Parameters, start ?? new OfflineNodeStart())
    {
        Node.Parameters.AddOnSetCallback(parameters => parameters
            .Where(p => p.Name == "backend" && p.Value.Value is string name && !TeacherBackend.Names.Contains(name))
            .Select(p => $"there is no back end '{p.Value.Value}', only {string.Join(", ", TeacherBackend.Names)}").FirstOrDefault());
        server = Node.CreateActionServer<LabelBag, LabelBag.Goal, LabelBag.Result, LabelBag.Feedback>("~/label_bag", ExecuteAsync);
    }

    /// <summary>Its parameters besides those of every offline node.</summary>
    internal static IReadOnlyList<ParameterDescription> Parameters { get; } =
    [
        new("robot", "simulated_agv", "the robot of goals that name none: a robot file, or the name of one in robots/"),
        new("teacher", string.Empty, "the teacher of goals that name none: a fitted teacher, or a teacher specification"),
        new("backend", "statevector", "what runs the circuits of goals that do not say") { Choices = TeacherBackend.Names },
        new("shots", 0L, "shots per window and measurement basis; 0: exact where the back end can be") { Range = (0, 100_000_000) },
        new("seed", 1L, "seed of everything random") { Range = (0, long.MaxValue) },
        new("labels", 0L, "windows whose hindsight truth a teacher fitted here may see; 0: as the specification says") { Range = (0, 1_000_000) },
        new("details", Array.Empty<string>(), "what else the teacher should tell, for the signals that need it") { Choices = TeacherDetailNames.All },
        new("threads", 0L, "threads of a simulator; 0: one per processor") { Range = (0, 1024) },
        new("noise", string.Empty, "the noise model of the back end 'noisy', a file"),
        new("mitigate_readout", false, "whether the back end 'noisy' inverts read-out errors"),
        new("zero_noise", string.Empty, "how answers of the back end 'noisy' are extrapolated to zero noise: linear, richardson or exponential, or with noise scales as in linear:1,1.5,2; empty: not"),
        new("target", string.Empty, "the target of the back end 'azure', for example ionq.simulator"),
        new("max_cost", 0.0, "the most that jobs on 'azure' may cost by the prices given; nothing is sent above it") { Range = (0, 1e9) },
        new("price_per_shot", 0.0, "the target's price of a shot") { Range = (0, 1e6) },
        new("price_per_job", 0.0, "the target's price of a job") { Range = (0, 1e9) },
        new("pack_qubits", 0L, "qubits one job on 'azure' may use; 0: one window a job") { Range = (0, 10_000) },
    ];

    /// <inheritdoc/>
    public override string Summary => $"serves {server.Name} ({LabelBag.Type.Name})";

    private protected override Task EndServer()
    {
        server.Dispose();
        return server.WhenIdle();
    }

    private Task ExecuteAsync(ServerGoalHandle<LabelBag.Goal, LabelBag.Result, LabelBag.Feedback> handle, CancellationToken cancellation) => DoAsync(
        handle,
        cancellation,
        (observer, token) => Result(RunOf(handle.Goal).Run(observer, token)),
        sentence => new LabelBag.Result { Message = sentence },
        p => new LabelBag.Feedback { Stage = p.Stage, Done = p.Done, Total = p.Total, Circuits = p.Circuits, SecondsLeft = p.SecondsLeft },
        "cancelled; the same goal with resume goes on from here");

    private LabellingRun RunOf(LabelBag.Goal goal)
    {
        ulong seed = Number(goal.Seed, "seed"), labels = Number(goal.Labels, "labels");
        if (goal.Bag.Length == 0)
        {
            throw new UserErrorException("the goal names no bag", null, "fill in its field 'bag'");
        }

        if (goal.Output.Length == 0)
        {
            throw new UserErrorException("the goal names no output", null, "fill in its field 'output', the labelled bag's folder");
        }

        return new LabellingRun
        {
            Bags = BagPaths.Expand([goal.Bag]),
            Robot = RobotConfig.Load(RobotFile.Find(RequiredText(goal.Robot, "robot"), "robot")),
            Teacher = OptionalText(goal.Teacher, "teacher"),
            Backend = new BackendChoice
            {
                Name = RequiredText(goal.Backend, "backend"),
                Shots = (int)Math.Min(int.MaxValue, Number(goal.Shots, "shots")),
                Seed = seed,
                Threads = (int)Node.Parameters.Get<long>("threads"),
                NoiseFile = OptionalText(string.Empty, "noise"),
                MitigateReadout = Node.Parameters.Get<bool>("mitigate_readout"),
                ZeroNoise = OptionalText(string.Empty, "zero_noise"),
                Target = OptionalText(string.Empty, "target"),
                MaxCost = Node.Parameters.Get<double>("max_cost"),
                PricePerShot = Node.Parameters.Get<double>("price_per_shot"),
                PricePerJob = Node.Parameters.Get<double>("price_per_job"),
                PackQubits = (int)Node.Parameters.Get<long>("pack_qubits"),
            },
            Seed = seed,
            Labels = labels == 0 ? null : (int)Math.Min(int.MaxValue, labels),
            Details = TeacherDetailNames.Parse(Texts(goal.Details, "details")),
            Output = goal.Output,
            Resume = goal.Resume,
            Overwrite = goal.Overwrite,
        };
    }

    private static LabelBag.Result Result(LabellingOutcome outcome)
    {
        var result = new LabelBag.Result { Success = true, TeacherId = outcome.TeacherId, Ledger = outcome.Ledger().ToYaml() };
        foreach (BagLabels bag in outcome.Bags)
        {
            result.Outputs.Add(bag.Output);
            result.Windows += (ulong)(bag.Result?.Windows ?? 0);
            result.Resumed += (ulong)(bag.Result?.Resumed ?? 0);
        }

        return result;
    }
}
