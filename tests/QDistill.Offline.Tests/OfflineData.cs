using QDistill.Distillation.Runs;
using QDistill.Features;
using QDistill.Simulation;

namespace QDistill.Offline.Tests;

/// <summary>A simulated bag of more than two labelling chunks, a fitted teacher, and what the command line's own runs make of them: once for all tests.</summary>
public sealed class OfflineData : IDisposable
{
    private readonly TempDirectory folder = new();

    public OfflineData()
    {
        new Simulator(new SimulationConfig()).WriteBag(Bag, 7, 260);
        File.WriteAllText(Spec, "kind: mlp\nlabels: 80\nstarts: 1\nepochs: 5\n");
        Labels = Labelling(Labelled, Spec).Run(SilentObserver.Instance, CancellationToken.None);
        Model = Distillation(folder["model"]).Run(SilentObserver.Instance, CancellationToken.None);
    }

    public string Bag => folder["run_1"];

    public string Spec => folder["spec.yaml"];

    /// <summary>Saved by the run, as the command line does.</summary>
    public string Teacher => folder["labelled.teacher.yaml"];

    public string Labelled => folder["labelled"];

    public LabellingOutcome Labels { get; }

    public DistillationOutcome Model { get; }

    public string this[string name] => folder[name];

    public LabellingRun Labelling(string output, string teacher) => new()
    {
        Bags = [Bag],
        Robot = Robot,
        Teacher = teacher,
        Output = output,
    };

    public DistillationRun Distillation(string output) => new()
    {
        Labelled = [Labelled],
        Robot = Robot,
        Output = output,
        Recipe = Recipe,
        Seed = 5,
    };

    public string Recipe => SharedRecipe.Value;

    public void Dispose() => folder.Dispose();

    private static RobotConfig Robot => RobotConfig.Load(RobotFile.Find("simulated_agv", "robot"));

    private Lazy<string> SharedRecipe => new(() =>
    {
        File.WriteAllText(folder["recipe.yaml"], "optimiser:\n  epochs: 6\n");
        return folder["recipe.yaml"];
    });
}

/// <summary>Tests that share the data.</summary>
[CollectionDefinition(nameof(OfflineData))]
public sealed class OfflineDataCollection : ICollectionFixture<OfflineData>;
