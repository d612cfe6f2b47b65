using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace QDistill.Metrics.Tests;

/// <summary>Asks scikit-learn and SciPy, through Debian's Python, what they make of the same numbers.</summary>
internal static class Oracle
{
    public static JsonArray Ask(params object[] questions)
    {
        string script = Path.Combine(SharedData.Repository, "tests", "QDistill.Metrics.Tests", "oracle.py");
        var start = new ProcessStartInfo("/usr/bin/python3", [script]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment["OPENBLAS_NUM_THREADS"] = "1";
        using Process python = Process.Start(start)!;
        Task<string> output = python.StandardOutput.ReadToEndAsync(), error = python.StandardError.ReadToEndAsync();
        python.StandardInput.Write(JsonSerializer.Serialize(questions));
        python.StandardInput.Close();
        python.WaitForExit();
        Assert.True(python.ExitCode == 0, error.Result);
        return JsonNode.Parse(output.Result)!.AsArray();
    }

    public static double Number(this JsonNode? answer, string key) => answer![key]!.GetValue<double>();
}
