using System.CommandLine;
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
    public static IReadOnlyList<string> ExpandBags(IEnumerable<string> paths)
    {
        var bags = new List<string>();
        foreach (string path in paths)
        {
            if (!Path.Exists(path))
            {
                throw new UserErrorException("does not exist", path, "give a bag's folder, a .mcap or .db3 file, or a folder of bags");
            }

            if (!Directory.Exists(path) || IsBag(path))
            {
                bags.Add(path);
                continue;
            }

            string[] below = [.. Directory.EnumerateDirectories(path).Where(IsBag).Order(StringComparer.Ordinal)];
            if (below.Length == 0)
            {
                throw new UserErrorException("holds no bag", path, "give a bag's folder, a .mcap or .db3 file, or a folder of bags");
            }

            bags.AddRange(below);
        }

        return bags;
    }

    /// <summary>The longest horizon of a robot's outputs [s]: so far apart must training and validation windows be.</summary>
    public static double LongestHorizon(RobotConfig robot) => robot.Constraints.Select(c => c.Horizon).Append(robot.Horizon).Max();

    private static bool IsBag(string folder) =>
        File.Exists(Path.Combine(folder, "metadata.yaml")) || Directory.EnumerateFiles(folder).Any(f => f.EndsWith(".mcap", StringComparison.Ordinal) || f.EndsWith(".db3", StringComparison.Ordinal)
            || f.EndsWith(".mcap.zstd", StringComparison.Ordinal) || f.EndsWith(".db3.zstd", StringComparison.Ordinal));
}
