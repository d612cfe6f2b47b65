using System.Diagnostics;

namespace QDistill.Cli.Terminal;

/// <summary>This program as a child process.</summary>
internal static class OwnProgram
{
    /// <summary>How to start it: all three streams are ours, and it ends by itself when this process is gone.</summary>
    /// <param name="arguments">The verb and its arguments.</param>
    public static ProcessStartInfo Start(IEnumerable<string> arguments)
    {
        string program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "qdistill.dll"));
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[ParentWatch.Variable] = "1";
        return start;
    }
}
