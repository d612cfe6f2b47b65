using QDistill.Configuration;
using QDistill.Ros;

namespace QDistill.Cli.Terminal;

/// <summary>The part of the command line between <c>--ros-args</c> and <c>--</c>, which every ROS program understands.</summary>
internal static class RosCommandLine
{
    private static readonly string[] Verbs = ["node", "play"];

    /// <summary>ROS's arguments of this process.</summary>
    public static RosArguments Arguments { get; private set; } = RosArguments.None;

    /// <summary>Takes ROS's arguments out of the command line and gives the rest.</summary>
    /// <exception cref="UserErrorException">One is unknown or malformed, a parameter file cannot be used, or the verb starts no node.</exception>
    public static string[] Take(string[] arguments)
    {
        if (!arguments.Contains("--ros-args"))
        {
            return arguments;
        }

        string? verb = arguments.FirstOrDefault(a => !a.StartsWith('-'));
        if (verb is not null && !Verbs.Contains(verb))
        {
            throw new UserErrorException($"'{verb}' starts no ROS node and takes no ROS arguments", "--ros-args", $"verbs that do: {string.Join(", ", Verbs)}");
        }

        Arguments = RosArguments.Parse(arguments);
        return [.. Arguments.Remaining];
    }
}
