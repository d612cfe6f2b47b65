using QDistill.Configuration;

namespace QDistill.Ros;

/// <summary>
/// The arguments between <c>--ros-args</c> and <c>--</c>, with rcl's meaning: renamings (<c>-r</c>), parameters (<c>-p</c>, <c>--params-file</c>), log levels, the
/// enclave. Give them to <see cref="RosContextOptions.Arguments"/> for all nodes of a process or to <see cref="NodeOptions.Arguments"/> for one node.
/// </summary>
public sealed record RosArguments
{
    /// <summary>No arguments.</summary>
    public static RosArguments None { get; } = new();

    /// <summary>What is not ROS's, in its order: the program's own arguments.</summary>
    public IReadOnlyList<string> Remaining { get; init; } = [];

    /// <summary>The renamings, in their order.</summary>
    public RemapRules Remaps { get; init; } = RemapRules.None;

    /// <summary>The values for parameters, from <c>-p</c> and from files.</summary>
    public ParameterOverrides Parameters { get; init; } = ParameterOverrides.None;

    /// <summary>The parameter files that were read, as given.</summary>
    public IReadOnlyList<string> ParameterFiles { get; init; } = [];

    /// <summary>The level of all loggers that have none of their own; <see cref="LogSeverity.Unset"/>: ROS's default, INFO.</summary>
    public LogSeverity LogLevel { get; init; }

    /// <summary>The levels of single loggers and of those beneath them, in their order.</summary>
    public IReadOnlyList<(string Logger, LogSeverity Level)> LoggerLevels { get; init; } = [];

    /// <summary>The first part of the log file's name; null: the program's name.</summary>
    public string? LogFileName { get; init; }

    /// <summary>A configuration for the log file's writer. ROS's default writer has none and neither has ours: a context refuses it.</summary>
    public string? LogConfigFile { get; init; }

    /// <summary>Whether logs go to /rosout.</summary>
    public bool RosOutLogs { get; init; } = true;

    /// <summary>Whether logs go to the console.</summary>
    public bool ConsoleLogs { get; init; } = true;

    /// <summary>Whether logs go to the log file.</summary>
    public bool FileLogs { get; init; } = true;

    /// <summary>The security enclave, or null.</summary>
    public string? Enclave { get; init; }

    /// <summary>What should be written otherwise; a context logs it.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Reads a command line, without the program's name.</summary>
    /// <exception cref="UserErrorException">An argument is unknown or malformed, or a parameter file cannot be used: the sentence names argument, or file and line, and what to do.</exception>
    public static RosArguments Parse(params IReadOnlyList<string> arguments) => new RosArgumentParser().Parse(arguments);
}
