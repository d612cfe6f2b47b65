using System.CommandLine;
using QDistill.Cli.Acceptance;
using QDistill.Cli.Terminal;
using QDistill.Evaluation.Replay;
using QDistill.Evaluation.Reports;
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
            new ReplayRun
            {
                Bags = CommonOptions.ExpandBags(r.GetRequiredValue(bags)),
                Model = r.GetRequiredValue(model),
                Robot = r.GetRequiredValue(robot),
                CalibrationBags = r.GetValue(calibrate) is { Length: > 0 } c ? CommonOptions.ExpandBags(c) : [],
                Condition = r.GetValue(condition),
                Output = r.GetRequiredValue(output),
            },
            r.GetValue(accept),
            r.GetValue(json),
            cancellation)));
        return verb;
    }

    private static int Run(ReplayRun run, string? accept, bool json, CancellationToken cancellation)
    {
        if (accept is not null)
        {
            SafetyFile safety = SafetyFile.Load(accept, CommonOptions.LoadRobot(run.Robot));
            run = run with { AcceptanceFile = accept, Acceptance = (recordings, ttc) => safety.Judge(recordings, run.Model, ttc) };
        }

        ReplayOutcome made;
        using (var observer = new ConsoleObserver(json))
        {
            made = run.Run(observer, cancellation);
        }

        if (json)
        {
            Console.Out.WriteLine(made.Report.ToJson());
        }
        else
        {
            Print(made.Report.Predictors);
            foreach (AcceptanceVerdict v in made.Report.Acceptance)
            {
                Print(v);
            }

            Output.Note($"{made.MetricsFile}\n{made.PageFile}");
        }

        if (made.Report.Acceptance is [{ Accepted: false } refused, ..])
        {
            Console.Error.WriteLine($"qdistill: {accept}: {refused.Sentence()}.");
            return ExitCode.CheckFailed;
        }

        return 0;
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
