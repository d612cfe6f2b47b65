namespace QDistill.Ros;

/// <summary>
/// What the variables <c>RCUTILS_CONSOLE_OUTPUT_FORMAT</c>, <c>RCUTILS_LOGGING_USE_STDOUT</c>, <c>RCUTILS_LOGGING_BUFFERED_STREAM</c> and
/// <c>RCUTILS_COLORIZED_OUTPUT</c> say of the console. A value that is none of 0 and 1 warns once and counts as not set.
/// </summary>
/// <param name="Format">The lines.</param>
/// <param name="UseStandardOutput">Standard output instead of standard error.</param>
/// <param name="Colours">Whether lines are coloured; by default on a terminal.</param>
/// <param name="Warnings">What was not understood.</param>
public sealed record ConsoleLogOptions(ConsoleFormat Format, bool UseStandardOutput, bool Colours, IReadOnlyList<string> Warnings)
{
    private const string Reset = "\u001b[0m";

    internal TextWriter Stream => UseStandardOutput ? Console.Out : Console.Error;

    /// <summary>Reads the variables.</summary>
    /// <param name="read">Reads a variable.</param>
    /// <param name="terminal">Whether lines go to the process's own streams, which may be a terminal.</param>
    public static ConsoleLogOptions Read(Func<string, string?> read, bool terminal = true)
    {
        var warnings = new List<string>();
        bool? Flag(string name, string zero, string one)
        {
            switch (read(name))
            {
                case null or "":
                    return null;
                case "0":
                    return false;
                case "1":
                    return true;
                case var other:
                    warnings.Add($"unexpected value [{other}] specified for {name}. Valid values are 0 ({zero}) or 1 ({one}).");
                    return null;
            }
        }

        bool standardOutput = Flag("RCUTILS_LOGGING_USE_STDOUT", "use stderr", "use stdout") ?? false;

        // We write whole lines at once, which is what both values promise.
        _ = Flag("RCUTILS_LOGGING_BUFFERED_STREAM", "not buffered", "buffered");
        bool? colours = Flag("RCUTILS_COLORIZED_OUTPUT", "force no color", "force color");
        return new ConsoleLogOptions(
            new ConsoleFormat(read("RCUTILS_CONSOLE_OUTPUT_FORMAT") is { Length: > 0 } format ? format : ConsoleFormat.Default),
            standardOutput,
            colours ?? (terminal && !(standardOutput ? Console.IsOutputRedirected : Console.IsErrorRedirected)),
            warnings);
    }

    /// <summary>A line in its severity's colour.</summary>
    internal static string Coloured(LogSeverity severity, string line) => severity switch
    {
        LogSeverity.Debug => "\u001b[32m",
        LogSeverity.Info => Reset,
        LogSeverity.Warn => "\u001b[33m",
        _ => "\u001b[31m",
    } + line + Reset;
}
