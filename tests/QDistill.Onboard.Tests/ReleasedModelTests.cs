using QDistill.Features;
using QDistill.Ros;

namespace QDistill.Onboard.Tests;

/// <summary>What ships in <c>models/</c> must fly with the robot file that it names, and its card must speak of the file that lies there.</summary>
public class ReleasedModelTests
{
    public static TheoryData<string> Names => [.. Directory.GetDirectories(Path.Combine(SharedData.Repository, "models")).Select(d => Path.GetFileName(d)!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_released_model_fits_the_robot_of_its_recipe_and_knows_its_constraints(string name)
    {
        string folder = Path.Combine(SharedData.Repository, "models", name);
        RobotConfig robot = RobotConfig.Load(Path.Combine(SharedData.Repository, "robots", Recipe(folder)["robot"] + ".yaml"));

        using IRiskModel model = OnnxRiskModel.Load(folder);

        RiskPredictor.Check(model.Info, robot.Schema.Id, new RiskOptions());
        Assert.Equal(robot.Schema.Names, model.Info.FeatureNames);
        Assert.Equal(robot.Constraints.Select(c => c.Name), model.Info.Constraints.Select(c => c.Name));
        Assert.InRange(model.Info.Threshold, 0.01f, 0.99f);
        Assert.Equal(robot.Schema.Count, model.Info.Low.Count);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_released_models_card_names_the_model_beside_it_and_its_controls(string name)
    {
        string folder = Path.Combine(SharedData.Repository, "models", name);
        using IRiskModel model = OnnxRiskModel.Load(folder);

        string card = File.ReadAllText(Path.Combine(folder, "README.md"));

        Assert.Contains($"Model `{model.Info.ModelId}`", card);
        Assert.Contains($"model_id: {model.Info.ModelId}", File.ReadAllText(Path.Combine(folder, "model.yaml")));
        foreach (string needed in new[] { "no teacher", "classical teacher", "## Acceptance", "## Limits", "95 %" })
        {
            Assert.Contains(needed, card);
        }
    }

    [Fact]
    public void The_node_flies_the_released_example_when_it_is_given_neither_robot_nor_model()
    {
        using var domain = new TestDomain();
        using var context = new RosContext(RosContextOptions.Loopback(domain.Id));
        using FlightNode node = NodeRunner.Create("onboard", context, new NodeRunOptions());

        node.StartUp();

        Assert.Equal(LifecycleState.Active, node.State);
        Assert.Contains("robot simulated_agv", node.Summary);
        using IRiskModel model = OnnxRiskModel.Load(Path.Combine(SharedData.Repository, "models", "agv_simulated"));
        Assert.Contains($"model agv_simulated ({model.Info.ModelId})", node.Summary);
    }

    private static Dictionary<string, string> Recipe(string folder) => File.ReadAllText(Path.Combine(folder, "recipe.env"))
        .Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Where(w => w.Contains('=')).Select(w => w.Split('=', 2)).ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal);
}
