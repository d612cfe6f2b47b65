using QDistill.Evaluation.Replay;
using QDistill.Features;

namespace QDistill.Evaluation.Tests.Replay.Acceptance;

/// <summary>Runs whose figures can be counted by hand: 10 outputs a second, danger from 3 s to 8 s as in nav2's bag.</summary>
public class AcceptanceJudgeTests
{
    private static readonly AcceptanceSpec Nav2 = new();

    [Fact]
    public void The_time_to_stop_is_that_of_the_last_of_so_many_stopped_samples_after_the_onset()
    {
        // Stopped from 3.2 s on: the third stopped sample is that of 3.4 s.
        AcceptanceVerdict verdict = Judge(Run(stopAt: 3.2, goAt: 8.2));

        Assert.Equal(0.4, verdict.Dangers[0].TimeToStop, 6);
        Assert.True(Limit(verdict, "time_to_stop").Met);
    }

    [Theory]
    [InlineData(3.4, 0.6, true)]
    [InlineData(3.5, 0.7, false)]
    public void A_stop_just_in_time_is_accepted_and_one_sample_later_is_not(double stopAt, double expected, bool met)
    {
        AcceptanceVerdict verdict = Judge(Run(stopAt, 8.2));

        Assert.Equal(expected, verdict.Dangers[0].TimeToStop, 6);
        Assert.Equal(met, Limit(verdict, "time_to_stop").Met);
        Assert.Equal(met, verdict.Accepted);
    }

    [Fact]
    public void The_hold_is_the_share_of_the_dangers_samples_that_are_stopped()
    {
        // 51 samples from 3.0 s to 8.0 s; moving at 3.0, 3.1 and for the 4 samples from 5.0 to 5.3.
        AcceptanceVerdict verdict = Judge(Run(3.2, 8.2, (5.0, 5.3)));

        Assert.Equal(45.0 / 51, verdict.Dangers[0].Hold!.Value, 6);
        Assert.False(Limit(verdict, "hold").Met);
        Assert.Equal("not accepted: stop held 88.2 % at worst, 0 of 1 dangers within 90 %", verdict.Sentence());
    }

    [Fact]
    public void Counted_from_the_stop_on_the_hold_leaves_out_the_time_it_took()
    {
        AcceptanceSpec spec = Nav2 with { Limits = Nav2.Limits with { HoldFromStop = true } };

        // From the stop at 3.4 s there are 47 samples, 4 of them moving.
        Assert.Equal(43.0 / 47, Judge(Run(3.2, 8.2, (5.0, 5.3)), spec).Dangers[0].Hold!.Value, 6);
    }

    [Fact]
    public void The_time_to_resume_counts_from_the_release_to_the_last_of_so_many_moving_samples()
    {
        // Free from 8.1 s, moving from 8.5 s: the third moving sample is that of 8.7 s.
        AcceptanceVerdict verdict = Judge(Run(3.2, 8.5));

        Assert.Equal(0.6, verdict.Dangers[0].TimeToResume!.Value, 6);
        Assert.True(verdict.Accepted, verdict.Sentence());
    }

    [Fact]
    public void Samples_within_the_guard_before_and_after_a_danger_are_no_false_stops()
    {
        // Free samples: 0.0 to 2.8 s (29) and from 8.3 s to 12.0 s (38). Stopped among them: 8.3 and 8.4.
        AcceptanceVerdict verdict = Judge(Run(2.9, 8.5));

        Assert.Equal(2.0 / 67, Limit(verdict, "false_stop").Median!.Value, 6);
    }

    [Fact]
    public void A_robot_that_never_stops_never_holds_and_one_that_always_stands_stops_falsely()
    {
        AcceptanceVerdict moving = Judge(Run(100, 100)), standing = Judge(Run(0, 100));

        Assert.Equal(double.PositiveInfinity, moving.Dangers[0].TimeToStop);
        Assert.Equal(0, moving.Dangers[0].Hold);
        Assert.Contains("time to stop never at worst", moving.Sentence());
        Assert.Equal(1, Limit(standing, "false_stop").Median);
        Assert.Equal(double.PositiveInfinity, standing.Dangers[0].TimeToResume);
        Assert.False(standing.Accepted);
    }

    [Fact]
    public void A_speed_between_the_two_thresholds_is_neither_stopped_nor_moving()
    {
        StopTimeline run = Run(3.2, 8.2) with { };
        StopTimeline creeping = run with { Passed = [.. run.Passed.Select(p => p == 0 ? 0.05 : p)] };

        Assert.Equal(double.PositiveInfinity, Judge(creeping).Dangers[0].TimeToStop);
    }

    [Fact]
    public void A_danger_that_ends_with_the_recording_has_no_time_to_resume_and_is_judged_by_the_rest()
    {
        StopTimeline run = Run(3.2, 100) with { Dangers = [new Danger(Ns(3), Ns(12), null)] };
        AcceptanceVerdict verdict = Judge(run);

        Assert.Null(verdict.Dangers[0].TimeToResume);
        Assert.Equal(0, Limit(verdict, "time_to_resume").Judged);
        Assert.True(verdict.Accepted, verdict.Sentence());
    }

    [Fact]
    public void A_share_of_the_dangers_may_be_asked_for()
    {
        StopTimeline good = Run(3.2, 8.2), late = Run(4, 8.2);
        AcceptanceSpec half = Nav2 with { Limits = Nav2.Limits with { Episodes = 0.5, Hold = 0.5 } };

        Assert.True(AcceptanceJudge.Judge("x", "x", [good, late], half).Accepted);
        Assert.False(AcceptanceJudge.Judge("x", "x", [good, late, late], half).Accepted);
    }

    [Fact]
    public void Nothing_is_accepted_on_recordings_without_danger()
    {
        AcceptanceVerdict verdict = Judge(Run(100, 100) with { Dangers = [] });

        Assert.False(verdict.Accepted);
        Assert.Equal("not accepted: the recordings hold 0 dangers, and fewer than 1 prove nothing", verdict.Sentence());
    }

    [Fact]
    public void Windows_that_are_unknown_end_a_danger_but_free_nobody()
    {
        Truth[] states = [Truth.Safe, Truth.Hazard, Truth.Hazard, Truth.Unknown, Truth.Unknown, Truth.Safe, Truth.Safe];
        long[] stamps = [.. states.Select((_, i) => Ns(i))];

        Danger danger = Assert.Single(Dangers.Find(stamps, states, new DangerSpec()));

        Assert.Equal((Ns(1), Ns(2), (long?)Ns(5)), (danger.StartNs, danger.EndNs, danger.ReleaseNs));
    }

    [Fact]
    public void Two_dangers_a_moment_apart_are_one_and_short_ones_are_not_judged()
    {
        Truth[] states = [Truth.Hazard, Truth.Hazard, Truth.Safe, Truth.Hazard, Truth.Safe, Truth.Safe, Truth.Safe, Truth.Safe, Truth.Hazard, Truth.Safe];
        long[] stamps = [.. states.Select((_, i) => Ns(0.1 * i))];

        IReadOnlyList<Danger> found = Dangers.Find(stamps, states, new DangerSpec { Merge = 0.3, Shortest = 0.2 });

        Assert.Equal([(Ns(0), Ns(0.3), true), (Ns(0.8), Ns(0.8), false)], found.Select(d => (d.StartNs, d.EndNs, d.IsJudged)));
    }

    /// <summary>12 s of outputs every 0.1 s that stand from one moment to just before another, but for the gaps; danger from 3 s to 8 s, freed at 8.1 s.</summary>
    private static StopTimeline Run(double stopAt, double goAt, params (double From, double To)[] moving)
    {
        long[] stamps = [.. Enumerable.Range(0, 121).Select(i => Ns(0.1 * i))];
        double[] passed = [.. stamps.Select(t => t >= Ns(stopAt) && t < Ns(goAt) && !moving.Any(g => t >= Ns(g.From) && t <= Ns(g.To)) ? 0.0 : 1.0)];
        return new StopTimeline("run", stamps, passed, [new Danger(Ns(3), Ns(8), Ns(8.1))]);
    }

    private static AcceptanceVerdict Judge(StopTimeline run, AcceptanceSpec? spec = null) => AcceptanceJudge.Judge("student", "student", [run], spec ?? Nav2);

    private static LimitOutcome Limit(AcceptanceVerdict verdict, string key) => verdict.Limits.Single(l => l.Key == key);

    private static long Ns(double seconds) => (long)Math.Round(seconds * 1e9);
}
