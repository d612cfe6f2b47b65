using System.Text.Json.Nodes;

namespace QDistill.Cli.Tests;

/// <summary>The acceptance test of the command line: verdict, exit code, documents.</summary>
[Collection(nameof(SmallFlow))]
public sealed class AcceptanceTests(SmallFlow flow) : IDisposable
{
    private readonly TempDirectory folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_model_that_passes_ends_with_0_and_one_that_does_not_with_3_and_its_reason()
    {
        Run easy = Replay("limits: {time_to_stop: 60, hold: 0, time_to_resume: 60, false_stop: 1, episodes: 0}").Succeeded();
        Run hard = Replay("limits: {time_to_stop: 0, hold: 1, time_to_resume: 0, false_stop: 0}");

        JsonNode passed = JsonNode.Parse(easy.Output)!["acceptance"]!["student"]!, failed = JsonNode.Parse(hard.Output)!["acceptance"]!["student"]!;
        Assert.True(passed["accepted"]!.GetValue<bool>());
        Assert.Equal(3, hard.ExitCode);
        Assert.False(failed["accepted"]!.GetValue<bool>());
        Assert.Contains("safety.yaml: not accepted: time to stop", hard.Errors);
        Assert.Equal(["time_to_stop", "hold", "time_to_resume", "false_stop"], failed["limits"]!.AsObject().Select(p => p.Key));
        Assert.NotEmpty(failed["dangers"]!.AsArray());
        Assert.Contains("not accepted", File.ReadAllText(Path.Combine(folder["replay"], "report.html")));
    }

    [Fact]
    public void The_example_that_ships_is_read_and_judges_the_control_too()
    {
        Run run = CommandLine.Run("replay", flow.Bag(1), "--model", flow.Model, "--output", folder["replay"], "--json", "--accept", Path.Combine(SharedData.Repository, "robots", "safety.yaml"));

        Assert.True(run.ExitCode is 0 or 3, run.Errors);
        JsonObject acceptance = JsonNode.Parse(run.Output)!["acceptance"]!.AsObject();
        Assert.Equal(["student", "ttc_rule"], acceptance.Select(p => p.Key));
    }

    [Theory]
    [InlineData("limitz: {}", "unknown key 'limitz'")]
    [InlineData("risk_inference: {alarm: {on_cuont: 3}}", "on_cuont")]
    [InlineData("danger: {truth: nothing}", "no constraint 'nothing'")]
    public void A_test_that_is_wrong_is_refused_before_anything_is_replayed(string yaml, string expected)
    {
        Run run = Replay(yaml);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(expected, run.Errors);
        Assert.False(Directory.Exists(folder["replay"]));
    }

    private Run Replay(string safety)
    {
        string file = folder["safety.yaml"];
        File.WriteAllText(file, safety);

        // The first bag: it has hazards, and acceptance needs some.
        return CommandLine.Run("replay", flow.Bag(1), "--model", flow.Model, "--output", folder["replay"], "--json", "--accept", file);
    }
}
