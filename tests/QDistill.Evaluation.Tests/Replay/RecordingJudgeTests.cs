using QDistill.Configuration;
using QDistill.Evaluation.Replay;
using QDistill.Evaluation.Reports;
using QDistill.Features;
using QDistill.Inference;
using QDistill.Metrics;
using QDistill.Numerics;

namespace QDistill.Evaluation.Tests.Replay;

public class RecordingJudgeTests
{
    private static readonly FeatureWindows[] Recordings = [Drives.Make("first", 40, 10, 25), Drives.Make("second", 30, 20)];

    private static Prediction Says(string key, Func<FeatureWindows, int, double> p) =>
        new(key, key, [.. Recordings.Select(w => Enumerable.Range(0, w.Count).Select(i => p(w, i)).ToArray())]);

    // These recordings never were a bag, whose first message would be time 0 of a strip.
    private static double Offset(FeatureWindows w) => (Drives.Start - w.StartNs) * 1e-9;

    private static double Noise(FeatureWindows w, int i) => new Philox((ulong)i + (ulong)w.Count, 5).NextDouble();

    [Fact]
    public void Windows_of_unknown_truth_are_left_out()
    {
        int known = Recordings.Sum(w => w.Collision.Count(t => t != Truth.Unknown)), hazards = Recordings.Sum(w => w.Collision.Count(t => t == Truth.Hazard));
        Assert.True(known < Recordings.Sum(w => w.Count));

        // A predictor that is right wherever truth is known, and wildly wrong elsewhere, is perfect.
        PredictorResult result = Assert.Single(RecordingJudge.Judge(Recordings, [Says("a", (w, i) => w.Collision[i] switch { Truth.Hazard => 1, Truth.Safe => 0, _ => i % 2 })]));
        Assert.Equal(known, result.Metrics.Count);
        Assert.Equal(hazards, result.Metrics.Positives);
        Assert.Equal(1, result.Metrics.Auroc);
        Assert.Equal(0, result.Metrics.Brier);
        Assert.Equal(1, result.Metrics.F1);

        // Three contacts, each with two seconds of windows before it at 10 Hz.
        Assert.InRange(hazards, 3 * 18, 3 * 21);
    }

    [Fact]
    public void A_window_that_one_predictor_leaves_open_is_judged_for_none()
    {
        IReadOnlyList<PredictorResult> results = RecordingJudge.Judge(Recordings, [Says("whole", Noise), Says("half", (w, i) => i < 150 ? double.NaN : Noise(w, i))]);
        int expected = Recordings.Sum(w => Enumerable.Range(0, w.Count).Count(i => i >= 150 && w.Collision[i] != Truth.Unknown));
        Assert.All(results, r => Assert.Equal(expected, r.Metrics.Count));
        Assert.Equal(results[0].Metrics.Brier, results[1].Metrics.Brier);
        Assert.Equal(results[0].Metrics.Auroc, results[1].Metrics.Auroc);
    }

    [Fact]
    public void Figures_are_those_of_their_definitions_over_the_known_windows()
    {
        PredictorResult result = RecordingJudge.Judge(Recordings, [Says("a", Noise)], threshold: 0.3)[0];
        var pairs = Recordings.SelectMany(w => Enumerable.Range(0, w.Count).Where(i => w.Collision[i] != Truth.Unknown).Select(i => (P: Noise(w, i), Y: w.Collision[i] == Truth.Hazard))).ToArray();
        double brier = pairs.Average(x => Math.Pow(x.P - (x.Y ? 1 : 0), 2));
        double[] up = [.. pairs.Where(x => x.Y).Select(x => x.P)], down = [.. pairs.Where(x => !x.Y).Select(x => x.P)];
        double auroc = up.Average(a => down.Average(b => a > b ? 1 : a == b ? 0.5 : 0));
        int tp = up.Count(p => p >= 0.3), fp = down.Count(p => p >= 0.3), fn = up.Length - tp;
        Assert.Equal(brier, result.Metrics.Brier!.Value, 12);
        Assert.Equal(auroc, result.Metrics.Auroc!.Value, 12);
        Assert.Equal(2.0 * tp / ((2 * tp) + fp + fn), result.Metrics.F1!.Value, 12);
    }

    [Fact]
    public void Intervals_come_from_blocks_of_time_so_they_are_wider_than_those_of_single_windows()
    {
        // A predictor whose error is constant over a second or more: its windows are far from independent.
        Prediction slow = Says("slow", (w, i) => Math.Clamp((w.Collision[i] == Truth.Hazard ? 0.55 : 0.45) + (0.4 * (Noise(w, i / 25) - 0.5)), 0.01, 0.99));
        PredictorResult judged = RecordingJudge.Judge(Recordings, [slow])[0];
        Interval blocks = judged.Value(BinaryMetric.Brier);
        Interval single = PredictorResult.Compute("slow", "slow", judged.Probabilities, judged.Truth, new BootstrapOptions { Resamples = 500, BlockLength = 1 }).Value(BinaryMetric.Brier);
        Assert.InRange(blocks.Estimate!.Value, blocks.Low!.Value, blocks.High!.Value);
        Assert.True(blocks.High - blocks.Low > 1.5 * (single.High - single.Low), $"{blocks} {single}");
        Assert.Equal("95 % percentile intervals of 500 moving-block bootstrap resamples (blocks of 6 s, none across recordings)", RecordingJudge.IntervalMethod(Recordings));
        Interval again = RecordingJudge.Judge(Recordings, [slow])[0].Value(BinaryMetric.Brier);
        Assert.Equal(blocks, again);
        Assert.Null(RecordingJudge.Judge(Recordings, [slow], intervals: false)[0].Value(BinaryMetric.Brier).Low);
    }

    [Fact]
    public void Every_contact_that_was_foretold_in_time_is_counted_as_warned_of()
    {
        PredictorResult[] results = [.. RecordingJudge.Judge(Recordings, [Says("right", (w, i) => w.Collision[i] == Truth.Hazard ? 0.9 : 0.1), Says("silent", (_, _) => 0.1)])];
        Assert.Equal(3, results[0].Operational!.Contacts);
        Assert.Equal(0, results[0].Operational!.MissedContacts);
        Assert.Equal(3, results[1].Operational!.MissedContacts);
    }

    [Fact]
    public void Strips_mark_contacts_and_the_time_before_them()
    {
        IReadOnlyList<RiskStrip> strips = RecordingJudge.Strips(Recordings, [Says("a", Noise)], 0.4);
        Assert.Equal(["first", "second"], strips.Select(s => s.Bag));
        Assert.Equal([10.0, 25.0], strips[0].ContactsS.Select(c => Math.Round(c - Offset(Recordings[0]), 1)));
        Assert.Equal([20.0], strips[1].ContactsS.Select(c => Math.Round(c - Offset(Recordings[1]), 1)));
        Assert.Equal(2, strips[0].HazardIntervalsS.Count);
        Assert.Equal(Recordings[0].Count, strips[0].Series[0].Risk.Count);
    }

    [Fact]
    public void Few_hazards_and_unknown_windows_are_said()
    {
        IReadOnlyList<string> notes = RecordingJudge.Notes(Recordings);
        int unknown = Recordings.Sum(w => w.Collision.Count(t => t == Truth.Unknown));
        Assert.StartsWith($"{unknown} of {Recordings.Sum(w => w.Count)} windows are left out because their truth is unknown", notes[0]);
        Assert.Contains(notes, n => n.StartsWith("Only 3 hazards", StringComparison.Ordinal));
    }

    [Fact]
    public void The_rule_is_calibrated_without_changing_its_ranking()
    {
        CalibratedTtcRule rule = CalibratedTtcRule.Fit([Recordings[0]]);
        Assert.True(rule.IsCalibrated);
        Assert.False(CalibratedTtcRule.Uncalibrated.IsCalibrated);
        PredictorResult[] results = [.. RecordingJudge.Judge(Recordings, [
            new Prediction("raw", "raw", [.. Recordings.Select(CalibratedTtcRule.Uncalibrated.Predict)]),
            new Prediction("calibrated", "calibrated", [.. Recordings.Select(rule.Predict)])])];
        Assert.Equal(results[0].Metrics.Auroc!.Value, results[1].Metrics.Auroc!.Value, 3);
        Assert.True(results[1].Metrics.Auroc > 0.9);
        double[] raw = CalibratedTtcRule.Uncalibrated.Predict(Recordings[0]);
        Assert.Equal(Recordings[0].TtcScore.ToArray().Select(s => (double)s), raw);

        // On the recording it was fitted on, calibration cannot make the log loss worse.
        PredictorResult[] own = [.. RecordingJudge.Judge([Recordings[0]], [new Prediction("raw", "raw", [raw]), new Prediction("cal", "cal", [rule.Predict(Recordings[0])])])];
        Assert.True(own[1].Metrics.Nll <= own[0].Metrics.Nll, $"{own[1].Metrics.Nll} {own[0].Metrics.Nll}");
    }

    [Fact]
    public void Recordings_of_one_class_leave_the_rule_as_it_is() =>
        Assert.False(CalibratedTtcRule.Fit([Drives.Make("quiet", 15)]).IsCalibrated);

    [Fact]
    public void A_model_is_replayed_as_the_engine_itself_answers_and_twice_the_same()
    {
        using var folder = new TempDirectory();
        using RiskModel model = RiskModel.Load(Drives.Model(folder, Drives.Robot));
        var latency = new LatencyHistogram();
        double[] once = ModelReplay.Predict(Recordings[0], model, latency), twice = ModelReplay.Predict(Recordings[0], model);
        Assert.Equal(once, twice);
        Assert.Equal(Recordings[0].Count, latency.Count);
        Assert.True(once.Distinct().Count() > 20);
        float[] violations = new float[model.ConstraintCount];
        for (int i = 0; i < once.Length; i += 37)
        {
            float[] row = [.. Enumerable.Range(0, Recordings[0].FeatureCount).Select(j => Recordings[0].IsValid(i, j) ? Recordings[0].Row(i)[j] : float.NaN)];
            Assert.Equal(InferenceStatus.Ok, model.Predict(row, violations, out float p, out _));
            Assert.Equal(p, once[i]);
        }
    }

    [Fact]
    public void A_model_of_another_schema_is_refused_with_both_named()
    {
        using var folder = new TempDirectory();
        using RiskModel model = RiskModel.Load(Drives.Model(folder, Drives.OtherRobot));
        var e = Assert.Throws<UserErrorException>(() => ModelReplay.Predict(Recordings[0], model));
        Assert.Contains(Drives.Robot.Schema.Id, e.Message);
        Assert.Contains(Drives.OtherRobot.Schema.Id, e.Message);
    }
}
