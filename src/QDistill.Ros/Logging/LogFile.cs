using System.Globalization;
using System.Text;

namespace QDistill.Ros;

/// <summary>A process's log file in ROS's folder, <c>NAME_PID_MILLISECONDS.log</c>; created with its first line, and each line is written through.</summary>
internal sealed class LogFile(string folder, string? prefix) : IDisposable
{
    private StreamWriter? writer;

    /// <summary>The path.</summary>
    public string Path { get; } = System.IO.Path.Combine(
        folder,
        string.Create(CultureInfo.InvariantCulture, $"{(string.IsNullOrEmpty(prefix) ? ProgramName : prefix)}_{Environment.ProcessId}_{Clock.SystemNow / 1_000_000}.log"));

    private static string ProgramName => System.IO.Path.GetFileNameWithoutExtension(Environment.GetCommandLineArgs()[0]) is { Length: > 0 } name ? name : "node";

    /// <summary><c>ROS_LOG_DIR</c>, else <c>log</c> in <c>ROS_HOME</c>, else <c>.ros/log</c> in the home folder; null when <c>RCL_LOGGING_IMPLEMENTATION</c> names the one that writes none.</summary>
    public static string? FolderOf(Func<string, string?> read)
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        string Expanded(string path) => path == "~" || path.StartsWith("~/", StringComparison.Ordinal) ? home + path[1..] : path;
        return read("RCL_LOGGING_IMPLEMENTATION") == "rcl_logging_noop" ? null
            : read("ROS_LOG_DIR") is { Length: > 0 } folder ? Expanded(folder)
            : System.IO.Path.Combine(read("ROS_HOME") is { Length: > 0 } ros ? Expanded(ros) : System.IO.Path.Combine(home, ".ros"), "log");
    }

    /// <returns>False when the file cannot be written; the sentence says why, and nothing more is written.</returns>
    public bool TryWrite(string line, out string? trouble)
    {
        try
        {
            writer ??= Open();
            writer.WriteLine(line);
            trouble = null;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            trouble = $"no log file is written: {Path}: {e.Message.TrimEnd('.')}; set ROS_LOG_DIR to a folder that can be written";
            Dispose();
            return false;
        }
    }

    public void Dispose()
    {
        try
        {
            writer?.Dispose();
        }
        catch (IOException)
        {
            // The disk is full; the console has the lines.
        }

        writer = null;
    }

    private StreamWriter Open()
    {
        Directory.CreateDirectory(folder);
        return new StreamWriter(new FileStream(Path, FileMode.Append, FileAccess.Write, FileShare.Read), new UTF8Encoding(false)) { AutoFlush = true };
    }
}
