using System.Diagnostics;
using QDistill.Configuration;
using QDistill.Distillation.Runs;
using QDistill.Evaluation.Conditions;
using QDistill.Evaluation.Reports;
using QDistill.Features;
using QDistill.Inference;
using QDistill.Metrics;
using QDistill.Numerics;

namespace QDistill.Evaluation.Replay;

/// <summary>What a replay made.</summary>
/// <param name="Report">The figures.</param>
/// <param name="MetricsFile">Where they are as JSON.</param>
/// <param name="PageFile">The page.</param>
public sealed record ReplayOutcome(ReplayReport Report, string MetricsFile, string PageFile);

/// <summary>Judges a model on bags, offline and deterministically. Behind <c>qdistill replay</c> and the node <c>replay_evaluation</c>.</summary>
public sealed record ReplayRun
{
    /// <summary>The bags.</summary>
    public required IReadOnlyList<string> Bags { get; init; }

    /// <summary>The robot: a file, or a name in robots/.</summary>
    public required string Robot { get; init; }

    /// <summary>A model folder or a student.onnx.</summary>
    public required string Model { get; init; }

    /// <summary>Bags on which the time-to-collision rule may be calibrated before it is compared.</summary>
    public IReadOnlyList<string> CalibrationBags { get; init; } = [];

    /// <summary>A condition file, applied to the raw messages; null: as recorded.</summary>
    public string? Condition { get; init; }

    /// <summary>The acceptance test's file, for the report's command; null: none.</summary>
    public string? AcceptanceFile { get; init; }

    /// <summary>
    /// Judges the model by an acceptance test, and the time-to-collision rule beside it: recordings and the rule's probabilities for each (null when the robot does not carry it) in,
    /// verdicts out; null: none.
    /// </summary>
    public Func<IReadOnlyList<FeatureWindows>, IReadOnlyList<double[]>?, IReadOnlyList<AcceptanceVerdict>>? Acceptance { get; init; }

    /// <summary>The folder for metrics.json and report.html.</summary>
    public required string Output { get; init; }

    /// <summary>Does it.</summary>
    /// <param name="observer">Told how it goes on.</param>
    /// <param name="cancellation">Stops it; nothing is left behind.</param>
    /// <exception cref="UserErrorException">Something asked for cannot be done.</exception>
    public ReplayOutcome Run(IRunObserver observer, CancellationToken cancellation)
    {
        RobotConfig robot = RobotConfig.Load(RobotFile.Find(Robot, "--robot"));
        Condition? condition = Condition is null ? null : Conditions.Condition.Load(Condition);
        using RiskModel model = RiskModel.Load(Model);
        if (model.Contract.SchemaId != robot.Schema.Id)
        {
            throw new UserErrorException(
                $"the model {model.ModelId} was trained on feature schema {model.Contract.SchemaId}, but the robot '{robot.Name}' gives {robot.Schema.Id}", Model, "give the robot file the model was trained with (--robot)");
        }

        var features = new LatencyHistogram();
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<FeatureWindows> recordings = FeatureWindows.FromBags(Bags, robot, observer.Begin("replaying"), cancellation, condition);
        int windows = recordings.Sum(w => w.Count);
        if (windows > 0)
        {
            features.Record((long)(Stopwatch.GetElapsedTime(start).TotalNanoseconds / windows));
        }

        CalibratedTtcRule ttc = CalibrationBags.Count == 0 ? CalibratedTtcRule.Uncalibrated : CalibratedTtcRule.Fit(FeatureWindows.FromBags(CalibrationBags, robot, null, cancellation));
        observer.Begin("judging", windows);
        var inference = new LatencyHistogram();
        var predictions = new List<Prediction> { new("student", $"student {model.ModelId}", [.. recordings.Select(w => ModelReplay.Predict(w, model, inference))]) };
        if (recordings.All(w => w.TtcScore.Length == w.Count))
        {
            predictions.Add(new("ttc_rule", ttc.IsCalibrated ? "time-to-collision rule, calibrated" : "time-to-collision rule", [.. recordings.Select(ttc.Predict)]));
        }

        cancellation.ThrowIfCancellationRequested();
        double threshold = model.Contract.CollisionThreshold;
        var report = new ReplayReport
        {
            Meta = new ReplayMeta
            {
                Bags = Bags,
                Model = Model,
                ModelId = model.ModelId,
                Robot = Robot,
                HorizonS = model.Contract.Horizon,
                Command = $"qdistill replay {string.Join(' ', Bags)} --model {Model} --robot {Robot}{(Condition is null ? string.Empty : $" --condition {Condition}")}{(AcceptanceFile is null ? string.Empty : $" --accept {AcceptanceFile}")}",
                Versions = new Dictionary<string, string> { ["qdistill"] = typeof(ReplayRun).Assembly.GetName().Version?.ToString(3) ?? "0", [".NET"] = Environment.Version.ToString() },
                Facts = new Dictionary<string, string>
                {
                    ["feature schema"] = robot.Schema.Id,
                    ["teacher"] = model.Contract.Teacher.Id,
                    ["teacher's back end"] = model.Contract.Teacher.Backend,
                    ["condition"] = condition is null ? "as recorded" : $"{condition.Name}: {condition.ToYaml().TrimEnd().ReplaceLineEndings("; ")}",
                    ["alarm threshold"] = FormattableString.Invariant($"{threshold:F3}, chosen on validation windows"),
                },
                IntervalMethod = RecordingJudge.IntervalMethod(recordings),
            },
            Predictors = RecordingJudge.Judge(recordings, predictions, threshold),
            Strips = RecordingJudge.Strips(recordings, predictions, threshold),
            Latency = [("features per window, reading included", features), ("inference", inference)],
            Notes = [.. RecordingJudge.Notes(recordings), .. ConditionNotes(condition, recordings)],
            Acceptance = Acceptance?.Invoke(recordings, predictions.FirstOrDefault(p => p.Key == "ttc_rule")?.Collision) ?? [],
        };
        cancellation.ThrowIfCancellationRequested();
        string metrics = Path.Combine(Output, "metrics.json"), page = Path.Combine(Output, "report.html");
        AtomicOutput.WriteText(metrics, report.ToJson());
        ReplayReportPage.Write(page, report);
        return new ReplayOutcome(report, metrics, page);
    }

    private static IEnumerable<string> ConditionNotes(Condition? condition, IReadOnlyList<FeatureWindows> recordings)
    {
        if (condition is not null)
        {
            int left = recordings.Sum(w => w.Count), all = recordings.Sum(w => w.UndisturbedCount);
            yield return FormattableString.Invariant($"The messages went through the condition '{condition.Name}' first; {left} of {all} windows are left. Truth comes from the undisturbed messages.");
        }
    }
}
