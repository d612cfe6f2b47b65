using System.Collections.Concurrent;
using System.Diagnostics;

namespace QDistill.Ros.Tests;

/// <summary>A peer program that prints one line per event and ends when its standard input is closed.</summary>
internal sealed class LineProcess : IDisposable
{
    private readonly Process process;
    private readonly BlockingCollection<string> lines = [];
    private readonly List<string> seen = [];
    private readonly List<string> errors = [];

    public LineProcess(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in new[] { "ROS_DOMAIN_ID", "ROS_LOCALHOST_ONLY", "CYCLONEDDS_URI", "ROS_STATIC_PEERS", "ROS_AUTOMATIC_DISCOVERY_RANGE", "ROS_DISTRO" })
        {
            start.Environment.Remove(name);
        }

        process = Process.Start(start)!;
        process.OutputDataReceived += (_, e) =>
        {
            if (e.Data is not null)
            {
                lines.Add(e.Data);
            }
            else
            {
                lines.CompleteAdding();
            }
        };
        process.ErrorDataReceived += (_, e) =>
        {
            lock (errors)
            {
                errors.Add(e.Data ?? string.Empty);
            }
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public static string FastDdsPath => Path.Combine(SharedData.Repository, "artifacts", "interop", "fastdds_peer");

    public int Id => process.Id;

    /// <summary>Everything printed so far.</summary>
    public IReadOnlyList<string> Seen
    {
        get
        {
            while (lines.TryTake(out string? line))
            {
                seen.Add(line);
            }

            return seen;
        }
    }

    public static LineProcess Ros(int domain, params string[] arguments)
    {
        string dll = Path.Combine(SharedData.Repository, "artifacts", "bin", "RosPeer", AppContext.BaseDirectory.Contains("/debug/", StringComparison.Ordinal) ? "debug" : "release", "RosPeer.dll");
        return new LineProcess("dotnet", [dll, $"{domain}", .. arguments]);
    }

    public static LineProcess FastDds(int domain, params string[] arguments) => new(FastDdsPath, [$"{domain}", .. arguments]);

    /// <summary>Waits for a line that begins so, after the lines already returned.</summary>
    public string Await(string prefix) => Await(l => l.StartsWith(prefix, StringComparison.Ordinal), prefix);

    public string Await(Func<string, bool> wanted, string what)
    {
        var time = Stopwatch.StartNew();
        while (time.Elapsed < TestNodes.Patience)
        {
            if (lines.TryTake(out string? line, 100))
            {
                seen.Add(line);
                if (wanted(line))
                {
                    return line;
                }
            }
            else if (lines.IsCompleted)
            {
                break;
            }
        }

        lock (errors)
        {
            throw new Xunit.Sdk.XunitException($"no line '{what}' from the peer; it said:\n{string.Join('\n', seen)}\n{string.Join('\n', errors)}");
        }
    }

    /// <summary>Closes its input and waits for its orderly end.</summary>
    public int Close()
    {
        process.StandardInput.Close();
        Assert.True(process.WaitForExit(TestNodes.Patience), "the peer did not end");
        process.WaitForExit();
        return process.ExitCode;
    }

    public void Kill() => process.Kill();

    /// <summary>Sends it an empty line: what it waits for before it begins.</summary>
    public void Go() => process.StandardInput.WriteLine();

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }

        process.Dispose();
    }
}

/// <summary>A fact that needs the Fast DDS peer program.</summary>
public sealed class FastDdsFactAttribute : FactAttribute
{
    public FastDdsFactAttribute() => Skip = File.Exists(LineProcess.FastDdsPath) ? null : "fastdds_peer was not built: libfastrtps-dev is not installed";
}
