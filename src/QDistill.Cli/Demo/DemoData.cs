using System.Globalization;
using QDistill.Cli.Terminal;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Features;
using QDistill.Simulation;

namespace QDistill.Cli.Demo;

/// <summary>The demo's recordings, by use. Training, validation and test never share a recording.</summary>
internal sealed record DemoData(RobotConfig Robot, IReadOnlyList<FeatureWindows> Training, IReadOnlyList<FeatureWindows> Validation, IReadOnlyList<FeatureWindows> Test)
{
    public TeacherDataset TrainingTable { get; } = Table(Training);

    public TeacherDataset ValidationTable { get; } = Table(Validation);

    public int Windows => TrainingTable.Count + ValidationTable.Count + Test.Sum(w => w.Count);

    /// <summary>Writes the simulated bags that are not there yet.</summary>
    public static IReadOnlyList<string> Simulate(DemoOptions options, CancellationToken cancellation)
    {
        (int training, int validation, int test) = DemoOptions.Runs;
        string[] names =
        [
            .. Enumerable.Range(1, training).Select(i => $"train_{i}"), .. Enumerable.Range(1, validation).Select(i => $"validation_{i}"), .. Enumerable.Range(1, test).Select(i => $"test_{i}"),
        ];
        var simulator = new Simulator(new SimulationConfig());
        using var progress = new ProgressLine("simulating");
        var bags = new List<string>();
        for (int i = 0; i < names.Length; i++)
        {
            string folder = options.Path(Path.Combine("bags", names[i]));
            simulator.WriteBag(folder, (options.Seed * 1000) + (ulong)i, DemoOptions.RunSeconds, null, cancellation, overwrite: true);
            bags.Add(folder);
            progress.Report((i + 1.0) / names.Length);
        }

        return bags;
    }

    /// <summary>Reads simulated bags: their names say what they are for.</summary>
    public static DemoData ReadSimulated(DemoOptions options, IReadOnlyList<string> bags, CancellationToken cancellation)
    {
        RobotConfig robot = CommonOptions.LoadRobot(options.Robot);
        IReadOnlyList<FeatureWindows> all = Read(bags, robot, cancellation);
        IReadOnlyList<FeatureWindows> Named(string prefix) => [.. all.Where(w => w.Name.StartsWith(prefix, StringComparison.Ordinal))];
        return new DemoData(robot, Named("train_"), Named("validation_"), Named("test_"));
    }

    /// <summary>Reads real bags and deals them out by their hazards; bags that cannot be read are left out with a note.</summary>
    public static DemoData ReadReal(DemoOptions options, IReadOnlyList<string> bags, CancellationToken cancellation)
    {
        RobotConfig robot = CommonOptions.LoadRobot(options.Robot);
        var all = new List<FeatureWindows>();
        foreach (string bag in bags)
        {
            try
            {
                all.AddRange(Read([bag], robot, cancellation));
            }
            catch (UserErrorException e)
            {
                Output.Note($"left out: {e.Message}");
            }
        }

        BagSplit split = DataSplit.ByBag([.. all.Select(WindowTable.From)]) ?? throw new UserErrorException(
            $"of {all.Count} readable bags fewer than three hold both safe driving and hazards, so training, validation and test cannot each have their own",
            options.Bags is [var one] ? one : null,
            "add bags, or widen the robot file's hazards");
        IReadOnlyList<FeatureWindows> Pick(IReadOnlyList<int> which) => [.. which.Select(i => all[i])];
        return new DemoData(robot, Pick(split.Training), Pick(split.Validation), Pick(split.Test));
    }

    /// <summary>One line that says which recording is for what, and how many hazards each holds.</summary>
    public string Describe()
    {
        string Part(string name, IReadOnlyList<FeatureWindows> part) => string.Create(
            CultureInfo.InvariantCulture,
            $"{name} {string.Join(", ", part.Select(w => w.Name))} ({part.Sum(w => w.Count)} windows, {part.Sum(w => w.Events.Count)} hazards)");
        return $"{Part("training:", Training)}; {Part("validation:", Validation)}; {Part("test:", Test)}";
    }

    private static IReadOnlyList<FeatureWindows> Read(IReadOnlyList<string> bags, RobotConfig robot, CancellationToken cancellation)
    {
        using var progress = new ProgressLine("reading bags");
        return FeatureWindows.FromBags(bags, robot, progress, cancellation);
    }

    private static TeacherDataset Table(IReadOnlyList<FeatureWindows> recordings) => TeacherDataset.Concat([.. recordings.Select(WindowTable.From)]);
}
