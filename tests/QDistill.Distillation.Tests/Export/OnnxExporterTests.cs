using System.Diagnostics;
using System.Text.Json;
using QDistill.Configuration;
using QDistill.Distillation.Export;
using QDistill.Distillation.Training;
using QDistill.Inference;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace QDistill.Distillation.Tests.Export;

public sealed class OnnxExporterTests : IDisposable
{
    private const int Features = 6;

    private static readonly Dictionary<string, Func<int, Sequential>> Networks = new()
    {
        ["linear"] = o => Sequential(Linear(Features, o)),
        ["relu"] = o => Sequential(Linear(Features, 16), ReLU(), Dropout(0.5), Linear(16, o)),
        ["tanh"] = o => Sequential(Linear(Features, 16), Tanh(), Linear(16, o, hasBias: false)),
        ["gelu"] = o => Sequential(Linear(Features, 16), GELU(), Linear(16, o)),
        ["silu"] = o => Sequential(Linear(Features, 16), SiLU(), Linear(16, o)),
        ["others"] = o => Sequential(Linear(Features, 16), Sigmoid(), Linear(16, 16), LeakyReLU(0.2), Linear(16, 16), ELU(0.7), Linear(16, 8), Softplus(), Identity(), Linear(8, 8), Softmax(-1), Linear(8, o)),
        ["norms"] = o => Sequential(BatchNorm1d(Features), Linear(Features, 16), BatchNorm1d(16, affine: false), ReLU(), Linear(16, 8), LayerNorm(8), Linear(8, o)),
        ["nested"] = o => Sequential(("encoder", Sequential(Linear(Features, 8), ReLU())), ("head", Sequential(Linear(8, o)))),
        ["temporal"] = o => Sequential(Unflatten(1, [2, 3]), Conv1d(2, 4, 3, padding: 1), ReLU(), Conv1d(4, 4, 2, Padding.Same, dilation: 1, groups: 2), MaxPool1d(2, 1), AdaptiveAvgPool1d(1), Flatten(), Linear(4, o)),
    };

    private readonly TempDirectory folder = new();
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<string, int> Cases
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (string name in Networks.Keys)
            {
                data.Add(name, 2);
            }

            data.Add("relu", 0);
            return data;
        }
    }

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_exported_model_is_the_student_to_a_hundred_thousandth(string network, int constraints)
    {
        StudentGraph student = Student(network, constraints);
        OnnxExporter.Export(student, Contract(constraints), folder["student.onnx"]);
        using RiskModel model = RiskModel.Load(folder.Path, new string('c', 64));
        Tensor x = randn(40, Features) * 3;
        x[3, 2] = float.NaN;
        x[4] = full(Features, float.NaN);
        x[5, 0] = 1e4f;
        (Tensor collision, Tensor violation, Tensor uncertainty) = student.Forward(x);
        float[] c = collision.data<float>().ToArray(), v = violation.data<float>().ToArray(), u = uncertainty.data<float>().ToArray(), rows = x.data<float>().ToArray();
        float[] out_v = new float[constraints];
        for (int i = 0; i < 40; i++)
        {
            Assert.Equal(InferenceStatus.Ok, model.Predict(rows.AsSpan(i * Features, Features), out_v, out float p, out float entropy));
            Assert.Equal(c[i], p, 1e-5);
            Assert.Equal(u[i], entropy, 1e-5);
            double q = c[i];
            Assert.InRange(entropy, 0, Math.Log(2) + 1e-6);
            Assert.Equal(q is 0 or 1 ? 0 : -(q * Math.Log(q)) - ((1 - q) * Math.Log(1 - q)), entropy, 1e-4);
            for (int k = 0; k < constraints; k++)
            {
                Assert.Equal(v[(i * constraints) + k], out_v[k], 1e-5);
            }
        }
    }

    [Fact]
    public void Every_model_passes_the_reference_checker()
    {
        List<string> files = [];
        foreach (string name in Networks.Keys)
        {
            files.Add(folder[name + ".onnx"]);
            OnnxExporter.Export(Student(name, 2), Contract(2), files[^1]);
        }

        files.Add(folder["alone.onnx"]);
        OnnxExporter.Export(Student("relu", 0), Contract(0), files[^1]);
        JsonElement[] reports = Check(files);
        Assert.Equal(files.Count, reports.Length);
        foreach (JsonElement r in reports)
        {
            Assert.Equal(8, r.GetProperty("ir").GetInt32());
            Assert.Equal(17, r.GetProperty("opset").GetProperty(string.Empty).GetInt32());
            Assert.Equal("features", Assert.Single(r.GetProperty("inputs").EnumerateArray()).GetString());
            Assert.Equal(new string('c', 64), r.GetProperty("metadata").GetProperty("qdistill.v1.schema_id").GetString());
        }

        Assert.Equal(["collision_probability", "violation_probability", "uncertainty", "energy"], reports[0].GetProperty("outputs").EnumerateArray().Select(o => o.GetString()));
        Assert.Equal(["collision_probability", "uncertainty", "energy"], reports[^1].GetProperty("outputs").EnumerateArray().Select(o => o.GetString()));
    }

    // Liu et al. 2020: E = -log sum over classes of exp(logit), here over every combination of the outputs' two classes.
    [Theory]
    [InlineData("tanh", 2)]
    [InlineData("relu", 0)]
    public void The_energy_is_that_of_all_combinations_of_classes(string network, int constraints)
    {
        StudentGraph student = Student(network, constraints);
        OnnxExporter.Export(student, Contract(constraints) with { EnergyRange = new EnergyContract(-5, -1.5, 0.001) }, folder["student.onnx"]);
        using RiskModel model = RiskModel.Load(folder.Path);
        Assert.True(model.HasEnergy);
        Assert.Equal(new EnergyContract(-5, -1.5, 0.001), model.Contract.EnergyRange);
        Tensor x = randn(20, Features) * 3;
        float[] rows = x.data<float>().ToArray();
        float[] z = student.Network.call((x - tensor(student.Mean.ToArray())) / tensor(student.Scale.ToArray())).detach().data<float>().ToArray();
        int k = 1 + constraints;
        for (int i = 0; i < 20; i++)
        {
            double sum = 0;
            for (int classes = 0; classes < 1 << k; classes++)
            {
                sum += Math.Exp(Enumerable.Range(0, k).Sum(j => ((classes >> j) & 1) == 1 ? z[(i * k) + j] / 2.0 : -z[(i * k) + j] / 2.0));
            }

            model.Predict(rows.AsSpan(i * Features, Features), new float[constraints], out _, out _);
            Assert.Equal(-Math.Log(sum), model.Energy, 1e-4);
            Assert.Equal(-Math.Log(sum), EnergyScore.Of(z.AsSpan(i * k, k)), 1e-9);
        }
    }

    [Fact]
    public void The_same_student_gives_the_same_bytes()
    {
        StudentGraph student = Student("norms", 2);
        Assert.Equal(OnnxExporter.Serialize(student, Contract(2)), OnnxExporter.Serialize(student, Contract(2)));
    }

    [Fact]
    public void The_contract_comes_back_whole()
    {
        ModelContract contract = Contract(2) with { Calibration = new CalibrationContract("temperature", [1.5, 0.8, 2], [0, 0.25, -0.5]) };
        OnnxExporter.Export(Student("relu", 2), contract, folder["student.onnx"]);
        using RiskModel model = RiskModel.Load(folder["student.onnx"]);
        Assert.Equivalent(contract, model.Contract, strict: true);
    }

    [Fact]
    public void Student_and_contract_that_contradict_each_other_are_refused()
    {
        StudentGraph student = Student("relu", 2);
        Refused(student with { Mean = [0] }, Contract(2), "normalises 1 features, its contract names 6");
        Refused(student, Contract(1), "3 outputs, its contract 2");
        Refused(student with { Scale = [1, 1, 0, 1, 1, 1] }, Contract(2), "must be finite");
        Refused(student, Contract(2) with { Calibration = new CalibrationContract("temperature", [1, 1, 1], [0, 0, 0]) }, "calibration is not the one");
        Refused(student with { Network = Sequential(Linear(Features, 3), Unflatten(0, [1, 1])) }, Contract(2), "layer network.1 (Unflatten) cannot be exported");
        Refused(student with { Network = Sequential(BatchNorm1d(Features, track_running_stats: false), Linear(Features, 3)) }, Contract(2), "keeps no running statistics");
    }

    [Fact]
    public void A_refused_export_leaves_the_old_file_alone()
    {
        File.WriteAllText(folder["student.onnx"], "old");
        Assert.Throws<UserErrorException>(() => OnnxExporter.Export(Student("relu", 2), Contract(1), folder["student.onnx"]));
        Assert.Equal("old", File.ReadAllText(folder["student.onnx"]));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    private static void Refused(StudentGraph student, ModelContract contract, string part)
        => Assert.Contains(part, Assert.Throws<UserErrorException>(() => OnnxExporter.Serialize(student, contract)).Message);

    private static StudentGraph Student(string network, int constraints)
    {
        Sequential net = Networks[network](1 + constraints);
        using (no_grad())
        {
            // Some training, so that running statistics are not those of the beginning.
            net.train();
            net.call((randn(64, Features) * 2) + 1).Dispose();
        }

        net.eval();
        return new StudentGraph([1, -2, 0.5f, 0, 10, 3], [0.5f, 2, 1, 3, 20, 0.1f], net, constraints == 0 ? [1.5f] : [1.5f, 0.8f, 2], constraints == 0 ? [0] : [0, 0.25f, -0.5f]);
    }

    private static ModelContract Contract(int constraints) => new()
    {
        SchemaId = new string('c', 64),
        FeatureNames = [.. Enumerable.Range(0, Features).Select(i => $"group.f{i}")],
        Horizon = 2,
        Constraints = [.. Enumerable.Range(0, constraints).Select(i => new ConstraintContract($"c{i}", $"group.f{i}", ">", i + 1, "m/s", 1))],
        Teacher = new TeacherContract("vqc", "statevector", new Dictionary<string, double> { ["circuits"] = 10 }),
    };

    private static JsonElement[] Check(IEnumerable<string> files)
    {
        var start = new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "Export", "check_model.py"), .. files]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];
    }
}
