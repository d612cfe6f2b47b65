using System.Diagnostics;
using QDistill.Configuration;
using QDistill.Evaluation.Studies;

namespace QDistill.Evaluation.Tests.Studies;

/// <summary>Whole studies on simulated bags.</summary>
public class StudyEngineTests(TinyStudy study) : IClassFixture<TinyStudy>
{
    [Fact]
    public void A_study_runs_every_condition_and_control_once_and_fits_each_teacher_once()
    {
        Assert.Equal((TinyStudy.Runs, 0, 0), (study.Outcome.Finished, study.Outcome.Failed, study.Outcome.Remaining));
        Assert.Equal(2 * 3, study.Outcome.TeachersFitted); // vqc, disentangled and classical, for each of two seeds
        IReadOnlyDictionary<string, RunRecord> runs = study.Whole.LoadRuns();
        Assert.Equal(TinyStudy.Runs, File.ReadAllLines(study.Whole.RunsPath).Length);
        Assert.All(runs.Values, r =>
        {
            Assert.Equal(r.Id, r.Config.Id);
            Assert.Null(r.Error);
            Assert.InRange(r.Scores!.Metrics["auroc"]!.Value, 0, 1);
            Assert.Equal(r.Scores.Metrics["windows"], r.Scores.Reliability.Sum(b => b.Count));
        });
        Assert.Single(runs.Values.Select(r => r.Scores!.Metrics["windows"]).Distinct()); // all are judged on the same windows
        Assert.All(runs.Values.Where(r => r.Config.Predictor == "student"), r =>
        {
            Assert.True(r is { ModelBytes: > 1000, Flops: > 1000, Parameters: > 500 });
            Assert.InRange(r.Machine["paced_p50_us"], 0.1, 1e6);
            Assert.InRange(r.Scores!.Metrics["conformal_coverage"]!.Value, 0.5, 1);
            Assert.Equal(r.Config.Test.Length > 0, r.Scores.Metrics["ood_auroc"] is not null);
        });
        RunRecord[] disturbed = [.. runs.Values.Where(r => r.Config.Condition.Contains("scan: {noise: 0.1}", StringComparison.Ordinal))];
        Assert.Equal(TinyStudy.Runs / TinyStudy.Tests, disturbed.Length);
        Assert.All(disturbed, d => Assert.Contains(d.Config.StudentKey, runs.Keys)); // the same student, judged as recorded too
        Assert.Contains(disturbed, d => d.Scores!.Metrics["auroc"] != runs[d.Config.StudentKey].Scores!.Metrics["auroc"]);
        Assert.Equal([StudyRole.TtcRule, StudyRole.NoTeacher, StudyRole.Classical, StudyRole.NoEntanglement, StudyRole.Quantum], study.Whole.LoadPlan().Conditions.Select(c => c.Role).Distinct());
    }

    [Fact]
    public void The_ledger_counts_what_the_teacher_was_asked()
    {
        int training = 0;
        foreach (RunRecord r in study.Whole.LoadRuns().Values.Where(r => r.Config.Backend == "sampled"))
        {
            training = (int)r.Ledger.Label.Circuits; // Z observables need one basis: a circuit for each training window
            Assert.Equal(64L * r.Ledger.Label.Circuits, r.Ledger.Label.Shots);
            Assert.Equal(0, r.Ledger.Fit.Shots);
            Assert.True(r.Ledger.Fit.Circuits > 30 * 60 / 2);
        }

        Assert.InRange(training, 1000, 1300); // two runs of 60 s at 10 windows a second
        Assert.All(study.Whole.LoadRuns().Values.Where(r => r.Config.Backend == "statevector"), r => Assert.Equal((training, 0), (r.Ledger.Label.Circuits, r.Ledger.Label.Shots)));
        Assert.All(study.Whole.LoadRuns().Values.Where(r => r.Config.Backend == "none"), r => Assert.Equal(RunCost.None, r.Ledger.Total));
        Assert.All(study.Whole.LoadRuns().Values.Where(r => r.Config.Teacher.Contains("no-entanglement", StringComparison.Ordinal)), r => Assert.Equal(0, r.Ledger.Total.TwoQubitGates));
    }

    [Fact]
    public void One_job_gives_the_numbers_of_two()
    {
        StudyFolder one = study.Fresh("one_job");
        StudyEngine.Run(study.Load(), one, new StudyRunOptions { Jobs = 1 });
        Assert.Equal(TinyStudy.Repeatable(study.Whole), TinyStudy.Repeatable(one));
    }

    [Fact]
    public void A_killed_study_goes_on_and_ends_with_the_numbers_of_an_undisturbed_one()
    {
        StudyFolder killed = study.Fresh("killed");
        using (Process child = Process.Start(new ProcessStartInfo("dotnet", [typeof(StudyHost).Assembly.Location, study.File_, killed.Path, "2"]))!)
        {
            long start = Stopwatch.GetTimestamp();
            while (!File.Exists(killed.RunsPath) || File.ReadAllBytes(killed.RunsPath).Count(b => b == '\n') < 4)
            {
                Assert.False(child.HasExited, "the study ended before it could be killed");
                Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(3));
                Thread.Sleep(5);
            }

            child.Kill(); // SIGKILL
            child.WaitForExit();
            Assert.Equal(128 + 9, child.ExitCode);
        }

        byte[] left = File.ReadAllBytes(killed.RunsPath);
        int whole = left.Count(b => b == '\n');
        Assert.InRange(whole, 4, TinyStudy.Runs - 1);
        StudyOutcome rest = StudyEngine.Run(study.Load(), killed, new StudyRunOptions { Jobs = 2 });
        Assert.Equal((TinyStudy.Runs - whole, 0), (rest.Finished, rest.Remaining));
        int kept = Array.LastIndexOf(left, (byte)'\n') + 1;
        Assert.Equal(left[..kept], File.ReadAllBytes(killed.RunsPath)[..kept]);
        Assert.Equal(TinyStudy.Repeatable(study.Whole), TinyStudy.Repeatable(killed));
    }

    [Fact]
    public void Shards_merged_are_the_whole_study()
    {
        StudyFolder[] parts = [study.Fresh("shard_1"), study.Fresh("shard_2")];
        for (int i = 0; i < 2; i++)
        {
            StudyOutcome o = StudyEngine.Run(study.Load(), parts[i], new StudyRunOptions { Jobs = 2, Shard = new StudyShard(i + 1, 2) });
            Assert.Equal(0, o.Remaining);
            Assert.InRange(o.Finished, 1, TinyStudy.Runs - 1);
        }

        var merged = study.Fresh("merged");
        StudyStatus status = merged.Merge([.. parts.Select(p => p.Path)]);
        Assert.Equal((TinyStudy.Runs, 0, 0), (status.Done, status.Open, status.Unused));
        Assert.Equal(parts.Sum(p => File.ReadAllLines(p.RunsPath).Length), File.ReadAllLines(merged.RunsPath).Length); // nothing was done twice
        Assert.Equal(TinyStudy.Repeatable(study.Whole), TinyStudy.Repeatable(merged));
        Assert.Equal(StudyTables.Differences(StudyAnalysis.Of(study.Whole)), StudyTables.Differences(StudyAnalysis.Of(merged)));
        Assert.Contains("holds runs already", Assert.Throws<UserErrorException>(() => merged.Merge([parts[0].Path])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_seed_gives_other_runs_and_keeps_those_that_are_there()
    {
        StudyFolder grown = study.Fresh("grown");
        File.Copy(study.Whole.RunsPath, grown.RunsPath);
        StudySpec more = TinyStudy.Parse(TinyStudy.Text.Replace("seeds: 2", "seeds: [1, 2, 3]", StringComparison.Ordinal));
        StudyOutcome o = StudyEngine.Run(more, grown, new StudyRunOptions { Jobs = 2 });
        Assert.Equal((TinyStudy.Runs - TinyStudy.Tests) / 2, o.Finished); // the rule has no seed
        Assert.Equal(TinyStudy.Runs + ((TinyStudy.Runs - TinyStudy.Tests) / 2), o.Status.Done);
    }

    [Fact]
    public void Cancelling_keeps_what_was_finished()
    {
        StudyFolder stopped = study.Fresh("stopped");
        using var stop = new CancellationTokenSource();
        var options = new StudyRunOptions { Jobs = 2, Running = new Synchronous(_ => stop.Cancel()) };
        Assert.ThrowsAny<OperationCanceledException>(() => StudyEngine.Run(study.Load(), stopped, options, stop.Token));
        StudyStatus status = stopped.Status();
        Assert.InRange(status.Done, 1, 3);
        Assert.Equal(0, status.Failed);
    }

    [Fact]
    public void A_budget_of_seconds_ends_a_call_and_the_next_one_goes_on()
    {
        StudyFolder brief = study.Fresh("brief");
        StudyOutcome o = StudyEngine.Run(TinyStudy.Parse(TinyStudy.Text + "\nbudget: {max_seconds: 0.001}\n"), brief, new StudyRunOptions { Jobs = 1 });
        Assert.True(o.OutOfTime);
        Assert.Equal((0, TinyStudy.Runs), (o.Finished, o.Remaining));
        UserErrorException tooMany = Assert.Throws<UserErrorException>(() => StudyEngine.Run(TinyStudy.Parse(TinyStudy.Text + "\nbudget: {max_runs: 5}\n"), brief, new StudyRunOptions()));
        Assert.Contains($"{TinyStudy.Runs} runs, more than its budget of 5", tooMany.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_cannot_be_done_is_recorded_with_its_sentence_and_tried_again()
    {
        StudyFolder failing = study.Fresh("failing");
        // Training on recordings without any contact within a second: the labels have one class only.
        StudySpec calm = TinyStudy.Parse(TinyStudy.Text
            .Replace("seconds: 60", "seconds: 2", StringComparison.Ordinal)
            .Replace("seeds: 2", "seeds: [1]", StringComparison.Ordinal));
        StudyOutcome first = StudyEngine.Run(calm, failing, new StudyRunOptions { Jobs = 2 });
        Assert.True(first.Failed > 0);
        Assert.All(first.Status.Errors, e => Assert.EndsWith(".", e, StringComparison.Ordinal));
        Assert.DoesNotContain(first.Status.Errors, e => e.Contains("   at ", StringComparison.Ordinal));
        Assert.Equal(first.Failed, StudyEngine.Run(calm, failing, new StudyRunOptions { Jobs = 2 }).Failed);
    }

    private sealed class Synchronous(Action<double> action) : IProgress<double>
    {
        public void Report(double value) => action(value);
    }
}
