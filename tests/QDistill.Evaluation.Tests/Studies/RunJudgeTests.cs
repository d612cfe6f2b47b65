using QDistill.Distillation.Data;
using QDistill.Evaluation.Studies;
using QDistill.Features;

namespace QDistill.Evaluation.Tests.Studies;

public class RunJudgeTests
{
    /// <summary>Ten windows a second for 20 s; contact at 10 s; the risk is high from 8.5 s on until then.</summary>
    private static (TestSet Test, double[] Risk) Drive(double delay)
    {
        const int Count = 200;
        long[] stamps = [.. Enumerable.Range(0, Count).Select(i => i * 100_000_000L)];
        double[] risk = [.. stamps.Select(t => t is >= 8_500_000_000 and < 10_000_000_000 ? 0.9 : 0.1)];
        Truth[] truth = [.. stamps.Select(t => t is >= 8_000_000_000 and < 10_000_000_000 ? Truth.Hazard : Truth.Safe)];
        var recording = new StudyRecording
        {
            Name = "drive",
            Table = new TeacherDataset("s", ["x"], ["collision"], ["drive"], stamps, new int[Count], new float[Count], truth),
            Due = [.. stamps.Select(t => t + (long)(delay * 1e9))],
            Events = [10_000_000_000],
            Horizon = 2,
            Undisturbed = 250,
        };
        return (TestSet.Shifted("late", [recording], null), risk);
    }

    [Theory]
    [InlineData(0, 1.5, 0.5)]
    [InlineData(0.5, 1.0, 1.0)]
    public void Late_predictions_warn_late(double delay, double lead, double toAlarm)
    {
        (TestSet test, double[] risk) = Drive(delay);
        RunScores s = RunJudge.Judge(test, new JudgedPredictor(risk, 0.5, [], [], []));
        Assert.Equal(lead, s.Metrics["median_lead_time_s"]!.Value, 9);
        Assert.Equal(toAlarm, s.Metrics["median_time_to_alarm_s"]!.Value, 9);
        Assert.Equal((1.0, 0.0, 0.0), (s.Metrics["contacts"], s.Metrics["miss_rate"], s.Metrics["false_alarms_per_hour"]));
        Assert.Equal(0.8, s.Metrics["availability"]);
        Assert.Equal(15 * 1.0 / 20, s.Metrics["recall"]);
    }

    [Fact]
    public void Conformal_sets_are_made_on_validation_and_out_of_distribution_is_told_by_entropy()
    {
        (TestSet test, double[] risk) = Drive(0);
        double[] validation = [.. Enumerable.Range(0, 99).Select(i => (i + 1) / 100.0)];
        RunScores s = RunJudge.Judge(test, new JudgedPredictor(risk, 0.5, validation, [.. validation.Select(_ => true)], [.. risk.Select(_ => 0.5)]));

        // Scores 1 − p of 99 hazards are 0.01 … 0.99, so the 90th smallest, 0.9, is the limit: every label of at least 0.1 is in, which all are.
        Assert.Equal((1.0, 2.0), (s.Metrics["conformal_coverage"]!.Value, s.Metrics["conformal_set_size"]!.Value));
        Assert.Equal(0.0, s.Metrics["ood_auroc"]); // what is familiar has the greater entropy everywhere
    }

    [Fact]
    public void One_class_gives_no_ranking_and_no_error()
    {
        (TestSet test, double[] risk) = Drive(0);
        StudyRecording safe = test.Recordings[0] with { Table = new TeacherDataset("s", ["x"], ["collision"], ["drive"], test.Table.Stamps, new int[200], new float[200], [.. Enumerable.Repeat(Truth.Safe, 200)]), Events = [] };
        RunScores s = RunJudge.Judge(TestSet.AsRecorded([safe], null), new JudgedPredictor(risk, 0.5, [], [], []));
        Assert.Null(s.Metrics["auroc"]);
        Assert.Null(s.Metrics["miss_rate"]);
        Assert.NotNull(s.Metrics["brier"]);
    }
}
