using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using QDistill.Configuration;

namespace QDistill.Inference.Tests;

public class RiskModelTests(RiskModelTests.Models models) : IClassFixture<RiskModelTests.Models>
{
    public static TheoryData<string, string> BadModels => new()
    {
        { "no_contract.onnx", "carries no contract" },
        { "future_contract.onnx", "contract has version 7, this build reads version 1" },
        { "bad_horizon.onnx", "entry qdistill.v1.horizon_s is \"soon\", not a number" },
        { "negative_horizon.onnx", "horizon -1 s is not a positive time" },
        { "no_names.onnx", "lacks the entry qdistill.v1.feature_names" },
        { "bad_json.onnx", "entry qdistill.v1.constraints is" },
        { "missing_member.onnx", "entry qdistill.v1.constraints is" },
        { "bad_schema.onnx", "\"not a hash\" is not a SHA-256" },
        { "twins.onnx", "feature names must be given, be different" },
        { "other_width.onnx", "declares features as Float [open, 5], not Float [batch, 4]" },
        { "other_input.onnx", "inputs are values, not features alone" },
        { "double_input.onnx", "declares features as Double [open, 4], not Float" },
        { "no_uncertainty.onnx", "uncertainty is missing" },
        { "unknown_operator.onnx", "uses an operator that this ONNX Runtime does not have" },
        { "unknown_standard_operator.onnx", "uses an operator that this ONNX Runtime does not have" },
        { "future_opset.onnx", "ONNX Runtime cannot use the model (ONNX Runtime only *guarantees*" },
        { "not_a_probability.onnx", "gives no probabilities in [0, 1]" },
        { "not_a_number.onnx", "gives no probabilities in [0, 1]" },
        { "empty.onnx", "the file is empty" },
        { "text.onnx", "is not an ONNX model" },
        { "image.onnx", "is not an ONNX model" },
        { "absent.onnx", "there is no model" },
    };

    [Fact]
    public void It_predicts_what_numpy_computes()
    {
        using RiskModel model = RiskModel.Load(models["good.onnx"]);
        Assert.Equal(4, model.FeatureCount);
        Assert.Equal(2, model.ConstraintCount);
        Span<float> violation = stackalloc float[2];
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal(InferenceStatus.Ok, model.Predict(models.X.AsSpan(i * 4, 4), violation, out float collision, out float uncertainty));
            Assert.Equal(models.P[i * 3], collision, 1e-6);
            Assert.Equal(models.P[i * 3] / 2, uncertainty, 1e-6);
            Assert.Equal(models.P[(i * 3) + 1], violation[0], 1e-6);
            Assert.Equal(models.P[(i * 3) + 2], violation[1], 1e-6);
        }
    }

    [Fact]
    public void Running_between_predictions_changes_none_of_them()
    {
        using RiskModel model = RiskModel.Load(models["good.onnx"]);
        float[] violation = new float[2];
        for (int i = 0; i < 6; i++)
        {
            model.KeepWarm();
            Assert.Equal(InferenceStatus.Ok, model.Predict(models.X.AsSpan(i * 4, 4), violation, out float collision, out _));
            Assert.Equal(models.P[i * 3], collision, 1e-6);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        model.KeepWarm();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        model.Dispose();
        model.KeepWarm();
    }

    [Fact]
    public void The_contract_is_the_files()
    {
        using RiskModel model = RiskModel.Load(models["good.onnx"]);
        ModelContract c = model.Contract;
        Assert.Equal(string.Concat(Enumerable.Repeat("ab", 32)), c.SchemaId);
        Assert.Equal(["lidar.clearance", "lidar.ttc", "motion.speed", "motion.yaw_rate"], c.FeatureNames);
        Assert.Equal(2.5, c.Horizon);
        Assert.Equal(0.4, c.CollisionThreshold);
        Assert.Equal(new ConstraintContract("speed", "motion.speed", ">", 0.5, "m/s", 1.5, 0.3), c.Constraints[0]);
        Assert.Equal(2, c.Constraints.Count);
        Assert.Equal([0, 0, -1, -2], c.TrainingLow);
        Assert.Equal("vqc-6q3l", c.Teacher.Id);
        Assert.Equal(1200, c.Teacher.Ledger["circuits"]);
        Assert.Equal(64, c.DataHashes["run_1"].Length);
        Assert.Null(c.Calibration);
    }

    [Fact]
    public void The_model_id_is_the_files_hash()
    {
        using RiskModel model = RiskModel.Load(models["good.onnx"]);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(models["good.onnx"]))), model.Sha256);
        Assert.Equal(model.Sha256[..12], model.ModelId);
    }

    [Fact]
    public void A_folder_stands_for_the_student_in_it()
    {
        string folder = models["folder"];
        Directory.CreateDirectory(folder);
        Assert.Contains("there is no model", Assert.Throws<UserErrorException>(() => RiskModel.Load(folder)).Message);
        File.Copy(models["good.onnx"], Path.Combine(folder, "student.onnx"), overwrite: true);
        using RiskModel model = RiskModel.Load(folder);
        Assert.EndsWith("student.onnx", model.Path);
    }

    [Fact]
    public void A_fixed_batch_of_one_is_accepted()
    {
        using RiskModel model = RiskModel.Load(models["batch_of_one.onnx"]);
        Assert.Equal(InferenceStatus.Ok, model.Predict(models.X.AsSpan(0, 4), new float[2], out _, out _));
    }

    [Fact]
    public void Missing_features_are_the_models_or_refused_as_the_contract_says()
    {
        float[] missing = [1, float.NaN, 1, 1], zero = [1, 0, 1, 1];
        float[] v = new float[2];
        using RiskModel mean = RiskModel.Load(models["good.onnx"]), refuse = RiskModel.Load(models["refuse.onnx"]);
        Assert.Equal(InferenceStatus.Ok, mean.Predict(missing, v, out float a, out _));
        Assert.Equal(InferenceStatus.Ok, mean.Predict(zero, v, out float b, out _));
        Assert.Equal(a, b);
        Assert.Equal(InferenceStatus.NotFinite, refuse.Predict(missing, v, out float none, out float entropy));
        Assert.True(float.IsNaN(none) && float.IsNaN(entropy) && float.IsNaN(v[0]));
    }

    [Fact]
    public void Bad_vectors_give_a_status_and_no_number()
    {
        using RiskModel model = RiskModel.Load(models["good.onnx"]);
        float[] v = new float[2];
        Assert.Equal(InferenceStatus.WrongLength, model.Predict(new float[3], v, out float p, out _));
        Assert.True(float.IsNaN(p));
        Assert.Equal(InferenceStatus.WrongLength, model.Predict(new float[4], new float[1], out _, out _));
        Assert.Equal(InferenceStatus.NotFinite, model.Predict([1, float.PositiveInfinity, 1, 1], v, out _, out _));
        Assert.Equal(InferenceStatus.Ok, model.Predict(new float[4], v, out p, out _));
        Assert.Equal(0.5f, p);
    }

    [Fact]
    public void A_prediction_allocates_nothing()
    {
        using RiskModel model = RiskModel.Load(models["good.onnx"]);
        float[] x = models.X[..4], v = new float[2];
        model.Predict(x, v, out _, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 2000; i++)
        {
            model.Predict(x, v, out _, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_disposed_model_says_so()
    {
        RiskModel model = RiskModel.Load(models["good.onnx"]);
        model.Dispose();
        model.Dispose();
        Assert.Equal(InferenceStatus.Disposed, model.Predict(new float[4], new float[2], out _, out _));
    }

    [Fact]
    public void Another_schema_is_refused_with_both_named()
    {
        string trained = string.Concat(Enumerable.Repeat("ab", 32)), live = new('7', 64);
        RiskModel.Load(models["good.onnx"], trained).Dispose();
        string message = Assert.Throws<UserErrorException>(() => RiskModel.Load(models["good.onnx"], live)).Message;
        Assert.Contains(trained, message);
        Assert.Contains(live, message);
        AssertOneSentence(message);
    }

    [Theory]
    [MemberData(nameof(BadModels))]
    public void A_bad_model_is_refused_in_one_sentence_that_names_the_file(string file, string part)
    {
        string message = Assert.Throws<UserErrorException>(() => RiskModel.Load(models[file])).Message;
        Assert.Contains(part, message);
        Assert.Contains(file, message);
        AssertOneSentence(message);
    }

    [Fact]
    public void A_model_cut_off_at_any_place_is_refused()
    {
        byte[] whole = File.ReadAllBytes(models["good.onnx"]);
        for (int length = 1; length < whole.Length; length += 7)
        {
            File.WriteAllBytes(models["cut.onnx"], whole[..length]);
            AssertOneSentence(Assert.Throws<UserErrorException>(() => RiskModel.Load(models["cut.onnx"])).Message);
        }

        File.WriteAllBytes(models["cut.onnx"], whole[..^1]);
        Assert.Contains("is cut off", Assert.Throws<UserErrorException>(() => RiskModel.Load(models["cut.onnx"])).Message);
    }

    [Fact]
    public void Random_damage_is_refused_or_harmless_but_never_a_crash()
    {
        byte[] whole = File.ReadAllBytes(models["good.onnx"]);
        var random = new Random(1);
        float[] v = new float[2];
        for (int i = 0; i < 150; i++)
        {
            byte[] damaged = [.. whole];
            for (int k = 0; k < 3; k++)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            File.WriteAllBytes(models["damaged.onnx"], damaged);
            try
            {
                using RiskModel model = RiskModel.Load(models["damaged.onnx"]);
                InferenceStatus status = model.Predict(new float[model.FeatureCount], v.AsSpan(0, Math.Min(2, model.ConstraintCount)), out float p, out _);
                Assert.True(status != InferenceStatus.Ok || p is >= 0 and <= 1);
            }
            catch (UserErrorException e)
            {
                AssertOneSentence(e.Message);
            }
        }
    }

    [Fact]
    public void A_violation_output_of_another_width_never_writes_beyond_its_memory()
        => Assert.Contains("declares violation_probability as Float [open, 1], not Float [batch, 2]", Assert.Throws<UserErrorException>(() => RiskModel.Load(models["one_violation.onnx"])).Message);

    private static void AssertOneSentence(string message)
    {
        Assert.DoesNotContain('\n', message);
        Assert.EndsWith(".", message);
        Assert.DoesNotContain("   at ", message);
        Assert.InRange(message.Length, 20, 700);
    }

    public sealed class Models : IDisposable
    {
        private readonly TempDirectory folder = new();

        public Models()
        {
            var start = new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "make_models.py"), folder.Path]);
            using Process process = Process.Start(start)!;
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
            var numbers = JsonSerializer.Deserialize<Dictionary<string, float[]>>(File.ReadAllText(folder["good.json"]))!;
            (X, P) = (numbers["x"], numbers["p"]);
            File.WriteAllBytes(folder["empty.onnx"], []);
            File.WriteAllText(folder["text.onnx"], "This is not a model but a shopping list: milk, bread, lidar.\n");
            File.WriteAllBytes(folder["image.onnx"], [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]);
        }

        public float[] X { get; }

        public float[] P { get; }

        public string this[string name] => folder[name];

        public void Dispose() => folder.Dispose();
    }
}
