using System.Diagnostics;
using System.Text.Json;
using TorchSharp;

namespace TorchSharp.Tests;

/// <summary>What PyTorch (Debian's python3-torch, the same libtorch) computes for the same seeds and inputs.</summary>
public static class Oracle
{
    private static readonly Lazy<Dictionary<string, double[]>> Values = new(Run);

    public static double[] Get(string name) => Values.Value[name];

    public static IEnumerable<string> Names(string prefix) => Values.Value.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>Compares with a relative and absolute tolerance, counted against the largest number.</summary>
    public static void AssertSame(string name, torch.Tensor actual, double tolerance = 1e-6)
    {
        using torch.Tensor flat = actual.detach().to_type(torch.ScalarType.Float64).contiguous();
        AssertSame(name, flat.data<double>().ToArray(), tolerance);
    }

    public static void AssertSame(string name, double[] actual, double tolerance = 1e-6)
    {
        double[] expected = Get(name);
        Assert.True(expected.Length == actual.Length, $"{name}: {actual.Length} numbers instead of {expected.Length}");
        double scale = Math.Max(1, expected.Max(Math.Abs));
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * scale, $"{name}[{i}]: {actual[i]:R} instead of {expected[i]:R}");
        }
    }

    private static Dictionary<string, double[]> Run()
    {
        var start = new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "oracle.py")]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string json = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return JsonSerializer.Deserialize<Dictionary<string, double[]>>(json)!;
    }
}
