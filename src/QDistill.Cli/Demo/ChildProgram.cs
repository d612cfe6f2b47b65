using System.Diagnostics;
using System.Globalization;
using QDistill.Cli.Terminal;
using QDistill.Configuration;

namespace QDistill.Cli.Demo;

/// <summary>One of our own programs as a child process with its output in a log file. It is ended in order by SIGTERM, and ends by itself when this process is gone.</summary>
internal sealed class ChildProgram : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly Process process;
    private readonly StreamWriter log;
    private readonly string name;

    /// <summary>Starts it.</summary>
    /// <param name="folder">Where its log goes.</param>
    /// <param name="domain">Its DDS domain, on the loopback interface only.</param>
    /// <param name="arguments">The verb and its arguments.</param>
    public ChildProgram(string folder, int domain, params string[] arguments)
    {
        name = arguments[0] == "node" ? arguments[1] : arguments[0];
        Log = Path.Combine(folder, name + ".log");
        log = new StreamWriter(Log) { AutoFlush = true };
        ProcessStartInfo start = OwnProgram.Start(arguments);
        start.Environment["ROS_DOMAIN_ID"] = domain.ToString(CultureInfo.InvariantCulture);
        start.Environment["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST";
        try
        {
            process = Process.Start(start)!;
        }
        catch
        {
            log.Dispose();
            throw;
        }

        process.OutputDataReceived += Write;
        process.ErrorDataReceived += Write;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The log file.</summary>
    public string Log { get; }

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => process.HasExited;

    /// <summary>Throws when it ended and should not have, or ended in failure.</summary>
    /// <param name="mayEnd">Whether an end with exit code 0 is in order.</param>
    /// <param name="cancellation">A cancelled run's children end by the same signal: then that is the reason.</param>
    /// <exception cref="UserErrorException">It ended early, with its last line.</exception>
    public void RequireSound(bool mayEnd, CancellationToken cancellation)
    {
        if (!process.HasExited || (mayEnd && process.ExitCode == 0))
        {
            return;
        }

        // A Ctrl-C reaches all of a terminal's processes, not always this one first.
        if (process.ExitCode is 0 or ExitCode.Interrupted)
        {
            cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(0.5));
        }

        cancellation.ThrowIfCancellationRequested();
        process.WaitForExit();
        string last;
        lock (log)
        {
            last = File.ReadLines(Log).LastOrDefault(line => line.Length > 0) ?? "it said nothing";
        }

        throw new UserErrorException($"ended early with exit code {process.ExitCode} ({last.TrimEnd('.')})", name, $"read {Log}");
    }

    /// <summary>Ends it and waits for its end.</summary>
    public void Dispose()
    {
        if (!process.HasExited)
        {
            using (Process kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]))
            {
                kill.WaitForExit();
            }

            if (!process.WaitForExit(Patience))
            {
                process.Kill(entireProcessTree: true);
            }
        }

        process.Dispose();
        lock (log)
        {
            log.Dispose();
        }
    }

    private void Write(object sender, DataReceivedEventArgs e)
    {
        lock (log)
        {
            if (e.Data is not null && log.BaseStream is { CanWrite: true })
            {
                log.WriteLine(e.Data);
            }
        }
    }
}
