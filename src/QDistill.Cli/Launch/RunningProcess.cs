using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using QDistill.Cli.Terminal;

namespace QDistill.Cli.Launch;

/// <summary>A started process of a launch: its lines come out with its name before them.</summary>
internal sealed partial class RunningProcess : IDisposable
{
    private readonly Process process;
    private readonly TextWriter output;
    private readonly TextWriter errors;
    private string lastLine = string.Empty;

    /// <summary>Starts it.</summary>
    /// <param name="launched">What to start.</param>
    /// <param name="label">Its name and number.</param>
    /// <param name="output">Where its output goes.</param>
    /// <param name="errors">Where its errors go.</param>
    public RunningProcess(LaunchedProcess launched, string label, TextWriter output, TextWriter errors)
    {
        Launched = launched;
        Label = label;
        this.output = output;
        this.errors = errors;
        process = Process.Start(OwnProgram.Start(launched.Command))!;
        Ended = PumpAsync();
    }

    /// <summary>What was started.</summary>
    public LaunchedProcess Launched { get; }

    /// <summary>Its name and number, such as <c>onboard-1</c>.</summary>
    public string Label { get; }

    /// <summary>Its process id.</summary>
    public int Id => process.Id;

    /// <summary>Done when it has ended and all its lines are out; the exit code.</summary>
    public Task<int> Ended { get; }

    /// <summary>The last line it wrote, without what a logger or the command line puts before it and without the full stop.</summary>
    public string LastLine => LogPrefix().Replace(lastLine, string.Empty).Trim().TrimEnd('.');

    /// <summary>Cancelled when it ends; stops what is done on its behalf.</summary>
    public CancellationTokenSource Life { get; } = new();

    /// <summary>Sends it a signal; nothing when it has ended.</summary>
    public void Signal(int signal)
    {
        if (!process.HasExited)
        {
            _ = Kill(process.Id, signal);
        }
    }

    /// <summary>Lets go of it.</summary>
    public void Dispose()
    {
        process.Dispose();
        Life.Dispose();
    }

    private async Task<int> PumpAsync()
    {
        await Task.WhenAll(Pump(process.StandardOutput, output), Pump(process.StandardError, errors), process.WaitForExitAsync()).ConfigureAwait(false);
        await Life.CancelAsync().ConfigureAwait(false);
        return process.ExitCode;
    }

    private async Task Pump(StreamReader from, TextWriter to)
    {
        while (await from.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            lastLine = line.Length > 0 ? line : lastLine;
            await to.WriteLineAsync($"[{Label}] {line}").ConfigureAwait(false);
        }
    }

    [GeneratedRegex(@"^(\[[A-Z]+\] \[[\d.]+\] \[[^\]]*\]: |qdistill: )")]
    private static partial Regex LogPrefix();

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
