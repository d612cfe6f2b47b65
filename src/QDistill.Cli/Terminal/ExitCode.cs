namespace QDistill.Cli.Terminal;

/// <summary>What the process's exit code means, besides 0 (done) and 1 (refused, with a sentence on stderr).</summary>
internal static class ExitCode
{
    /// <summary>Something was checked and found wanting (doctor, bag check, acceptance).</summary>
    public const int CheckFailed = 3;

    /// <summary>A process of a launch failed: this plus its number, so 11 for the first.</summary>
    public const int LaunchedProcess = 10;

    /// <summary>A defect in QDistill itself (EX_SOFTWARE of sysexits.h).</summary>
    public const int InternalError = 70;

    /// <summary>Ended by SIGINT or SIGTERM in an orderly way.</summary>
    public const int Interrupted = 130;
}
