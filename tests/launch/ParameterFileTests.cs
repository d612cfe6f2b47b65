using System.Text.Json;

namespace QDistill.Launch.Tests;

/// <summary>The shipped parameter files, judged by a JSON schema validator that is not ours.</summary>
public sealed class ParameterFileTests
{
    private static readonly JsonElement Report = Tools.PythonJson("check_parameters.py", Tools.Repository("launch", "params"));

    [Fact]
    public void Every_shipped_parameter_file_is_valid_by_its_nodes_schemas() => Assert.All(Report.EnumerateObject(), file =>
    {
        Assert.NotEmpty(file.Value.GetProperty("nodes").EnumerateArray());
        Assert.True(file.Value.GetProperty("problems").GetArrayLength() == 0, $"{file.Name}: {file.Value.GetProperty("problems")}");
    });

    [Fact]
    public void Each_launch_file_ships_parameters_for_every_node_that_it_can_start()
    {
        Assert.Superset(new HashSet<string?> { "feature_fusion", "risk_inference", "onboard", "velocity_governor" }, NodesOf("onboard"));
        Assert.Superset(new HashSet<string?> { "teacher_labeling", "student_distillation", "replay_evaluation" }, NodesOf("training"));
    }

    [Fact]
    public void A_schema_refuses_every_misspelt_name_and_every_value_of_a_wrong_type() => Assert.All(Report.EnumerateObject(), file =>
    {
        Assert.True(file.Value.GetProperty("spoiled").GetInt32() > 0, file.Name + " has no parameters");
        Assert.True(file.Value.GetProperty("accepted").GetArrayLength() == 0, $"{file.Name}: {file.Value.GetProperty("accepted")}");
    });

    private static HashSet<string?> NodesOf(string launch) =>
        [.. Report.GetProperty(launch + ".param.yaml").GetProperty("nodes").EnumerateArray().Select(n => n.GetString())];
}
