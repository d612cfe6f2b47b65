using System.Globalization;
using System.Security.Cryptography;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Students;
using QDistill.Distillation.Teachers;
using QDistill.Distillation.Training;
using QDistill.Features;
using QDistill.Inference;
using QDistill.Quantum;

namespace QDistill.Distillation.Export;

/// <summary>What goes into a model folder besides the student.</summary>
public sealed record ModelFolderContents
{
    /// <summary>The robot the student is for.</summary>
    public required RobotConfig Robot { get; init; }

    /// <summary>The table it was trained on; gives the ranges of out-of-distribution checks.</summary>
    public required TeacherDataset Training { get; init; }

    /// <summary>The recipe.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>The teacher's id, or null for a student that had none.</summary>
    public string? TeacherId { get; init; }

    /// <summary>The teacher's file as text, or null when it is not at hand.</summary>
    public string? TeacherYaml { get; init; }

    /// <summary>The back end that labelled.</summary>
    public string Backend { get; init; } = string.Empty;

    /// <summary>What the labels cost.</summary>
    public Ledger Ledger { get; init; } = new();

    /// <summary>Hashes of the training data by bag name.</summary>
    public IReadOnlyDictionary<string, string> DataHashes { get; init; } = new Dictionary<string, string>();

    /// <summary>Further lines for the model card: label to text.</summary>
    public IReadOnlyDictionary<string, string> Facts { get; init; } = new Dictionary<string, string>();
}

/// <summary>Writes a released model: <c>student.onnx</c>, <c>model.yaml</c> (the card), <c>recipe.yaml</c>, <c>teacher.yaml</c>. The folder appears whole.</summary>
public static class ModelFolder
{
    /// <summary>Training ranges are the 0.1 % and 99.9 % quantiles: a single outlier must not widen what counts as familiar.</summary>
    private const double RangeTail = 0.001;

    /// <summary>Windows that the ranges of 8-bit integers are measured on.</summary>
    private const int CalibrationWindows = 512;

    /// <summary>Writes the folder and returns the model's id (the first 12 hex digits of the file's SHA-256).</summary>
    /// <exception cref="UserErrorException">It cannot be written, or exists and may not be replaced.</exception>
    public static string Write(string folder, DistilledStudent student, ModelFolderContents contents, bool overwrite = false)
    {
        if (Directory.Exists(folder) && !overwrite)
        {
            throw new UserErrorException("exists already", folder, "give another --output, or --overwrite");
        }

        string temporary = AtomicOutput.TemporaryName(folder);
        try
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }

            Directory.CreateDirectory(temporary);
            string onnx = Path.Combine(temporary, RiskModel.FileName);
            ModelContract contract = Contract(student, contents);
            OnnxExporter.Export(Graph(student, contents), contract, onnx);
            IReadOnlyDictionary<string, string> facts = student.Student.Network.Spec.Int8 ? Int8Comparison.Facts(onnx, Graph(student, contents) with { Int8Calibration = null }, contract, contents.Training) : new Dictionary<string, string>();
            string id = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(onnx)))[..12];
            File.WriteAllText(Path.Combine(temporary, "recipe.yaml"), contents.Recipe.ToYaml());
            if (contents.TeacherYaml is not null)
            {
                File.WriteAllText(Path.Combine(temporary, "teacher.yaml"), contents.TeacherYaml);
            }

            File.WriteAllText(Path.Combine(temporary, "model.yaml"), Card(id, student, contents with { Facts = contents.Facts.Concat(facts).ToDictionary() }));
            AtomicOutput.PublishDirectory(temporary, folder);
            return id;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Remove(temporary);
            throw new UserErrorException($"cannot be written ({e.Message})", folder, "check free space and permissions", e);
        }
        catch
        {
            Remove(temporary);
            throw;
        }
    }

    private static void Remove(string temporary)
    {
        try
        {
            Directory.Delete(temporary, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first error is the one to report.
        }
    }

    private static StudentGraph Graph(DistilledStudent student, ModelFolderContents contents)
    {
        (float[] temperatures, float[] biases) = Calibration(student);
        (StudentNetwork network, Normalisation normalisation) = (student.Student.Network, student.Student.Normalisation);
        return new StudentGraph(normalisation.Mean, normalisation.Scale, network.ToSequential(), temperatures, biases)
        {
            Window = network.Window,
            Int8Calibration = network.Spec.Int8 ? CalibrationSet(normalisation, contents.Training, network.Window) : null,
        };
    }

    /// <summary>Training windows at equal steps, as they enter the network.</summary>
    private static float[] CalibrationSet(Normalisation normalisation, TeacherDataset data, int window)
    {
        int width = data.FeatureCount * window, count = Math.Min(data.Count, CalibrationWindows);
        float[] all = WindowHistory.Of(normalisation.Apply(data.Features), data.BagOf, data.FeatureCount, window), some = new float[count * width];
        for (int i = 0; i < count; i++)
        {
            all.AsSpan((int)((long)i * data.Count / count) * width, width).CopyTo(some.AsSpan(i * width));
        }

        return some;
    }

    private static (float[] Temperatures, float[] Biases) Calibration(DistilledStudent student)
    {
        int k = student.Calibration.Length / 2;
        return ([.. Enumerable.Range(0, k).Select(j => (float)(1 / student.Calibration[2 * j]))], [.. Enumerable.Range(0, k).Select(j => (float)student.Calibration[(2 * j) + 1])]);
    }

    private static ModelContract Contract(DistilledStudent student, ModelFolderContents contents)
    {
        (float[] temperatures, float[] biases) = Calibration(student);
        (float[] low, float[] high) = Ranges(contents.Training);
        RobotConfig robot = contents.Robot;
        return new ModelContract
        {
            SchemaId = contents.Training.SchemaId,
            FeatureNames = contents.Training.FeatureNames,
            Horizon = robot.Horizon,
            Constraints = [.. robot.Constraints.Select((c, j) => Constraint(robot, c, student.Thresholds[j + 1]))],
            CollisionThreshold = student.Thresholds[0],
            TrainingLow = low,
            TrainingHigh = high,
            EnergyRange = student.EnergyRange,
            Calibration = new CalibrationContract(contents.Recipe.Calibration, [.. temperatures.Select(t => (double)t)], [.. biases.Select(b => (double)b)]),
            // No seconds: the same seed must give the same file on any machine.
            Teacher = contents.TeacherId is null ? TeacherContract.None : new TeacherContract(contents.TeacherId, contents.Backend, new Dictionary<string, double>
            {
                ["circuits"] = contents.Ledger.Circuits,
                ["shots"] = contents.Ledger.Shots,
                ["depth"] = contents.Ledger.Depth,
                ["two_qubit_gates"] = contents.Ledger.TwoQubitGates,
                ["estimated_price"] = contents.Ledger.EstimatedPrice,
            }),
            DataHashes = contents.DataHashes,
            Versions = new Dictionary<string, string> { ["qdistill"] = Version },
        };
    }

    private static string Version => typeof(ModelFolder).Assembly.GetName().Version?.ToString(3) ?? "0";

    // The robot file states what must hold; the contract states when it is violated.
    private static ConstraintContract Constraint(RobotConfig robot, ConstraintConfig c, double threshold)
    {
        int feature = Features.Signals.Find(robot.Schema, c.Signal);
        string violatedWhen = c.Op switch
        {
            Comparison.Less => ">=",
            Comparison.LessOrEqual => ">",
            Comparison.Greater => "<=",
            _ => "<",
        };
        return new ConstraintContract(c.Name, robot.Schema.Names[feature], violatedWhen, c.Limit, c.Unit ?? robot.Schema.Units[feature], c.Horizon, threshold);
    }

    private static (float[] Low, float[] High) Ranges(TeacherDataset data)
    {
        int d = data.FeatureCount;
        float[] low = new float[d], high = new float[d];
        for (int j = 0; j < d; j++)
        {
            float[] values = [.. Enumerable.Range(0, data.Count).Select(i => data.Features[(i * d) + j]).Where(float.IsFinite).Order()];
            low[j] = values.Length == 0 ? 0 : values[(int)(RangeTail * (values.Length - 1))];
            high[j] = values.Length == 0 ? 0 : values[(int)Math.Ceiling((1 - RangeTail) * (values.Length - 1))];
        }

        return (low, high);
    }

    private static string Card(string id, DistilledStudent student, ModelFolderContents contents)
    {
        EpochReport? best = student.Student.BestEpoch > 0 ? student.Student.History[student.Student.BestEpoch - 1] : null;
        string facts = string.Concat(contents.Facts.Select(f => $"  {TeacherText.Quote(f.Key)}: {TeacherText.Quote(f.Value)}\n"));
        return string.Create(CultureInfo.InvariantCulture, $"""
            # Model card, written with the model; the binding statement is the contract inside student.onnx.
            model_id: {id}
            robot: {TeacherText.Quote(contents.Robot.Name)}
            schema_id: {contents.Training.SchemaId}
            features: {contents.Training.FeatureCount}
            outputs: {TeacherText.List(contents.Training.OutputNames)}
            horizon: {contents.Robot.Horizon:R}
            student: {student.Student.Network.Spec.Kind}
            parameters: {student.Student.Network.ParameterCount}
            sparsity: {MagnitudePruning.Sparsity(student.Student.Network):F4}
            thresholds: {TeacherText.List(student.Thresholds)}
            calibration: {contents.Recipe.Calibration}
            training_windows: {contents.Training.Count}
            training_bags: {TeacherText.List(contents.Training.Bags)}
            validation_nll: {best?.ValidationNll ?? double.NaN:F4}
            teacher_id: {contents.TeacherId ?? "none"}
            backend: {(contents.Backend.Length == 0 ? "none" : contents.Backend)}
            circuits: {contents.Ledger.Circuits}
            shots: {contents.Ledger.Shots}
            facts:{(facts.Length == 0 ? " {}" : string.Empty)}
            {facts}
            """);
    }
}
