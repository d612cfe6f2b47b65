using System.Diagnostics;
using System.Text.Json;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Export;
using QDistill.Distillation.Students;
using QDistill.Distillation.Teachers;
using QDistill.Distillation.Training;
using QDistill.Inference;
using QDistill.Numerics;
using TorchSharp;

namespace QDistill.Distillation.Tests.Students;

/// <summary>What holds for students of every kind.</summary>
public sealed class StudentKindTests : IDisposable
{
    private static readonly TeacherDataset Training = Taught(700, 1, 3), Validation = Synthetic.Table(500, 2), Test = Synthetic.Table(400, 3, bags: 2);
    private readonly TempDirectory folder = new();

    public static TheoryData<string> Kinds =>
    [
        "kind: linear",
        "kind: mlp\n  hidden: [16, 8]",
        "kind: temporal\n  window: 4\n  channels: [8, 6]",
        "kind: cnn\n  image: [2, 3]\n  channels: [6]\n  hidden: [12]",
        "kind: hybrid\n  qubits: 3",
        "kind: quanvolutional\n  image: [2, 3]\n  stride: 1",
        "kind: quantum\n  qubits: 4\n  layers: 3",
    ];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_student_of_any_kind_learns_repeats_and_is_exported_or_says_why_not(string yaml)
    {
        Recipe recipe = RecipeOf(yaml, "signals: {soft_weight: 1, hard_weight: 0.3}", yaml.Contains("quantum", StringComparison.Ordinal) ? 12 : 25);
        Assert.Equal(recipe.ToYaml(), Recipe.Read(ConfigFile.Parse(recipe.ToYaml(), "t")).ToYaml());
        using TrainedStudent student = StudentTrainer.Train(Training, Validation, recipe), again = StudentTrainer.Train(Training, Validation, recipe);
        float[] logits = student.Logits(Test);
        Assert.Equal(logits, again.Logits(Test));
        Assert.True(TeacherScore.Of("auroc", logits, Test) > 0.6, $"AUROC {TeacherScore.Of("auroc", logits, Test)}");
        Assert.Equal(student.Network.parameters().Sum(p => p.numel()), student.Network.ParameterCount);
        if (recipe.Student.IsQuantum)
        {
            Assert.Contains($"a student of kind '{recipe.Student.Kind}' holds a circuit, which no ONNX file can", Assert.Throws<UserErrorException>(() => student.Network.ToSequential()).Message);
            return;
        }

        // ONNX Runtime, window after window of each bag, as the node feeds it.
        OnnxExporter.Export(Graph(student), Contract, folder["student.onnx"]);
        float[] p = Predict(folder["student.onnx"], Test);
        Assert.All(Enumerable.Range(0, Test.Count), i => Assert.Equal(1 / (1 + Math.Exp(-logits[2 * i])), p[i], 2e-5));
        Checked([folder["student.onnx"]]);
    }

    [Theory]
    [InlineData("kind: mlp\n  hidden: [96, 64]\n  activation: tanh")]
    [InlineData("kind: mlp\n  hidden: [96, 64]\n  activation: relu")]
    [InlineData("kind: temporal\n  window: 8\n  channels: [32, 16]\n  activation: relu")]
    [InlineData("kind: cnn\n  image: [2, 3]\n  channels: [24]\n  hidden: [48, 48]")]
    public void Eight_bit_models_are_smaller_and_say_nearly_the_same(string yaml)
    {
        using TrainedStudent student = StudentTrainer.Train(Training, Validation, RecipeOf(yaml + "\n  int8: true", "signals: {soft_weight: 1}", 10));
        Assert.True(student.Network.Spec.Int8);
        float[] rows = WindowHistory.Of(student.Normalisation.Apply(Training.Features), Training.BagOf, 6, student.Network.Window);
        StudentGraph exact = Graph(student), quantised = exact with { Int8Calibration = rows };
        byte[] small = OnnxExporter.Serialize(quantised, Contract), large = OnnxExporter.Serialize(exact, Contract);
        Assert.Equal(small, OnnxExporter.Serialize(quantised, Contract));
        Assert.True(small.Length < 0.8 * large.Length, $"{small.Length} and {large.Length} bytes");
        File.WriteAllBytes(folder["small.onnx"], small);
        File.WriteAllBytes(folder["large.onnx"], large);
        Checked([folder["small.onnx"]]);
        float[] a = Predict(folder["large.onnx"], Test), b = Predict(folder["small.onnx"], Test);
        double mean = a.Zip(b, (x, y) => Math.Abs(x - y)).Average();
        Assert.InRange(mean, 1e-6, 0.03);
        Assert.True(a.Zip(b, (x, y) => Math.Abs(x - y)).Max() < 0.1);
        float[] Logits(float[] p) => [.. p.SelectMany(v => (float[])[(float)Math.Log(v / (1 - v)), 0])];
        Assert.Equal(TeacherScore.Of("auroc", Logits(a), Test), TeacherScore.Of("auroc", Logits(b), Test), 0.01);
    }

    [Fact]
    public void A_quantised_layer_computes_with_rounded_numbers_and_nothing_else()
    {
        // One linear layer: the model's logit is the exact product of rounded inputs and rounded weights, plus the rounded bias.
        var rng = new Philox(6);
        float[] w = Signals.SignalHarness.Normal(ref rng, 12), b = [0.3f, -0.7f], x = Signals.SignalHarness.Normal(ref rng, 60);
        using TorchSharp.Modules.Linear layer = torch.nn.Linear(6, 2);
        using (torch.no_grad())
        {
            layer.weight.copy_(torch.tensor(w, [2, 6]));
            layer.bias!.copy_(torch.tensor(b));
        }

        var graph = new StudentGraph(new float[6], [1, 1, 1, 1, 1, 1], torch.nn.Sequential(layer), [1, 1], [0, 0]) { Int8Calibration = x };
        OnnxExporter.Export(graph, Contract, folder["student.onnx"]);
        using RiskModel model = RiskModel.Load(folder["student.onnx"]);
        float low = Math.Min(0, x.Min()), high = Math.Max(0, x.Max()), scale = (high - low) / 255, zero = MathF.Round(-low / scale);
        float[] violation = new float[1];
        for (int i = 0; i < 10; i++)
        {
            model.Predict(x.AsSpan(i * 6, 6), violation, out float p, out _);
            double sum = Math.Round(b[0] / (scale * Row(0))) * scale * Row(0);
            for (int j = 0; j < 6; j++)
            {
                double code = Math.Clamp(Math.Round(x[(i * 6) + j] / scale) + zero, 0, 255) - zero;
                sum += code * scale * Math.Round(w[j] / Row(0)) * Row(0);
            }

            Assert.Equal(1 / (1 + Math.Exp(-sum)), p, 1e-4);
        }

        double Row(int r) => w.AsSpan(r * 6, 6).ToArray().Max(Math.Abs) / 64.0;
    }

    [Fact]
    public void Pruned_weights_are_zero_in_the_exported_student_and_it_still_predicts()
    {
        Recipe dense = RecipeOf("kind: mlp\n  hidden: [32, 16]", "signals: {soft_weight: 1}", 25);
        using TrainedStudent whole = StudentTrainer.Train(Training, Validation, dense), thin = StudentTrainer.Train(Training, Validation, dense with { Student = dense.Student with { Prune = 0.7 } });
        Assert.InRange(MagnitudePruning.Sparsity(thin.Network), 0.69, 0.75);
        Assert.True(MagnitudePruning.Sparsity(whole.Network) < 0.01);
        double Score(TrainedStudent s) => TeacherScore.Of("auroc", s.Logits(Test), Test);
        Assert.True(Score(thin) > Score(whole) - 0.06, $"{Score(thin)} and {Score(whole)}");
        OnnxExporter.Export(Graph(thin), Contract, folder["student.onnx"]);
        float[] logits = thin.Logits(Test), p = Predict(folder["student.onnx"], Test);
        Assert.All(Enumerable.Range(0, Test.Count), i => Assert.Equal(1 / (1 + Math.Exp(-logits[2 * i])), p[i], 2e-5));
    }

    [Fact]
    public void The_past_of_a_window_ends_where_its_bag_begins()
    {
        // Two features, two bags of three and two windows; w = 3: by feature, oldest first.
        float[] history = WindowHistory.Of([1, 10, 2, 20, 3, 30, 4, 40, 5, 50], [0, 0, 0, 1, 1], 2, 3);
        Assert.Equal([1, 1, 1, 10, 10, 10, 1, 1, 2, 10, 10, 20, 1, 2, 3, 10, 20, 30, 4, 4, 4, 40, 40, 40, 4, 4, 5, 40, 40, 50], history);
    }

    [Fact]
    public void A_temporal_model_starts_anew_after_a_gap()
    {
        using TrainedStudent student = StudentTrainer.Train(Training, Validation, RecipeOf("kind: temporal\n  window: 4\n  channels: [8]", "signals: {soft_weight: 1}", 3));
        OnnxExporter.Export(Graph(student), Contract, folder["student.onnx"]);
        using RiskModel model = RiskModel.Load(folder["student.onnx"]);
        Assert.Equal((4, 6), (model.Window, model.FeatureCount));
        float[] v = new float[1];
        float Ask(int i)
        {
            model.Predict(Test.Features.AsSpan(i * 6, 6), v, out float p, out _);
            return p;
        }

        float first = Ask(0), later = Ask(1);
        Assert.NotEqual(later, Ask(1));
        model.ResetHistory();
        Assert.Equal(first, Ask(0));
        Assert.Equal(later, Ask(1));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            Ask(i);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("student: {kind: cnn}", "student.image: is missing; give rows and columns")]
    [InlineData("student: {kind: temporal, hidden: [3]}", "student.hidden: a temporal student has none")]
    [InlineData("student: {kind: hybrid, int8: true}", "student.int8: a hybrid student's circuit has no weights to quantise")]
    [InlineData("student: {kind: quantum, prune: 0.5}", "student.prune: a quantum student's circuit has no weights to prune")]
    [InlineData("student: {kind: mlp, windw: 3}", "unknown key 'student.windw'")]
    [InlineData("student: {kind: temporal}\nsignals: {soft_weight: 1, gradients_weight: 1}", "gradients_weight: a student of kind 'temporal' looks at several windows at once")]
    [InlineData("student: {kind: hybrid}\nsignals: {soft_weight: 1, gradients_weight: 1}", "has a circuit in it, which can be differentiated only once")]
    [InlineData("signals: {soft_weight: 1, attention_weight: 1}", "attention_weight: a student of kind 'mlp' has no feature map in rows and columns")]
    [InlineData("student: {kind: linear}\nsignals: {soft_weight: 1, kernel_weight: 1}", "kernel_weight: a student without hidden layers has nothing that the kernel could shape")]
    [InlineData("signals: {soft_weight: 1, kernel_encoding: amplitude}", "kernel_encoding: 'amplitude' is not one of")]
    [InlineData("signals: {soft_weight: 1, states_groups: 12}", "states_groups: 12 is not a power of two")]
    [InlineData("signals: {soft_weight: 1, distnce_weight: 2}", "unknown key 'signals.distnce_weight'; did you mean 'distance_weight'")]
    [InlineData("stages: []", "stages: is empty")]
    [InlineData("stages: [{signals: {hint_weight: 1}}]\nsignals: {soft_weight: 1}", "stages: a recipe has either signals or stages")]
    [InlineData("stages: [{signals: {hint_weight: 1}}]", "hard_weight, soft_weight and logits_weight are all 0")]
    [InlineData("stages: [{signals: {}}, {signals: {soft_weight: 1}}]", "a stage has no term at all")]
    [InlineData("stages: [{signals: {soft_weight: 1, self_weight: 1}}, {signals: {soft_weight: 1}}]", "only the last stage can learn from an earlier generation")]
    public void A_wrong_recipe_is_one_clear_sentence(string yaml, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<UserErrorException>(() => Recipe.Read(ConfigFile.Parse(yaml, "t"))).Message);

    [Theory]
    [InlineData("kind: cnn\n  image: [3, 3]", "a cnn student of 3×3 pixels needs 9 features, but the data have 6")]
    [InlineData("kind: cnn\n  image: [2, 3]", "cannot be halved 2 times")]
    [InlineData("kind: quantum\n  qubits: 2", "has room for 3 features, but the data have 6")]
    [InlineData("kind: quanvolutional\n  image: [5, 5]", "needs 25 features, but the data have 6")]
    public void A_student_that_does_not_fit_the_data_says_so(string yaml, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<UserErrorException>(() => StudentTrainer.Train(Training, Validation, RecipeOf(yaml, "signals: {soft_weight: 1}", 1))).Message);

    internal static Recipe RecipeOf(string student, string signals, int epochs) => Recipe.Read(ConfigFile.Parse(
        $"student:\n  {student}\n{signals}\noptimiser: {{epochs: {epochs}, patience: {epochs}, batch: 64, learning_rate: 0.01}}\nseed: 5\n", "t"));

    internal static TeacherDataset Taught(int n, ulong seed, int observables)
    {
        TeacherDataset data = Synthetic.Table(n, seed);
        return data.WithTeacher(Synthetic.Answers(data, observables));
    }

    private static readonly ModelContract Contract = new()
    {
        SchemaId = new string('c', 64),
        FeatureNames = [.. Enumerable.Range(0, 6).Select(i => $"group.f{i}")],
        Horizon = 2,
        Constraints = [new ConstraintContract("c0", "group.f0", ">", 1, "m/s", 1)],
    };

    private static StudentGraph Graph(TrainedStudent student) =>
        new(student.Normalisation.Mean, student.Normalisation.Scale, student.Network.ToSequential(), [1, 1], [0, 0]) { Window = student.Network.Window };

    private static float[] Predict(string file, TeacherDataset data)
    {
        using RiskModel model = RiskModel.Load(file);
        float[] p = new float[data.Count], violation = new float[1];
        for (int i = 0; i < data.Count; i++)
        {
            if (i > 0 && data.BagOf[i] != data.BagOf[i - 1])
            {
                model.ResetHistory();
            }

            Assert.Equal(InferenceStatus.Ok, model.Predict(data.Features.AsSpan(i * 6, 6), violation, out p[i], out _));
        }

        return p;
    }

    /// <summary>python3-onnx's full check.</summary>
    private static void Checked(string[] files)
    {
        using Process process = Process.Start(new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "Export", "check_model.py"), .. files]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error.Result);
        Assert.Equal("features", Assert.Single(JsonDocument.Parse(output.Split('\n')[0]).RootElement.GetProperty("inputs").EnumerateArray()).GetString());
    }
}
