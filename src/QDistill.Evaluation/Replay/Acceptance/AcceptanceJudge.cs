using QDistill.Metrics;

namespace QDistill.Evaluation.Replay;

/// <summary>
/// The figures of nav2's bag test of its collision monitor, over any number of dangers and recordings: how soon the robot stops, how well the stop holds, how soon it
/// moves again, and how often it stands for nothing.
/// </summary>
public static class AcceptanceJudge
{
    // Stamps are whole nanoseconds: a time that is exactly the limit is within it.
    private const double Tick = 1e-9;

    /// <summary>Judges one predictor.</summary>
    /// <param name="key">Its key in JSON.</param>
    /// <param name="name">Its name in tables.</param>
    /// <param name="runs">What came of each recording.</param>
    /// <param name="spec">What a stop is, and what is asked for.</param>
    /// <exception cref="ArgumentException">A run's lengths differ.</exception>
    public static AcceptanceVerdict Judge(string key, string name, IReadOnlyList<StopTimeline> runs, AcceptanceSpec spec)
    {
        var outcomes = new List<DangerOutcome>();
        long free = 0, stoppedFree = 0;
        foreach (StopTimeline run in runs)
        {
            if (run.StampsNs.Count != run.Passed.Count)
            {
                throw new ArgumentException($"{run.Bag}: there are {run.StampsNs.Count} stamps but {run.Passed.Count} samples; they must pair up");
            }

            for (int d = 0; d < run.Dangers.Count; d++)
            {
                if (run.Dangers[d].IsJudged)
                {
                    outcomes.Add(Meet(run, d, spec));
                }
            }

            for (int i = 0; i < run.StampsNs.Count; i++)
            {
                if (IsFree(run, run.StampsNs[i], spec.Danger.Guard))
                {
                    free++;
                    stoppedFree += run.Passed[i] <= spec.Stop.Below ? 1 : 0;
                }
            }
        }

        AcceptanceLimits limits = spec.Limits;
        double? falseStop = free > 0 ? (double)stoppedFree / free : null;
        return new AcceptanceVerdict(
            key,
            name,
            [
                Over("time_to_stop", "time to stop", "s", true, limits.TimeToStop, outcomes.Select(o => (double?)o.TimeToStop)),
                Over("hold", "stop held", "1", false, limits.Hold, outcomes.Select(o => (double?)(o.Hold ?? 0))),
                Over("time_to_resume", "time to resume", "s", true, limits.TimeToResume, outcomes.Select(o => o.TimeToResume)),
                new LimitOutcome("false_stop", "false stop", "1", true, limits.FalseStop, falseStop, falseStop, falseStop is null ? 0 : 1, falseStop <= limits.FalseStop ? 1 : 0, !(falseStop > limits.FalseStop)),
            ],
            outcomes,
            outcomes.Count < limits.LeastEpisodes
                ? FormattableString.Invariant($"the recordings hold {outcomes.Count} dangers, and fewer than {limits.LeastEpisodes} prove nothing")
                : null);

        LimitOutcome Over(string limitKey, string limitName, string unit, bool most, double limit, IEnumerable<double?> figures)
        {
            double[] all = [.. figures.Where(f => f is not null).Select(f => f!.Value)];
            int met = all.Count(f => most ? f <= limit + Tick : f >= limit);
            return new LimitOutcome(
                limitKey, limitName, unit, most, limit, all.Length == 0 ? null : Quantiles.Median(all), all.Length == 0 ? null : most ? all.Max() : all.Min(), all.Length, met, met >= limits.Episodes * all.Length);
        }
    }

    private static DangerOutcome Meet(StopTimeline run, int index, AcceptanceSpec spec)
    {
        Danger danger = run.Dangers[index];
        long guard = (long)(spec.Danger.Guard * 1e9);
        long? stop = FirstRun(run, danger.StartNs, danger.EndNs, spec.Stop.Debounce, p => p <= spec.Stop.Below);
        double timeToStop = stop is { } s ? (s - danger.StartNs) * 1e-9 : double.PositiveInfinity;
        int samples = 0, stopped = 0;
        long from = spec.Limits.HoldFromStop ? stop ?? long.MaxValue : danger.StartNs;
        for (int i = 0; i < run.StampsNs.Count; i++)
        {
            if (run.StampsNs[i] >= from && run.StampsNs[i] <= danger.EndNs)
            {
                samples++;
                stopped += run.Passed[i] <= spec.Stop.Below ? 1 : 0;
            }
        }

        double? hold = samples > 0 ? (double)stopped / samples : null;
        double? resume = null;
        if (danger.ReleaseNs is { } release)
        {
            long until = index + 1 < run.Dangers.Count ? run.Dangers[index + 1].StartNs - guard : run.StampsNs.Count > 0 ? run.StampsNs[^1] : release;
            long? moving = FirstRun(run, release + guard, until, spec.Stop.Debounce, p => p >= spec.Stop.Resume);

            // Too little freedom to tell whether it would have moved in time is no failure.
            resume = moving is { } m ? (m - release) * 1e-9 : (until - release) * 1e-9 > spec.Limits.TimeToResume + spec.Danger.Guard ? double.PositiveInfinity : null;
        }

        bool met = timeToStop <= spec.Limits.TimeToStop + Tick && (hold ?? 0) >= spec.Limits.Hold && !(resume > spec.Limits.TimeToResume + Tick);
        double start = run.StampsNs.Count > 0 ? (danger.StartNs - run.StampsNs[0]) * 1e-9 : 0;
        return new DangerOutcome(run.Bag, start, (danger.EndNs - danger.StartNs) * 1e-9, timeToStop, hold, resume, met);
    }

    // The stamp that completes the first run of so many samples in a row that are as asked for.
    private static long? FirstRun(StopTimeline run, long from, long until, int debounce, Func<double, bool> wanted)
    {
        int streak = 0;
        for (int i = 0; i < run.StampsNs.Count && run.StampsNs[i] <= until; i++)
        {
            if (run.StampsNs[i] >= from)
            {
                streak = wanted(run.Passed[i]) ? streak + 1 : 0;
                if (streak >= debounce)
                {
                    return run.StampsNs[i];
                }
            }
        }

        return null;
    }

    // Between a danger's last window and its release nothing is known: that time counts neither way.
    private static bool IsFree(StopTimeline run, long t, double guardSeconds)
    {
        long guard = (long)(guardSeconds * 1e9);
        foreach (Danger d in run.Dangers)
        {
            if (t > d.StartNs - guard && (d.ReleaseNs is not { } release || t < release + guard))
            {
                return false;
            }

            if (t <= d.StartNs - guard)
            {
                break;
            }
        }

        return true;
    }
}
