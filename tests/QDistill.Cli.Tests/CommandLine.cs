using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace QDistill.Cli.Tests;

/// <summary>What a finished run of the program left behind.</summary>
public sealed partial record Run(int ExitCode, string Output, string Errors)
{
    /// <summary>
    /// One clear sentence on stderr, nothing on stdout, exit code 1: what every refusal must look like. A machine that is busy for longer than a progress line's period may show such lines before.
    /// </summary>
    public string Refusal()
    {
        Assert.True(ExitCode == 1, $"exit code {ExitCode}\n{Output}\n{Errors}");
        Assert.Equal(string.Empty, Output);
        string line = Assert.Single(Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), l => !ProgressLine().IsMatch(l));
        Assert.StartsWith("qdistill: ", line);
        Assert.EndsWith(".", line);
        Assert.DoesNotContain("Exception", line);
        return line["qdistill: ".Length..];
    }

    [GeneratedRegex(@"^[a-z].*: \d+ ?%(, \d+ s left)?$")]
    private static partial Regex ProgressLine();

    public Run Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Output}\n{Errors}");
        return this;
    }
}

/// <summary>The built command line as a child process, as a user starts it: no terminal, standard input closed.</summary>
public sealed class CommandLine : IDisposable
{
    private static readonly string Executable = Path.Combine(AppContext.BaseDirectory, "qdistill");

    // Nodes write log files; not into the home of whoever runs the tests.
    private static readonly string Logs = Path.Combine(Path.GetTempPath(), "qdistill-test-logs");
    private readonly Process process;
    private readonly StringBuilder output = new(), errors = new();

    private CommandLine(IReadOnlyDictionary<string, string?> environment, string? folder, string[] arguments)
    {
        var start = new ProcessStartInfo(Executable, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        start.Environment["QDISTILL_HOME"] = SharedData.Repository;
        start.Environment["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST";
        start.Environment["ROS_LOG_DIR"] = Logs;
        start.Environment.Remove("QDISTILL_TRACE");
        foreach ((string name, string? value) in environment)
        {
            start.Environment[name] = value;
        }

        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, e) => Append(output, e.Data);
        process.ErrorDataReceived += (_, e) => Append(errors, e.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => process.Id;

    public bool HasEnded => process.HasExited;

    public string Said
    {
        get
        {
            lock (output)
            {
                return output.ToString() + errors;
            }
        }
    }

    public static CommandLine Start(int domain, params string[] arguments) =>
        new(new Dictionary<string, string?> { ["ROS_DOMAIN_ID"] = domain.ToString(CultureInfo.InvariantCulture) }, null, arguments);

    public static CommandLine Begin(params string[] arguments) => new(new Dictionary<string, string?>(), null, arguments);

    public static Run Run(params string[] arguments) => RunIn(null, new Dictionary<string, string?>(), arguments);

    public static Run RunIn(string? folder, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        using var program = new CommandLine(environment, folder, arguments);
        return program.Wait();
    }

    public void Signal(string name)
    {
        using Process kill = Process.Start("kill", ["-" + name, process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public Run Wait()
    {
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(120)), "the program hangs: " + Said);
        process.WaitForExit();
        lock (output)
        {
            return new Run(process.ExitCode, output.ToString(), errors.ToString());
        }
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        process.Dispose();
    }

    private void Append(StringBuilder to, string? line)
    {
        if (line is not null)
        {
            lock (output)
            {
                to.Append(line).Append('\n');
            }
        }
    }
}
