using System.CommandLine;
using QDistill.Cli.Terminal;
using QDistill.Configuration;
using QDistill.Evaluation.Studies;

namespace QDistill.Cli.Verbs;

/// <summary><c>qdistill study</c>: runs, watches, merges and reports studies.</summary>
internal static class StudyVerb
{
    public static Command Create()
    {
        Command verb = VerbOptions.Verb(
            "study",
            "Compares teachers, back ends, signals and label budgets over seeds, with controls, and says whether the quantum teacher helps.",
            "qdistill study run studies/signals_small.yaml --output out/study",
            "qdistill study report out/study");
        verb.Add(CreateRun());
        verb.Add(CreateStatus());
        verb.Add(CreateMerge());
        verb.Add(CreateReport());
        return verb;
    }

    private static Command CreateRun()
    {
        var file = new Argument<string>("study") { Description = "the study file" };
        Option<string> output = VerbOptions.Required<string>("--output", "the study's folder; one that holds runs already is gone on with", "FOLDER");
        Option<int> jobs = VerbOptions.Value("--jobs", "runs side by side; 0: one for each processor", 0, "N").Within(0, 1024);
        Option<string> shard = VerbOptions.Value("--shard", "which part of the runs, I from 1 to N; every run is in exactly one part", "1/1", "I/N");
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb(
            "run",
            "Runs what the study's folder does not hold yet; Ctrl-C or a kill lose at most the runs in flight.",
            "qdistill study run studies/signals_small.yaml --output out/study --jobs 2",
            "qdistill study run studies/signals_small.yaml --output out/part_1 --shard 1/4");
        verb.Add(file);
        verb.Add(output);
        verb.Add(jobs);
        verb.Add(shard);
        verb.Add(json);
        verb.SetAction((r, cancellation) =>
        {
            bool quiet = r.GetValue(json);
            StudySpec study = StudyFile.Load(r.GetRequiredValue(file));
            StudyOutcome outcome;
            using (var reading = new ProgressLine("reading recordings", quiet))
            using (var running = new ProgressLine("runs", quiet))
            {
                outcome = StudyEngine.Run(
                    study,
                    new StudyFolder(r.GetRequiredValue(output)),
                    new StudyRunOptions { Jobs = r.GetValue(jobs), Shard = StudyShard.Parse(r.GetRequiredValue(shard)), Reading = reading, Running = running, Note = quiet ? null : Output.Note },
                    cancellation);
            }

            if (quiet)
            {
                Output.WriteJson(outcome);
            }
            else
            {
                Output.Note(FormattableString.Invariant($"{outcome.Finished} runs finished in {outcome.Seconds:F0} s, {outcome.Failed} failed, {outcome.Remaining} still to do{(outcome.OutOfTime ? " (the study's max_seconds are over; the same command goes on)" : string.Empty)}; {outcome.TeachersFitted} teachers fitted"));
            }

            return Task.FromResult(outcome.Failed > 0 ? ExitCode.CheckFailed : 0);
        });
        return verb;
    }

    private static Command CreateStatus()
    {
        Argument<string> folder = Folder();
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb("status", "Says how far a study is; it may be running.", "qdistill study status out/study", "qdistill study status out/study --json");
        verb.Add(folder);
        verb.Add(json);
        verb.SetAction(r =>
        {
            StudyStatus status = new StudyFolder(r.GetRequiredValue(folder)).Status();
            Print(status, r.GetValue(json));
            return 0;
        });
        return verb;
    }

    private static Command CreateMerge()
    {
        var folders = new Argument<string[]>("folder") { Description = "the folders of one study's shards", Arity = ArgumentArity.OneOrMore };
        Option<string> output = VerbOptions.Required<string>("--output", "the folder for all runs together", "FOLDER");
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb("merge", "Puts the runs of several folders of one study together.", "qdistill study merge out/part_1 out/part_2 --output out/study");
        verb.Add(folders);
        verb.Add(output);
        verb.Add(json);
        verb.SetAction(r =>
        {
            StudyStatus status = new StudyFolder(r.GetRequiredValue(output)).Merge(r.GetRequiredValue(folders));
            Print(status, r.GetValue(json));
            return 0;
        });
        return verb;
    }

    private static Command CreateReport()
    {
        Argument<string> folder = Folder();
        Option<string?> output = VerbOptions.Optional<string>("--output", "the folder for report.html, report.md and the CSV files; by default the study's own", "FOLDER");
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb("report", "Writes the study's page, Markdown and CSV; of an unfinished study too.", "qdistill study report out/study", "qdistill study report out/study --output docs/results/signals");
        verb.Add(folder);
        verb.Add(output);
        verb.Add(json);
        verb.SetAction(r =>
        {
            string path = r.GetRequiredValue(folder), into = r.GetValue(output) ?? path;
            StudyAnalysis analysis = StudyAnalysis.Of(new StudyFolder(path));
            IReadOnlyList<string> files = StudyTables.Write(analysis, into, $"qdistill study report {path}{(into == path ? string.Empty : $" --output {into}")}");
            if (r.GetValue(json))
            {
                Output.WriteJson(new
                {
                    study = analysis.Plan.Name,
                    verdict = analysis.Verdict.ToString(),
                    answer = StudyReportPage.Verdict(analysis),
                    metric = analysis.Metric.Key,
                    overall = analysis.Overall.Select(c => new { control = c.Control, benefit = c.Benefit.Estimate, low = c.Benefit.Low, high = c.Benefit.High, seeds = c.Seeds, p = c.PValue, p_holm = c.Holm }),
                    notes = StudyReportPage.Notes(analysis),
                    files,
                });
            }
            else
            {
                Output.Note(StudyReportPage.Verdict(analysis));
                Output.WriteTable(null, [$"{analysis.Metric.Name} gained over", "mean>", "95 %>", "seeds>", "p (Holm)>"], analysis.Overall.Select(c => (IReadOnlyList<string>)
                [
                    StudyRole.Words(c.Control), Output.Number(c.Benefit.Estimate), c.Benefit.Low is null ? "-" : $"{Output.Number(c.Benefit.Low)} to {Output.Number(c.Benefit.High)}", Output.Count(c.Seeds), Output.Number(c.Holm),
                ]));
                Output.Note(string.Join('\n', files));
            }

            return 0;
        });
        return verb;
    }

    private static Argument<string> Folder() => new("folder") { Description = "the study's folder" };

    private static void Print(StudyStatus s, bool json)
    {
        if (json)
        {
            Output.WriteJson(s);
            return;
        }

        System.Console.Out.WriteLine($"{s.Name}: {s.Done} of {s.Runs} runs done, {s.Failed} failed, {s.Open} to do");
        Output.WriteTable(null, ["role", "done>"], s.ByRole.Select(p => (IReadOnlyList<string>)[StudyRole.Words(p.Key), p.Value]));
        foreach (string error in s.Errors)
        {
            Output.Note($"failed: {error}");
        }
    }
}
