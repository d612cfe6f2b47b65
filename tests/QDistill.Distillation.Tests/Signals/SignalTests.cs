using System.Diagnostics;
using System.Text.Json;
using QDistill.Distillation.Signals;
using QDistill.Numerics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Tests.Signals;

public sealed class SignalTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Hard_is_the_cross_entropy_of_labelled_entries_alone()
    {
        SignalBatch batch = Batch([0.3f, -1.2f, 2f, 0.5f], truth: [1, 0, 1, 1], mask: [1, 1, 0, 0]);
        // (ln(1 + e^-0.3) + ln(1 + e^-1.2)) / 2
        Assert.Equal((0.554355 + 0.263283) / 2, Loss(new HardSignal(1), batch), 1e-5);
    }

    [Fact]
    public void Hard_without_any_label_is_zero_and_has_no_gradient()
    {
        SignalBatch batch = Batch([0.3f, -1.2f], truth: [0, 0], mask: [0, 0]);
        (double loss, float[] gradient) = Gradient(new HardSignal(1), batch);
        Assert.Equal(0, loss);
        Assert.All(gradient, g => Assert.Equal(0, g));
    }

    [Fact]
    public void Soft_at_temperature_2_matches_the_sum_by_hand()
    {
        SignalBatch batch = Batch([1f, -0.5f], p: [0.9f, 0.2f]);
        // Targets σ(logit(p)/2): 0.75 and 1/3; student σ(z/2). T² = 4, mean of two entries.
        double Bce(double z, double t) => Math.Log(1 + Math.Exp(z)) - (t * z);
        Assert.Equal(4 * (Bce(0.5, 0.75) + Bce(-0.25, 1 / 3.0)) / 2, Loss(new SoftSignal(1, 2), batch), 1e-5);
    }

    [Fact]
    public void Soft_at_temperature_1_is_the_plain_cross_entropy_with_the_probabilities()
    {
        float[] z = [1f, -0.5f, 0.2f, 3f], p = [0.9f, 0.2f, 0.5f, 0.01f];
        double expected = Enumerable.Range(0, 4).Average(i => -(p[i] * Math.Log(Sigmoid(z[i]))) - ((1 - p[i]) * Math.Log(1 - Sigmoid(z[i]))));
        Assert.Equal(expected, Loss(new SoftSignal(1, 1), Batch(z, p: p)), 1e-5);
    }

    [Fact]
    public void Soft_at_high_temperature_matches_logits()
    {
        // Hinton et al. §2.1: the gradient tends to (z − v) / 4 per entry, and T² keeps its size.
        float[] z = [1f, -0.5f, 2f, 0f], p = [0.9f, 0.2f, 0.5f, 0.7f];
        (_, float[] gradient) = Gradient(new SoftSignal(1, 50), Batch(z, p: p));
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal((z[i] - Math.Log(p[i] / (1 - p[i]))) / 4 / 4, gradient[i], 2e-3);
        }
    }

    [Fact]
    public void Soft_is_finite_and_steers_the_right_way_for_certain_teachers()
    {
        (double loss, float[] gradient) = Gradient(new SoftSignal(1, 2), Batch([0f, 0f], p: [1f, 0f]));
        Assert.True(double.IsFinite(loss));
        Assert.True(gradient[0] < 0 && gradient[1] > 0);
    }

    [Fact]
    public void Soft_has_no_gradient_where_the_student_equals_the_teacher()
    {
        float[] p = [0.9f, 0.2f];
        (_, float[] gradient) = Gradient(new SoftSignal(1, 3), Batch([.. p.Select(v => (float)Math.Log(v / (1 - v)))], p: p));
        Assert.All(gradient, g => Assert.Equal(0, g, 1e-6));
    }

    [Fact]
    public void Expectations_are_compared_with_a_linear_projection_of_the_hidden_layer()
    {
        var signal = new ExpectationSignal(1, hidden: 3, observables: 2, seed: 4);
        Parameter[] head = [.. signal.Parameters];
        float[] w = head[0].detach().reshape(-1).data<float>().ToArray(), h = [0.5f, -1f, 2f], e = [0.3f, -0.8f];
        Assert.All(w, v => Assert.InRange(v, -1, 1)); // bound √(3/3)
        double sum = 0;
        for (int o = 0; o < 2; o++)
        {
            double projected = Enumerable.Range(0, 3).Sum(i => (double)w[(o * 3) + i] * h[i]);
            sum += (projected - e[o]) * (projected - e[o]);
        }

        Assert.Equal(sum / 2, Loss(signal, new SignalBatch(zeros(1, 1), tensor(h).reshape(1, 3), null, tensor(e).reshape(1, 2), zeros(1, 1), zeros(1, 1))), 1e-5);
    }

    [Fact]
    public void A_signal_without_its_teacher_says_so()
    {
        SignalBatch batch = Batch([0f, 0f]);
        Assert.Contains("needs a teacher", Assert.Throws<InvalidOperationException>(() => new SoftSignal(1, 2).Loss(batch)).Message);
        Assert.Contains("needs a teacher", Assert.Throws<InvalidOperationException>(() => new ExpectationSignal(1, 4, 2, 1).Loss(batch)).Message);
    }

    [Theory]
    [InlineData("hard")]
    [InlineData("soft")]
    [InlineData("expectations")]
    public void Gradients_equal_finite_differences(string name)
    {
        const int Rows = 5, Outputs = 2, Hidden = 4, Observables = 3;
        var rng = new Philox(9);
        float[] Normal(int n) => [.. Enumerable.Range(0, n).Select(_ => (float)rng.NextGaussian())];
        float[] z = Normal(Rows * Outputs), h = Normal(Rows * Hidden), e = Normal(Rows * Observables), p = [.. Normal(Rows * Outputs).Select(v => (float)Sigmoid(v))];
        float[] truth = [.. Normal(Rows * Outputs).Select(v => v > 0 ? 1f : 0f)], mask = [.. Enumerable.Range(0, Rows * Outputs).Select(i => i % 3 == 0 ? 0f : 1f)];
        ISignal signal = name switch { "hard" => new HardSignal(1), "soft" => new SoftSignal(1, 2.5), _ => new ExpectationSignal(1, Hidden, Observables, 3) };
        SignalBatch At(float[] logits, float[] hidden) => new(
            tensor(logits).reshape(Rows, Outputs), tensor(hidden).reshape(Rows, Hidden), tensor(p).reshape(Rows, Outputs), tensor(e).reshape(Rows, Observables), tensor(truth).reshape(Rows, Outputs), tensor(mask).reshape(Rows, Outputs));
        bool byHidden = name == "expectations";
        float[] x = byHidden ? h : z;
        double Value(float[] v) => Loss(signal, byHidden ? At(z, v) : At(v, h));

        SignalBatch batch = At(z, h);
        Tensor leaf = (byHidden ? batch.Hidden : batch.Logits).requires_grad_();
        signal.Loss(batch).backward();
        float[] gradient = leaf.grad!.reshape(-1).data<float>().ToArray();
        for (int i = 0; i < x.Length; i++)
        {
            float[] up = [.. x], down = [.. x];
            up[i] += 0.02f;
            down[i] -= 0.02f;
            Assert.Equal((Value(up) - Value(down)) / ((double)up[i] - down[i]), gradient[i], 2e-4);
        }
    }

    [Fact]
    public void Losses_and_gradients_equal_those_of_PyTorch()
    {
        const int Rows = 16, Outputs = 3, Hidden = 8, Observables = 4;
        var rng = new Philox(21);
        float[] Normal(int n) => [.. Enumerable.Range(0, n).Select(_ => (float)(1.5 * rng.NextGaussian()))];
        float[] z = Normal(Rows * Outputs), h = Normal(Rows * Hidden), e = Normal(Rows * Observables), p = [.. Normal(Rows * Outputs).Select(v => (float)Sigmoid(v))];
        float[] truth = [.. Normal(Rows * Outputs).Select(v => v > 0 ? 1f : 0f)], mask = [.. Normal(Rows * Outputs).Select(v => v > 0.5 ? 0f : 1f)];
        var expectation = new ExpectationSignal(1, Hidden, Observables, 6);
        Parameter[] head = [.. expectation.Parameters];
        float[][] Rowwise(float[] v, int width) => [.. v.Chunk(width)];
        JsonElement oracle = Python(new
        {
            logits = Rowwise(z, Outputs),
            hidden = Rowwise(h, Hidden),
            p = Rowwise(p, Outputs),
            truth = Rowwise(truth, Outputs),
            mask = Rowwise(mask, Outputs),
            expectations = Rowwise(e, Observables),
            weight = Rowwise(head[0].detach().reshape(-1).data<float>().ToArray(), Hidden),
            bias = head[1].detach().data<float>().ToArray(),
            temperature = 3.0,
        });
        double entropy = p.Average(v =>
        {
            double a = Sigmoid(Math.Log(v / (1.0 - v)) / 3);
            return -(a * Math.Log(a)) - ((1 - a) * Math.Log(1 - a));
        });
        foreach ((string name, ISignal signal, double offset) in ((string, ISignal, double)[])[("hard", new HardSignal(1), 0), ("soft", new SoftSignal(1, 3), 9 * entropy), ("expectations", expectation, 0)])
        {
            SignalBatch batch = new(
                tensor(z).reshape(Rows, Outputs), tensor(h).reshape(Rows, Hidden), tensor(p).reshape(Rows, Outputs), tensor(e).reshape(Rows, Observables), tensor(truth).reshape(Rows, Outputs), tensor(mask).reshape(Rows, Outputs));
            Tensor leaf = (name == "expectations" ? batch.Hidden : batch.Logits).requires_grad_();
            Tensor loss = signal.Loss(batch);
            loss.backward();
            JsonElement expected = oracle.GetProperty(name);
            Assert.Equal(expected.GetProperty("loss").GetDouble() + offset, loss.item<float>(), 2e-5);
            double[] gradient = [.. expected.GetProperty(name == "expectations" ? "hidden" : "logits").EnumerateArray().Select(v => v.GetDouble())];
            float[] ours = leaf.grad!.reshape(-1).data<float>().ToArray();
            Assert.All(Enumerable.Range(0, ours.Length), i => Assert.Equal(gradient[i], ours[i], 1e-6));
        }
    }

    private static JsonElement Python(object input)
    {
        using Process process = Process.Start(new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "Signals", "signals.py")])
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

    /// <summary>Rows of two outputs with a hidden layer of zeros.</summary>
    private static SignalBatch Batch(float[] logits, float[]? p = null, float[]? truth = null, float[]? mask = null)
    {
        int rows = logits.Length / 2;
        Tensor Shaped(float[]? values) => tensor(values ?? new float[logits.Length]).reshape(rows, 2);
        return new SignalBatch(Shaped(logits), zeros(rows, 4), p is null ? null : Shaped(p), null, Shaped(truth), Shaped(mask));
    }

    private static double Loss(ISignal signal, SignalBatch batch)
    {
        using DisposeScope inner = NewDisposeScope();
        return signal.Loss(batch).item<float>();
    }

    private static (double Loss, float[] Gradient) Gradient(ISignal signal, SignalBatch batch)
    {
        Tensor leaf = batch.Logits.requires_grad_();
        Tensor loss = signal.Loss(batch);
        loss.backward();
        return (loss.item<float>(), leaf.grad!.reshape(-1).data<float>().ToArray());
    }

    private static double Sigmoid(double z) => 1 / (1 + Math.Exp(-z));
}
