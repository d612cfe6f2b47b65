using System.Diagnostics;
using QDistill.Cli.Terminal;
using QDistill.Cli.Verbs;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Export;
using QDistill.Distillation.Runs;
using QDistill.Distillation.Teachers;
using QDistill.Distillation.Training;
using QDistill.Evaluation.Replay;
using QDistill.Evaluation.Reports;
using QDistill.Features;
using QDistill.Inference;
using QDistill.Numerics;
using QDistill.Quantum;

namespace QDistill.Cli.Demo;

/// <summary>The whole flow once: bags, features, teacher, labels, student, replay, live nodes. Fails unless every stage really ran.</summary>
internal sealed class DemoRun(DemoOptions options, CancellationToken cancellation)
{
    private readonly Dictionary<string, double> seconds = [];

    public (DemoSummary Summary, IReadOnlyList<PredictorResult> Results) Run()
    {
        Directory.CreateDirectory(options.Folder);

        // What an earlier run left must not pass for this one's, should this one fail.
        foreach (string result in (string[])["summary.json", "metrics.json", "report.html"])
        {
            File.Delete(options.Path(result));
        }

        TorchSharp.torch.set_num_threads(1);
        IReadOnlyList<string> bags = Stage("bags", () => options.Bags ?? DemoData.Simulate(options, cancellation));
        DemoData data = Stage("features", () => options.Bags is null ? DemoData.ReadSimulated(options, bags, cancellation) : DemoData.ReadReal(options, bags, cancellation));
        Output.Note(data.Describe());
        using DemoModels models = Stage("teach", () => DemoModels.Teach(options, data, cancellation));
        TeacherDataset labelled = Stage("label", () => models.Label(options, data, cancellation));
        Recipe recipe = Recipe.Default with { Labels = options.Labels, Seed = options.Seed };
        string modelFolder = options.Path("model");
        string id = Stage("distill", () =>
        {
            models.Distill(labelled, data.ValidationTable, recipe, cancellation);
            return Export(models, data, labelled, recipe, modelFolder);
        });
        IReadOnlyList<PredictorResult> results = Stage("replay", () => Replay(models, data, modelFolder, id));
        DemoLive live = Stage("live", () => LiveStage.Run(data.Test[0].Path, data.Robot.File, modelFolder, options.LiveSeconds, options.Path("logs"), cancellation));

        PredictorResult Result(string key) => results.First(r => r.Key == key);
        Ledger ledger = models.Backend.Ledger;
        var summary = new DemoSummary
        {
            Windows = data.Windows,
            TestWindows = results[0].Metrics.Count,
            TestHazards = data.Test.Sum(w => w.Events.Count),
            LabelledWindows = models.Labelled.Length,
            Data = data.Describe(),
            Ledger = new DemoLedger(ledger.Circuits, ledger.Shots, ledger.Depth, ledger.TwoQubitGates, ledger.Seconds),
            Teacher = DemoScore.Of(Result("teacher")),
            Student = DemoScore.Of(Result("student")),
            NoTeacher = DemoScore.Of(Result("no_teacher")),
            ClassicalTeacher = DemoScore.Of(Result("classical_teacher")),
            ClassicalTeacherItself = DemoScore.Of(Result("classical_teacher_itself")),
            TtcRule = DemoScore.Of(Result("ttc_rule")),
            ModelId = id,
            Live = live,
            Seconds = seconds,
            Seed = options.Seed,
        };
        AtomicOutput.WriteText(options.Path("summary.json"), Output.ToJson(summary));
        return (summary, results);
    }

    private T Stage<T>(string name, Func<T> work)
    {
        cancellation.ThrowIfCancellationRequested();
        long start = Stopwatch.GetTimestamp();
        T result = work();
        seconds[name] = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 2);
        Output.Note(FormattableString.Invariant($"{name,-9} {seconds[name],6:F1} s"));
        return result;
    }

    private string Export(DemoModels models, DemoData data, TeacherDataset labelled, Recipe recipe, string folder) => ModelFolder.Write(
        folder,
        models.Student!,
        new ModelFolderContents
        {
            Robot = data.Robot,
            Training = labelled,
            Recipe = recipe,
            TeacherId = models.Teacher.Id,
            TeacherYaml = models.Teacher.ToYaml(),
            Backend = options.Backend,
            Ledger = models.Backend.Ledger,
            DataHashes = data.Training.ToDictionary(w => w.Name, w => DistillationRun.Hash(WindowTable.From(w))),
        },
        overwrite: true);

    private IReadOnlyList<PredictorResult> Replay(DemoModels models, DemoData data, string modelFolder, string id)
    {
        using RiskModel model = RiskModel.Load(modelFolder, data.Robot.Schema.Id);
        CalibratedTtcRule ttc = CalibratedTtcRule.Fit(data.Validation);
        TeacherDataset[] tables = [.. data.Test.Select(WindowTable.From)];
        int k = tables[0].OutputCount;
        double[] Collision(float[] p) => [.. Enumerable.Range(0, p.Length / k).Select(i => (double)p[i * k])];
        var inference = new LatencyHistogram();
        List<Prediction> predictions =
        [
            new("student", "student", [.. data.Test.Select(w => ModelReplay.Predict(w, model, inference))]),
            new("teacher", "quantum teacher", [.. tables.Select(t => Collision(models.Teacher.Answer(t.Features, 0, cancellation).Probabilities))]),
            new("no_teacher", "no teacher", [.. tables.Select(t => Collision(models.NoTeacher!.Probabilities(t.Features)))]),
            new("classical_teacher", "classical teacher's student", [.. tables.Select(t => Collision(models.ClassicalStudent!.Probabilities(t.Features)))]),
            new("classical_teacher_itself", "classical teacher", [.. tables.Select(t => Collision(models.ClassicalTeacher.Answer(t.Features, 0, cancellation).Probabilities))]),
            new("ttc_rule", "time-to-collision rule", [.. data.Test.Select(ttc.Predict)]),
        ];
        double threshold = model.Contract.CollisionThreshold;
        IReadOnlyList<PredictorResult> results = RecordingJudge.Judge(data.Test, predictions, threshold);
        var report = new ReplayReport
        {
            Meta = new ReplayMeta
            {
                Bags = [.. data.Test.Select(w => w.Path)],
                Model = modelFolder,
                ModelId = id,
                Robot = data.Robot.File,
                HorizonS = data.Robot.Horizon,
                Command = options.Bags is null ? $"make demo DEMO_FLAGS=\"--seed {options.Seed}\"" : "make demo BAG=FOLDER",
                Versions = new Dictionary<string, string> { [".NET"] = Environment.Version.ToString() },
                Facts = new Dictionary<string, string>
                {
                    ["split"] = data.Describe(),
                    ["teacher"] = FormattableString.Invariant($"{models.Teacher.Id}, fitted on {models.Labelled.Length} labelled windows, asked through '{options.Backend}'"),
                    ["ledger"] = FormattableString.Invariant($"{models.Backend.Ledger.Circuits:N0} circuits, {models.Backend.Ledger.Shots:N0} shots, fitting included"),
                    ["calibration"] = "every predictor, the rule included, is calibrated on the validation recordings alone",
                },
                IntervalMethod = RecordingJudge.IntervalMethod(data.Test),
            },
            Predictors = results,
            Strips = RecordingJudge.Strips(data.Test, [predictions[0], predictions[1], predictions[5]], threshold),
            Latency = [("inference", inference)],
            Notes = RecordingJudge.Notes(data.Test),
        };
        AtomicOutput.WriteText(options.Path("metrics.json"), report.ToJson());
        ReplayReportPage.Write(options.Path("report.html"), report);
        return results;
    }
}
