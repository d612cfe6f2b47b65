using QDistill.Configuration;

namespace QDistill.Features;

/// <summary>Finds the file of a robot that is given by file or by name.</summary>
public static class RobotFile
{
    /// <summary>The file of a robot: a path to it, or the name of one in <c>robots/</c>.</summary>
    /// <param name="robot">The path or the name.</param>
    /// <param name="where">The option or parameter that gave it, for messages.</param>
    /// <exception cref="UserErrorException">There is no robot of that name.</exception>
    public static string Find(string robot, string where)
    {
        if (File.Exists(robot) || robot.Contains('/', StringComparison.Ordinal) || robot.EndsWith(".yaml", StringComparison.Ordinal))
        {
            return Installation.Find(robot);
        }

        string shipped = Installation.PathOf(Path.Combine("robots", robot + ".yaml"));
        if (!File.Exists(shipped))
        {
            string[] names = [.. Directory.EnumerateFiles(Installation.PathOf("robots"), "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];
            throw new UserErrorException($"there is no robot '{robot}'", where, NearestKey.Hint(robot, names) ?? "give a robot file");
        }

        return shipped;
    }
}
