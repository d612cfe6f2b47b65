using System.CommandLine;
using System.Diagnostics;
using QDistill.Cli.Acceptance;
using QDistill.Cli.Terminal;
using QDistill.Configuration;
using QDistill.Evaluation.Conditions;
using QDistill.Evaluation.Replay;
using QDistill.Evaluation.Reports;
using QDistill.Features;
using QDistill.Inference;
using QDistill.Metrics;
using QDistill.Numerics;

namespace QDistill.Cli.Verbs;

/// <summary><c>qdistill replay</c>: judges a model on bags, offline and deterministically.</summary>
internal static class ReplayVerb
{
    public static Command Create()
    {
        var bags = new Argument<string[]>("bag") { Description = "the bags to replay, or folders of bags", Arity = ArgumentArity.OneOrMore };
        Option<string> model = VerbOptions.Required<string>("--model", "a model folder or a student.onnx", "PATH");
        Option<string> robot = CommonOptions.Robot();
        Option<string[]> calibrate = new("--calibrate-ttc") { Description = "bags on which the time-to-collision rule may be calibrated before it is compared", HelpName = "BAG", AllowMultipleArgumentsPerToken = true };
        Option<string?> condition = VerbOptions.Optional<string>("--condition", "a condition file: noise, losses, delays or another lidar, applied to the raw messages before features are formed", "FILE");
        Option<string?> accept = VerbOptions.Optional<string>("--accept", "an acceptance test (safety.yaml): exit code 3 when the model does not pass it", "FILE");
        Option<string> output = VerbOptions.Value("--output", "the folder for metrics.json and report.html", "out/replay", "FOLDER");
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb(
            "replay",
            "Runs a model over bags offline, compares it with hindsight and with the time-to-collision rule, and writes metrics.json and report.html.",
            "qdistill replay out/demo/bags/test_1 out/demo/bags/test_2 --model out/demo/model",
            "qdistill replay run_7 --robot neato --model models/neato --output out/run_7 --json",
            "qdistill replay run_7 --robot neato --model models/neato --condition conditions/half_the_beams.yaml",
            "qdistill replay bags --model models/agv_simulated --accept robots/safety.yaml");
        verb.Add(bags);
        verb.Add(model);
        verb.Add(robot);
        verb.Add(calibrate);
        verb.Add(condition);
        verb.Add(accept);
        verb.Add(output);
        verb.Add(json);
        verb.SetAction((r, cancellation) => Task.FromResult(Run(
            CommonOptions.ExpandBags(r.GetRequiredValue(bags)),
            r.GetRequiredValue(model),
            r.GetRequiredValue(robot),
            r.GetValue(calibrate) is { Length: > 0 } c ? CommonOptions.ExpandBags(c) : [],
            r.GetValue(condition),
            r.GetValue(accept),
            r.GetRequiredValue(output),
            r.GetValue(json),
            cancellation)));
        return verb;
    }

    private static int Run(IReadOnlyList<string> bags, string modelPath, string robotFile, IReadOnlyList<string> calibrationBags, string? conditionFile, string? accept, string output, bool json, CancellationToken cancellation)
    {
        RobotConfig robot = CommonOptions.LoadRobot(robotFile);
        Condition? condition = conditionFile is null ? null : Condition.Load(conditionFile);
        SafetyFile? safety = accept is null ? null : SafetyFile.Load(accept, robot);
        using RiskModel model = RiskModel.Load(modelPath);
        if (model.Contract.SchemaId != robot.Schema.Id)
        {
            throw new UserErrorException(
                $"the model {model.ModelId} was trained on feature schema {model.Contract.SchemaId}, but the robot '{robot.Name}' gives {robot.Schema.Id}", modelPath, "give the robot file the model was trained with (--robot)");
        }

        IReadOnlyList<FeatureWindows> recordings;
        CalibratedTtcRule ttc;
        var features = new LatencyHistogram();
        using (var progress = new ProgressLine("replaying", json))
        {
            long start = Stopwatch.GetTimestamp();
            recordings = FeatureWindows.FromBags(bags, robot, progress, cancellation, condition);
            int windows = recordings.Sum(w => w.Count);
            if (windows > 0)
            {
                features.Record((long)(Stopwatch.GetElapsedTime(start).TotalNanoseconds / windows));
            }

            ttc = calibrationBags.Count == 0 ? CalibratedTtcRule.Uncalibrated : CalibratedTtcRule.Fit(FeatureWindows.FromBags(calibrationBags, robot, null, cancellation));
        }

        var inference = new LatencyHistogram();
        var predictions = new List<Prediction> { new("student", $"student {model.ModelId}", [.. recordings.Select(w => ModelReplay.Predict(w, model, inference))]) };
        if (recordings.All(w => w.TtcScore.Length == w.Count))
        {
            predictions.Add(new("ttc_rule", ttc.IsCalibrated ? "time-to-collision rule, calibrated" : "time-to-collision rule", [.. recordings.Select(ttc.Predict)]));
        }

        double threshold = model.Contract.CollisionThreshold;
        IReadOnlyList<PredictorResult> results = RecordingJudge.Judge(recordings, predictions, threshold);
        IReadOnlyList<AcceptanceVerdict> verdicts = safety?.Judge(recordings, modelPath, predictions.FirstOrDefault(p => p.Key == "ttc_rule")?.Collision) ?? [];
        var report = new ReplayReport
        {
            Meta = new ReplayMeta
            {
                Bags = bags,
                Model = modelPath,
                ModelId = model.ModelId,
                Robot = robotFile,
                HorizonS = model.Contract.Horizon,
                Command = $"qdistill replay {string.Join(' ', bags)} --model {modelPath} --robot {robotFile}{(conditionFile is null ? string.Empty : $" --condition {conditionFile}")}{(accept is null ? string.Empty : $" --accept {accept}")}",
                Versions = new Dictionary<string, string> { ["qdistill"] = typeof(ReplayVerb).Assembly.GetName().Version?.ToString(3) ?? "0", [".NET"] = Environment.Version.ToString() },
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
            Predictors = results,
            Strips = RecordingJudge.Strips(recordings, predictions, threshold),
            Latency = [("features per window, reading included", features), ("inference", inference)],
            Notes = [.. RecordingJudge.Notes(recordings), .. ConditionNotes(condition, recordings)],
            Acceptance = verdicts,
        };
        string metrics = Path.Combine(output, "metrics.json"), page = Path.Combine(output, "report.html");
        AtomicOutput.WriteText(metrics, report.ToJson());
        ReplayReportPage.Write(page, report);
        if (json)
        {
            Console.Out.WriteLine(report.ToJson());
        }
        else
        {
            Print(results);
            foreach (AcceptanceVerdict v in verdicts)
            {
                Print(v);
            }

            Output.Note($"{metrics}\n{page}");
        }

        if (verdicts is [{ Accepted: false } refused, ..])
        {
            Console.Error.WriteLine($"qdistill: {accept}: {refused.Sentence()}.");
            return ExitCode.CheckFailed;
        }

        return 0;
    }

    private static IEnumerable<string> ConditionNotes(Condition? condition, IReadOnlyList<FeatureWindows> recordings)
    {
        if (condition is not null)
        {
            int left = recordings.Sum(w => w.Count), all = recordings.Sum(w => w.UndisturbedCount);
            yield return FormattableString.Invariant($"The messages went through the condition '{condition.Name}' first; {left} of {all} windows are left. Truth comes from the undisturbed messages.");
        }
    }

    private static void Print(AcceptanceVerdict verdict) => Output.WriteTable(
        $"{verdict.Name}: {(verdict.Accepted ? "accepted" : "NOT accepted")}, {verdict.Dangers.Count} dangers",
        ["limit", "asked for>", "median>", "worst>", "met by>", "verdict"],
        verdict.Limits.Select(l => (IReadOnlyList<string>)
        [
            l.Name,
            (l.IsMost ? "<= " : ">= ") + AcceptanceVerdict.Text(l.Limit, l),
            AcceptanceVerdict.Text(l.Median, l),
            AcceptanceVerdict.Text(l.Worst, l),
            l.Key == "false_stop" ? "-" : FormattableString.Invariant($"{l.MetBy} of {l.Judged}"),
            l.Met ? "met" : "NOT met",
        ]));

    internal static void Print(IReadOnlyList<PredictorResult> results) => Output.WriteTable(
        $"{Output.Count(results[0].Metrics.Count)} windows, {Output.Count(results[0].Metrics.Positives)} of them before a collision",
        ["predictor", "AUROC>", "95 %>", "AUPRC>", "F1>", "Brier>", "NLL>", "ECE>"],
        results.Select(r =>
        {
            Interval auroc = r.Value(BinaryMetric.Auroc);
            return (IReadOnlyList<string>)
            [
                r.Name, Output.Number(auroc.Estimate), auroc.Low is null ? "-" : $"{Output.Number(auroc.Low)}-{Output.Number(auroc.High)}",
                Output.Number(r.Metrics.Auprc), Output.Number(r.Metrics.F1), Output.Number(r.Metrics.Brier, 4), Output.Number(r.Metrics.Nll), Output.Number(r.Metrics.Ece),
            ];
        }));
}
