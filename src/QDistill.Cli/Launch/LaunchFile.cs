using QDistill.Cli.Terminal;
using QDistill.Configuration;
using QDistill.Features;

namespace QDistill.Cli.Launch;

/// <summary>
/// What <c>launch/NAME.launch.py</c> is to <c>ros2 launch</c>: the declared arguments and the processes that follow from their values. A test runs both and compares.
/// </summary>
internal sealed record LaunchFile(string Name, string Summary, IReadOnlyList<LaunchArgument> Arguments, Func<LaunchValues, IReadOnlyList<LaunchedProcess>> Processes)
{
    private static readonly string[] Boolean = ["true", "false"];
    private static readonly LaunchArgument Robot = new("robot", "a robot file, or the name of one in robots/; empty: the one in params_file", string.Empty);
    private static readonly LaunchArgument Model = new("model", "a model folder or a student.onnx; empty: the one in params_file", string.Empty);
    private static readonly LaunchArgument Namespace = new("namespace", "namespace of all nodes", string.Empty);
    private static readonly LaunchArgument UseSimTime = new("use_sim_time", "follow /clock", "false", Boolean);
    private static readonly LaunchArgument AutoStart = new("autostart", "configure and activate the nodes", "true", Boolean);
    private static readonly LaunchArgument Split = new("split", "fusion and inference as two processes", "false", Boolean);
    private static readonly LaunchArgument Respawn = new("respawn", "start a node that ended again, after 2 s", "false", Boolean);
    private static readonly LaunchArgument LogLevel = new("log_level", "debug, info, warn, error or fatal", "info");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<LaunchFile> All { get; } =
    [
        new(
            "onboard",
            "the nodes that fly: sensors in, calibrated collision risk out",
            [
                Robot,
                Model,
                ParamsFile("onboard"),
                Namespace,
                UseSimTime,
                AutoStart,
                Split,
                new("governor", "also scale commands by risk", "false", Boolean),
                new("cmd_vel_in", "the governor's commands in", "cmd_vel_raw"),
                new("cmd_vel_out", "the governor's commands out", "cmd_vel"),
                Respawn,
                LogLevel,
            ],
            Onboard),
        new(
            "replay",
            "a recorded bag through the nodes that fly, on the bag's own clock; ends with the bag",
            [
                new("bag", "the bag to play", null),
                Robot,
                Model,
                ParamsFile("onboard"),
                Namespace,
                UseSimTime with { Description = "follow the bag's clock", Default = "true" },
                AutoStart,
                Split,
                new("rate", "how many times faster than recorded", "1.0"),
                new("loop", "start the bag over at its end", "false", Boolean),
                LogLevel,
            ],
            v =>
            [
                .. Flying(v, respawn: false),
                new LaunchedProcess("play", ["play", v["bag"], "--rate", v["rate"], "--clock", "100", .. v.Is("loop") ? ["--loop"] : Array.Empty<string>()]) { WaitsForActive = true, EndsAll = true },
            ]),
        new(
            "training",
            "the offline nodes: label bags with a quantum teacher, distil students, judge models, each as an action",
            [
                new("bag", "a bag or a folder of bags that replay_evaluation judges at the start, by model; empty: the one in params_file", string.Empty),
                Model,
                ParamsFile("training"),
                Namespace,
                UseSimTime,
                AutoStart with { Description = "judge bag by model when both are given; false: wait for goals" },
                Respawn,
                LogLevel,
            ],
            v =>
            [
                Node("teacher_labeling", v, v.Is("respawn"), lifecycle: false, [], []),
                Node("student_distillation", v, v.Is("respawn"), lifecycle: false, [], []),
                Node("replay_evaluation", v, v.Is("respawn"), lifecycle: false, [.. Given(v, "bag"), .. Given(v, "model")], [], waits: !v.Is("autostart")),
            ]),
    ];

    private static LaunchArgument ParamsFile(string name) =>
        new("params_file", "parameters of the nodes", Installation.Root is null ? string.Empty : Installation.PathOf(Path.Combine("launch", "params", name + ".param.yaml")));

    private static (string, string)[] Given(LaunchValues v, string argument) => v[argument].Length > 0 ? [(argument, v[argument])] : [];

    private static IReadOnlyList<LaunchedProcess> Onboard(LaunchValues v)
    {
        List<LaunchedProcess> nodes = Flying(v, v.Is("respawn"));
        if (v.Is("governor"))
        {
            string risk = v.Is("split") ? "risk_inference/output/collision_risk" : "onboard/output/collision_risk";
            (string, string)[] remaps = [("~/input/cmd_vel", v["cmd_vel_in"]), ("~/output/cmd_vel", v["cmd_vel_out"]), ("~/input/collision_risk", risk)];
            nodes.Add(Node("velocity_governor", v, v.Is("respawn"), lifecycle: true, [], remaps));
        }

        return nodes;
    }

    private static List<LaunchedProcess> Flying(LaunchValues v, bool respawn)
    {
        (string, string)[] robot = v["robot"].Length > 0 ? [("robot", RobotFile.Find(v["robot"], "robot"))] : [];
        (string, string)[] both = [.. robot, .. Given(v, "model")];
        return v.Is("split")
            ? [
                Node("feature_fusion", v, respawn, lifecycle: true, robot, []),
                Node("risk_inference", v, respawn, lifecycle: true, both, [("~/input/features", "feature_fusion/output/features")]),
            ]
            : [Node("onboard", v, respawn, lifecycle: true, both, [])];
    }

    private static LaunchedProcess Node(string kind, LaunchValues v, bool respawn, bool lifecycle, (string Name, string Value)[] parameters, (string From, string To)[] remaps, bool waits = false)
    {
        string file = v["params_file"];
        if (!File.Exists(file))
        {
            throw new UserErrorException("does not exist", file, "params_file must name a parameter file");
        }

        List<string> words = ["node", kind, "--ros-args", "--log-level", v["log_level"], "-r", "__node:=" + kind];
        if (v["namespace"].Length > 0)
        {
            words.AddRange(["-r", "__ns:=/" + v["namespace"].Trim('/')]);
        }

        words.AddRange(["--params-file", file, "-p", "use_sim_time:=" + v["use_sim_time"]]);
        if (lifecycle || waits)
        {
            // Of a lifecycle node the launch does what its own autostart would.
            words.AddRange(["-p", "autostart:=false"]);
        }

        foreach ((string name, string value) in parameters)
        {
            words.AddRange(["-p", $"{name}:={Quoted(value)}"]);
        }

        foreach ((string from, string to) in remaps)
        {
            words.AddRange(["-r", $"{from}:={to}"]);
        }

        return new LaunchedProcess(kind, words)
        {
            Respawn = respawn,
            LifecycleNode = lifecycle ? (v["namespace"].Trim('/') is { Length: > 0 } ns ? $"/{ns}/{kind}" : "/" + kind) : null,
        };
    }

    // A parameter's value is YAML, and a file's name may look like something else.
    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}

/// <summary>One process of a launch.</summary>
/// <param name="Name">What it is called in the output.</param>
/// <param name="Command">The verb and its arguments.</param>
internal sealed record LaunchedProcess(string Name, IReadOnlyList<string> Command)
{
    /// <summary>The lifecycle node in it, fully qualified; null: none.</summary>
    public string? LifecycleNode { get; init; }

    /// <summary>Whether it is started again when it has ended.</summary>
    public bool Respawn { get; init; }

    /// <summary>Whether it starts only when all lifecycle nodes are active.</summary>
    public bool WaitsForActive { get; init; }

    /// <summary>Whether its end is the end of all.</summary>
    public bool EndsAll { get; init; }
}
