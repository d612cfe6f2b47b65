using System.Text.Json;
using QDistill.Cli.Tests;

namespace QDistill.Launch.Tests;

/// <summary>The launch files for ROS 2 and <c>qdistill launch</c>: two readers, one set of processes.</summary>
public sealed class LaunchFileTests
{
    [Theory]
    [InlineData("onboard")]
    [InlineData("replay")]
    [InlineData("training")]
    public void Launch_file_and_verb_declare_the_same_arguments(string launch)
    {
        JsonElement file = Tools.PythonJson("read_launch_file.py", launch == "replay" ? [LaunchFile(launch), "bag:=x"] : [LaunchFile(launch)]);
        JsonElement verb = JsonDocument.Parse(CommandLine.Run("launch", launch, "--show-args", "--json").Succeeded().Output).RootElement;
        Assert.Equal(
            file.GetProperty("arguments").EnumerateArray().Select(Argument),
            verb.EnumerateArray().Select(Argument));
    }

    [Theory]
    [InlineData("onboard")]
    [InlineData("onboard", "robot:=neato", "model:=/m", "namespace:=agv", "use_sim_time:=true")]
    [InlineData("onboard", "robot:=/r.yaml", "split:=true", "governor:=true", "respawn:=true", "log_level:=debug")]
    [InlineData("onboard", "governor:=true", "cmd_vel_in:=/a", "cmd_vel_out:=/b", "autostart:=false")]
    [InlineData("replay", "bag:=/b", "robot:=turtlebot3", "rate:=2.0", "loop:=true")]
    [InlineData("replay", "bag:=/b", "split:=true", "model:=m", "use_sim_time:=false")]
    [InlineData("training")]
    [InlineData("training", "namespace:=lab", "respawn:=true")]
    [InlineData("training", "bag:=/bags", "model:=m")]
    [InlineData("training", "bag:=/bags", "autostart:=false")]
    public void Launch_file_and_verb_start_the_same_processes(string launch, params string[] arguments)
    {
        JsonElement file = Tools.PythonJson("read_launch_file.py", [LaunchFile(launch), .. arguments]);
        JsonElement verb = JsonDocument.Parse(CommandLine.Run(["launch", launch, "--print", "--json", .. arguments]).Succeeded().Output).RootElement;
        Assert.Equal(
            file.GetProperty("processes").EnumerateArray().Select(OfFile),
            verb.EnumerateArray().Select(OfVerb));

        // Lifecycle nodes are brought up unless told otherwise; the player ends everything.
        bool autoStart = !arguments.Contains("autostart:=false");
        Assert.Equal(
            file.GetProperty("brought_up").EnumerateArray().Select(e => e.GetString()),
            verb.EnumerateArray().Where(p => autoStart && p.GetProperty("lifecycle_node").ValueKind != JsonValueKind.Null).Select(p => p.GetProperty("name").GetString()));
        string? last = file.TryGetProperty("ends_all", out JsonElement ends) ? ends.GetString() : null;
        Assert.Equal(last, verb.EnumerateArray().FirstOrDefault(p => p.GetProperty("ends_all").GetBoolean()) is { ValueKind: JsonValueKind.Object } p ? p.GetProperty("name").GetString() : null);
    }

    [Fact]
    public void A_launch_file_refuses_an_unknown_robot_and_names_the_known_ones()
    {
        (int code, _, string errors) = Tools.Run("/usr/bin/python3", "-B", Path.Combine(AppContext.BaseDirectory, "read_launch_file.py"), LaunchFile("onboard"), "robot:=nato");
        Assert.NotEqual(0, code);
        Assert.Contains("there is no robot 'nato'; known are crazyflie, ", errors);
    }

    [Theory]
    [InlineData("'robt'; did you mean 'robot'", "onboard", "robt:=neato")]
    [InlineData("'robot=neato' is not of the form NAME:=VALUE", "onboard", "robot=neato")]
    [InlineData("'yes' is not a value of 'split'; it can be true or false", "onboard", "split:=yes")]
    [InlineData("the argument 'bag' is missing", "replay")]
    [InlineData("no launch 'onbord'; did you mean 'onboard'", "onbord")]
    [InlineData("there is no robot 'nato'; did you mean 'neato'", "onboard", "robot:=nato")]
    [InlineData("/none.yaml: does not exist", "onboard", "params_file:=/none.yaml")]
    public void A_wrong_argument_is_refused_in_one_sentence(string expected, params string[] arguments) =>
        Assert.Contains(expected, CommandLine.Run(["launch", .. arguments]).Refusal());

    private static string LaunchFile(string name) => Tools.Repository("launch", name + ".launch.py");

    private static string Argument(JsonElement argument) => string.Join(
        " | ",
        argument.GetProperty("name").GetString(),
        argument.GetProperty("description").GetString(),
        argument.GetProperty("default").GetString() ?? "required",
        string.Join(',', argument.GetProperty("choices").EnumerateArray().Select(c => c.GetString())));

    private static string OfFile(JsonElement process)
    {
        if (process.TryGetProperty("command", out JsonElement command))
        {
            return string.Join(' ', command.EnumerateArray().Select(w => w.GetString()));
        }

        string name = process.GetProperty("name").GetString()!;
        Assert.Equal("qdistill", process.GetProperty("package").GetString());
        Assert.Equal(name, process.GetProperty("executable").GetString());
        Assert.Equal("screen", process.GetProperty("output").GetString());
        Assert.Equal(2, process.GetProperty("respawn_delay").GetDouble());
        string nameSpace = process.GetProperty("namespace").GetString()!;
        string[] words =
        [
            "node", name, .. process.GetProperty("arguments").EnumerateArray().Select(w => w.GetString()!),
            "-r", "__node:=" + name, .. nameSpace.Length > 0 ? new[] { "-r", "__ns:=/" + nameSpace } : [],
            .. process.GetProperty("params_files").EnumerateArray().SelectMany(f => new[] { "--params-file", f.GetString()! }),
            .. process.GetProperty("parameters").EnumerateObject().SelectMany(p => new[] { "-p", $"{p.Name}:={Yaml(p.Value)}" }),
            .. process.GetProperty("remappings").EnumerateArray().SelectMany(r => new[] { "-r", $"{r[0].GetString()}:={r[1].GetString()}" }),
        ];
        return $"{(process.GetProperty("lifecycle").GetBoolean() ? "lifecycle " : string.Empty)}{(process.GetProperty("respawn").GetBoolean() ? "respawn " : string.Empty)}{string.Join(' ', words)}";
    }

    private static string OfVerb(JsonElement process)
    {
        string words = string.Join(' ', process.GetProperty("command").EnumerateArray().Select(w => w.GetString()));
        bool lifecycle = process.GetProperty("lifecycle_node").ValueKind != JsonValueKind.Null;
        return $"{(lifecycle ? "lifecycle " : string.Empty)}{(process.GetProperty("respawn").GetBoolean() ? "respawn " : string.Empty)}{words}";
    }

    private static string Yaml(JsonElement value) => value.ValueKind == JsonValueKind.String ? $"'{value.GetString()}'" : value.GetRawText();
}
