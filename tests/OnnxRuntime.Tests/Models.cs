using System.Diagnostics;
using System.Text.Json;

namespace Microsoft.ML.OnnxRuntime.Tests;

/// <summary>Models that python3-onnx wrote, and numpy's answers, once for all tests of a class.</summary>
public sealed class Models : IDisposable
{
    private readonly TempDirectory folder = new();

    public Models()
    {
        var start = new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "make_models.py"), folder.Path]);
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        Expected = JsonSerializer.Deserialize<Dictionary<string, float[]>>(File.ReadAllText(folder["mlp.json"]))!;
    }

    public Dictionary<string, float[]> Expected { get; }

    public string Mlp => folder["mlp.onnx"];

    public string Typed => folder["typed.onnx"];

    public void Dispose() => folder.Dispose();
}
