using System.Diagnostics;
using System.Text.Json;
using QDistill.Distillation.Signals;
using QDistill.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace QDistill.Distillation.Tests.Signals;

/// <summary>What tests of signals share: batches with one thing varied, finite differences, and PyTorch.</summary>
internal static class SignalHarness
{
    public static float[] Normal(ref Philox rng, int n, double scale = 1)
    {
        float[] values = new float[n];
        for (int i = 0; i < n; i++)
        {
            values[i] = (float)(scale * rng.NextGaussian());
        }

        return values;
    }

    /// <summary>A batch of b rows whose student layers are zeros but for those given.</summary>
    public static SignalBatch Batch(int rows, Tensor? logits = null, Tensor? hidden = null) =>
        new(logits ?? zeros(rows, 2), hidden ?? zeros(rows, 3), null, null, zeros(rows, 2), zeros(rows, 2));

    public static double Loss(ISignal signal, SignalBatch batch)
    {
        using DisposeScope inner = NewDisposeScope();
        return signal.Loss(batch).item<float>();
    }

    /// <summary>Holds the gradient of a loss by <paramref name="x"/> to central differences.</summary>
    public static void GradientEqualsDifferences(Func<Tensor, Tensor> loss, float[] x, long[] shape, double step = 0.02, double tolerance = 5e-4)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor leaf = tensor(x, shape).requires_grad_();
        loss(leaf).backward();
        float[] gradient = leaf.grad!.reshape(-1).data<float>().ToArray();
        Assert.Contains(gradient, g => Math.Abs(g) > 1e-4);
        for (int i = 0; i < x.Length; i++)
        {
            float[] up = [.. x], down = [.. x];
            up[i] += (float)step;
            down[i] -= (float)step;
            double difference = (Value(up) - Value(down)) / ((double)up[i] - down[i]);
            Assert.True(Math.Abs(difference - gradient[i]) < tolerance, $"entry {i}: {gradient[i]} by autograd, {difference} by differences");
        }

        double Value(float[] v)
        {
            using IDisposable noGrad = no_grad();
            return loss(tensor(v, shape)).item<float>();
        }
    }

    public static JsonElement Python(string script, object input)
    {
        using Process process = Process.Start(new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "Signals", script)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(JsonSerializer.Serialize(input));
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error.Result);
        return JsonDocument.Parse(output).RootElement;
    }
}
