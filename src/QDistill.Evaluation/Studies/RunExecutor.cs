using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Training;
using QDistill.Features;

namespace QDistill.Evaluation.Studies;

/// <summary>Does one run: labels, student, verdict. What comes out depends on the run's specification alone, but for timings and what was measured of the machine.</summary>
internal sealed class RunExecutor(IReadOnlyDictionary<string, StudyData> dataByHash, TeacherCache teachers)
{
    private static readonly IReadOnlyDictionary<string, string> Versions = new Dictionary<string, string>
    {
        ["qdistill"] = typeof(RunExecutor).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0",
        ["code"] = CodeVersion.Current,
        ["dotnet"] = Environment.Version.ToString(),
        ["os"] = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}",
    };

    private readonly OnceCache<TrainedRun> trained = new(32);
    private readonly ConcurrentDictionary<string, Lazy<IReadOnlyDictionary<string, double>>> machine = new();

    /// <summary>Runs; a user's error becomes a record that says so.</summary>
    public RunRecord Run(RunSpec run, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            StudyData data = dataByHash[run.Data];
            return run.Predictor == "ttc_rule" ? Rule(run, data, start) : Student(run, data, start, cancellation);
        }
        catch (UserErrorException e) when (e.InnerException is not IOException)
        {
            return new RunRecord { Id = run.Id, Config = run, Error = e.Message, Timings = Timings(start), Versions = Versions };
        }
    }

    private static RunRecord Rule(RunSpec run, StudyData data, long start)
    {
        TestSet test = data.Test(run.Test);
        return new RunRecord
        {
            Id = run.Id,
            Config = run,
            Scores = RunJudge.Judge(test, new JudgedPredictor(test.TtcRule!, data.TtcThreshold, [], [], test.Kind == TestKind.AsRecorded ? [] : data.Tests[0].TtcRule ?? [])),
            Timings = Timings(start),
            Versions = Versions,
        };
    }

    private RunRecord Student(RunSpec run, StudyData data, long start, CancellationToken cancellation)
    {
        // A student is trained once for all tests that it is judged on.
        TrainedRun student = trained.Get(run.StudentKey, () => Train(run.AsRecorded, data, cancellation));
        double ready = Stopwatch.GetElapsedTime(start).TotalSeconds;
        TestSet test = data.Test(run.Test);
        double[] familiar = test.Kind == TestKind.AsRecorded ? [] : student.Tests[data.Tests[0].Hash];
        RunScores scores = RunJudge.Judge(test, new JudgedPredictor(student.Tests[test.Hash], student.Threshold, student.Validation, student.ValidationTruth, familiar));
        double judged = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new RunRecord
        {
            Id = run.Id,
            Config = run,
            Ledger = student.Labels?.Ledger ?? new RunLedger(RunCost.None, RunCost.None),
            Scores = scores,
            TeacherScores = test.Kind == TestKind.AsRecorded ? student.Labels?.Scores : null,
            TeacherId = student.Labels?.TeacherId ?? string.Empty,
            Parameters = student.Parameters,
            Flops = student.Flops,
            ModelBytes = student.Bytes,
            BestEpoch = student.BestEpoch,
            Machine = machine.GetOrAdd(student.Shape, _ => new Lazy<IReadOnlyDictionary<string, double>>(() => student.Onnx.Length == 0 ? new Dictionary<string, double>() : ModelCost.Measure(student.Onnx, cancellation))).Value,
            Timings = Timings(start, ("student", ready), ("labels", student.LabelSeconds), ("train", student.TrainSeconds), ("judge", judged - ready)),
            Versions = Versions,
        };
    }

    private TrainedRun Train(RunSpec run, StudyData data, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        Recipe recipe = Recipe.Read(ConfigFile.Parse(run.Recipe, "recipe"));
        TeacherLabels? labels = run.Teacher.Length > 0 ? teachers.Get(run, data, recipe.Details, cancellation) : null;
        double labelled = Stopwatch.GetElapsedTime(start).TotalSeconds;
        TeacherDataset training = labels is null ? data.Training : data.Training.WithTeacher(labels.Answers);
        int[] few = LabelBudget.Choose(data.Training, run.Labels, run.Seed);
        using DistilledStudent student = DistilledStudent.Distill(training, data.Validation, recipe, few, null, cancellation);
        double done = Stopwatch.GetElapsedTime(start).TotalSeconds;
        int outputs = data.Training.OutputCount;
        double[] validation = RunJudge.Collision(student.Probabilities(data.Validation), outputs);
        int[] known = [.. Enumerable.Range(0, validation.Length).Where(i => data.Validation.Truth[i * outputs] != Truth.Unknown && !double.IsNaN(validation[i]))];
        byte[] onnx = ModelCost.Export(student, data.Training, data.Tests[0].Recordings.Max(r => r.Horizon));
        return new TrainedRun
        {
            Labels = labels,
            Tests = data.Tests.DistinctBy(t => t.Hash).ToDictionary(t => t.Hash, t => RunJudge.Collision(student.Probabilities(t.Table), outputs)),
            Threshold = student.Thresholds[0],
            Validation = [.. known.Select(i => validation[i])],
            ValidationTruth = [.. known.Select(i => data.Validation.Truth[i * outputs] == Truth.Hazard)],
            Parameters = student.Student.Network.ParameterCount,
            Flops = ModelCost.Operations(student),
            Onnx = onnx,
            Bytes = onnx.Length,
            Shape = $"{data.Training.FeatureCount} {outputs} {recipe.Student}",
            BestEpoch = student.Student.BestEpoch,
            LabelSeconds = labelled,
            TrainSeconds = done - labelled,
        };
    }

    private static Dictionary<string, double> Timings(long start, params (string Stage, double Seconds)[] stages)
    {
        var timings = new Dictionary<string, double> { ["total"] = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 3) };
        foreach ((string stage, double seconds) in stages)
        {
            timings[stage] = Math.Round(seconds, 3);
        }

        return timings;
    }

    /// <summary>A trained student as far as judges need it; the network itself is gone.</summary>
    private sealed record TrainedRun
    {
        public required TeacherLabels? Labels { get; init; }

        /// <summary>Probabilities at every window of each test, by the test's hash.</summary>
        public required IReadOnlyDictionary<string, double[]> Tests { get; init; }

        public required double Threshold { get; init; }

        public required double[] Validation { get; init; }

        public required bool[] ValidationTruth { get; init; }

        public required long Parameters { get; init; }

        public required long Flops { get; init; }

        public required byte[] Onnx { get; init; }

        public required long Bytes { get; init; }

        public required string Shape { get; init; }

        public required int BestEpoch { get; init; }

        public required double LabelSeconds { get; init; }

        public required double TrainSeconds { get; init; }
    }
}
