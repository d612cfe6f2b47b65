using System.CommandLine;
using QDistill.Bags;
using QDistill.Configuration;
using QDistill.Features;

namespace QDistill.Cli.Terminal;

/// <summary>Options that several verbs share.</summary>
internal static class CommonOptions
{
    /// <summary>The <c>--robot</c> option.</summary>
    public static Option<string> Robot() => VerbOptions.Value("--robot", "a robot file, or the name of one in robots/", "simulated_agv", "FILE|NAME");

    /// <summary>The <c>--overwrite</c> switch.</summary>
    public static Option<bool> Overwrite() => new("--overwrite") { Description = "replace what is already at --output" };

    /// <summary>Loads a robot by file or by name.</summary>
    /// <exception cref="UserErrorException">There is no such robot, or its file is wrong.</exception>
    public static RobotConfig LoadRobot(string robot) => RobotConfig.Load(RobotFile.Find(robot, "--robot"));

    /// <summary>
    /// The bags a path stands for: itself when it is a bag, else every bag one level below it, in order of name.
    /// </summary>
    /// <exception cref="UserErrorException">There is no bag.</exception>
    public static IReadOnlyList<string> ExpandBags(IEnumerable<string> paths) => BagPaths.Expand(paths);

    /// <summary>The longest horizon of a robot's outputs [s]: so far apart must training and validation windows be.</summary>
    public static double LongestHorizon(RobotConfig robot) => robot.LongestHorizon();
}
