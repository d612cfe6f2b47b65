using System.Diagnostics;
using System.Text.Json;

namespace QDistill.Launch.Tests;

/// <summary>Programs that the tests use as judges.</summary>
internal static class Tools
{
    /// <summary>Runs a program to its end.</summary>
    public static (int ExitCode, string Output, string Errors) Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(5)), program + " hangs");
        return (process.ExitCode, output, errors.Result);
    }

    /// <summary>Runs one of this folder's Python programs, which must succeed, with Debian's interpreter.</summary>
    public static string Python(string script, params string[] arguments)
    {
        (int code, string output, string errors) = Run("/usr/bin/python3", ["-B", Path.Combine(AppContext.BaseDirectory, script), .. arguments]);
        Assert.True(code == 0, $"{script} {string.Join(' ', arguments)}\n{output}\n{errors}");
        return output;
    }

    /// <summary>The same, with JSON as its output.</summary>
    public static JsonElement PythonJson(string script, params string[] arguments) => JsonDocument.Parse(Python(script, arguments)).RootElement;

    /// <summary>A file of the repository.</summary>
    public static string Repository(params string[] parts) => Path.Combine([SharedData.Repository, .. parts]);
}
