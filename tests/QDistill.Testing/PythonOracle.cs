using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace QDistill.Testing;

/// <summary>Debian's Python, asked what its libraries make of the same numbers.</summary>
public static class PythonOracle
{
    /// <summary>The JSON that a script prints for a question, which it reads as JSON from its standard input; one thread, so that answers do not depend on the machine.</summary>
    /// <param name="script">The script's path below the folder <c>tests</c>.</param>
    /// <param name="question">What to ask.</param>
    public static JsonNode Ask(string script, object question)
    {
        var start = new ProcessStartInfo("/usr/bin/python3", [Path.Combine(SharedData.Repository, "tests", script)]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment["OPENBLAS_NUM_THREADS"] = "1";
        using Process python = Process.Start(start)!;
        Task<string> output = python.StandardOutput.ReadToEndAsync(), error = python.StandardError.ReadToEndAsync();
        python.StandardInput.Write(JsonSerializer.Serialize(question));
        python.StandardInput.Close();
        python.WaitForExit();
        Assert.True(python.ExitCode == 0, error.Result);
        return JsonNode.Parse(output.Result)!;
    }
}
