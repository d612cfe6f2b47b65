using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Export;
using QDistill.Distillation.Training;
using QDistill.Features;
using QDistill.Inference;
using QDistill.Numerics;
using QDistill.Quantum;
using TorchSharp;

namespace QDistill.Distillation.Tests.Export;

public sealed class ModelFolderTests : IDisposable
{
    private static readonly RobotConfig Robot = RobotConfig.Load(Path.Combine(SharedData.Repository, "robots", "simulated_agv.yaml"));
    private static readonly Lazy<(TeacherDataset Data, DistilledStudent Student)> Trained = new(Train);
    private readonly TempDirectory folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_model_predicts_what_the_student_in_TorchSharp_predicts()
    {
        (TeacherDataset data, DistilledStudent student) = Trained.Value;
        string id = ModelFolder.Write(folder["m"], student, Contents(data));
        using RiskModel model = RiskModel.Load(folder["m"], Robot.Schema.Id);
        Assert.Equal(id, model.ModelId);
        float[] expected = student.Probabilities(data.Features);
        int d = data.FeatureCount, k = data.OutputCount;
        float[] violations = new float[k - 1];
        for (int i = 0; i < 300; i++)
        {
            model.Predict(data.Features.AsSpan(i * d, d), violations, out float collision, out float entropy);
            Assert.Equal(expected[i * k], collision, 1e-5);
            for (int j = 1; j < k; j++)
            {
                Assert.Equal(expected[(i * k) + j], violations[j - 1], 1e-5);
            }

            Assert.InRange(entropy, 0, Math.Log(2) + 1e-6);
        }
    }

    [Fact]
    public void The_contract_and_the_card_say_what_the_model_is()
    {
        (TeacherDataset data, DistilledStudent student) = Trained.Value;
        ModelFolderContents contents = Contents(data);
        string id = ModelFolder.Write(folder["m"], student, contents);
        using RiskModel model = RiskModel.Load(folder["m"]);
        ModelContract c = model.Contract;
        Assert.Equal(Robot.Schema.Id, c.SchemaId);
        Assert.Equal(Robot.Schema.Names, c.FeatureNames);
        Assert.Equal(Robot.Horizon, c.Horizon);
        Assert.Equal(Robot.Constraints.Select(x => x.Name), c.Constraints.Select(x => x.Name));
        Assert.Equal(Robot.Constraints.Select(x => x.Limit), c.Constraints.Select(x => x.Limit));
        // The robot file says what must hold, the contract when it is violated.
        Assert.All(Robot.Constraints.Zip(c.Constraints), p => Assert.Equal(p.First.Op switch { Comparison.Less => ">=", Comparison.LessOrEqual => ">", Comparison.Greater => "<=", _ => "<" }, p.Second.Operator));
        Assert.Equal(student.Thresholds, (double[])[c.CollisionThreshold, .. c.Constraints.Select(x => x.Threshold)]);
        Assert.Equal(("teacher0", "sampled", 7000.0), (c.Teacher.Id, c.Teacher.Backend, c.Teacher.Ledger["shots"]));
        Assert.Equal("cafe", c.DataHashes["bag_0"]);
        Assert.Equal(student.EnergyRange, c.EnergyRange);
        Assert.InRange(c.EnergyRange!.High, c.EnergyRange.Low, -(1 + c.Constraints.Count) * Math.Log(2) + 1e-6);
        for (int j = 0; j < data.FeatureCount; j++)
        {
            float[] column = [.. Enumerable.Range(0, data.Count).Select(i => data.Features[(i * data.FeatureCount) + j])];
            Assert.InRange(c.TrainingLow[j], column.Min(), column.Order().ElementAt(2));
            Assert.InRange(c.TrainingHigh[j], column.OrderDescending().ElementAt(2), column.Max());
        }

        Assert.Equal(contents.Recipe.ToYaml(), Recipe.Load(folder["m/recipe.yaml"]).ToYaml());
        Assert.Equal("kind: vqc\n", File.ReadAllText(folder["m/teacher.yaml"]));
        ConfigSection card = ConfigFile.Load(folder["m/model.yaml"]);
        Assert.Equal((id, Robot.Name), (card.String("model_id"), card.String("robot")));
        Assert.Equal(student.Student.Network.ParameterCount, card.Int("parameters"));
        Assert.Equal("it's: fine", card.Section("facts").String("note: odd"));
    }

    [Fact]
    public void The_same_seed_gives_the_same_file_to_the_byte()
    {
        (TeacherDataset data, DistilledStudent student) = Trained.Value;
        (_, DistilledStudent again) = Train();
        using (again)
        {
            ModelFolder.Write(folder["a"], student, Contents(data));
            ModelFolder.Write(folder["b"], again, Contents(data));
        }

        Assert.Equal(File.ReadAllBytes(folder["a/student.onnx"]), File.ReadAllBytes(folder["b/student.onnx"]));
        Assert.Equal(File.ReadAllText(folder["a/model.yaml"]), File.ReadAllText(folder["b/model.yaml"]));
    }

    [Fact]
    public void A_folder_appears_whole_or_not_at_all()
    {
        (TeacherDataset data, DistilledStudent student) = Trained.Value;
        ModelFolderContents contents = Contents(data);
        ModelFolder.Write(folder["m"], student, contents);
        Assert.Contains("m: exists already", Assert.Throws<UserErrorException>(() => ModelFolder.Write(folder["m"], student, contents)).Message);
        ModelFolder.Write(folder["m"], student, contents with { TeacherYaml = null }, overwrite: true);
        Assert.False(File.Exists(folder["m/teacher.yaml"]));

        // A failure amid writing: a threshold is missing for one constraint.
        Assert.ThrowsAny<Exception>(() => ModelFolder.Write(folder["bad"], student with { Thresholds = [0.5] }, contents));
        File.WriteAllText(folder["file"], string.Empty);
        Assert.Contains("cannot be written", Assert.Throws<UserErrorException>(() => ModelFolder.Write(folder["file/m"], student, contents)).Message);
        Assert.Equal(["file", "m"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).Order());
    }

    private static ModelFolderContents Contents(TeacherDataset data)
    {
        var ledger = new Ledger();
        ledger.Record(70, 7000, 9, 12, 1.25);
        return new ModelFolderContents
        {
            Robot = Robot,
            Training = data,
            Recipe = Quick,
            TeacherId = "teacher0",
            TeacherYaml = "kind: vqc\n",
            Backend = "sampled",
            Ledger = ledger,
            DataHashes = new Dictionary<string, string> { ["bag_0"] = "cafe" },
            Facts = new Dictionary<string, string> { ["note: odd"] = "it's: fine" },
        };
    }

    private static readonly Recipe Quick = Recipe.Default with { Optimiser = Recipe.Default.Optimiser with { Epochs = 4 } };

    /// <summary>A student for the robot's own schema, on constructed windows.</summary>
    private static (TeacherDataset Data, DistilledStudent Student) Train()
    {
        const int N = 600;
        int d = Robot.Schema.Count, k = 1 + Robot.Constraints.Count;
        var rng = new Philox(4);
        float[] x = new float[N * d];
        Truth[] truth = new Truth[N * k];
        for (int i = 0; i < N; i++)
        {
            for (int j = 0; j < d; j++)
            {
                x[(i * d) + j] = (float)rng.NextGaussian();
            }

            for (int j = 0; j < k; j++)
            {
                truth[(i * k) + j] = x[(i * d) + j] + x[(i * d) + j + 1] > 0.5 ? Truth.Hazard : Truth.Safe;
            }
        }

        var data = new TeacherDataset(Robot.Schema.Id, Robot.Schema.Names, WindowTable.Outputs(Robot), ["bag_0"], [.. Enumerable.Range(0, N).Select(i => (long)i)], new int[N], x, truth);
        data = data.WithTeacher(Synthetic.Answers(data));
        return (data, DistilledStudent.Distill(data, data, Quick));
    }
}
