namespace QDistill.Metrics;

/// <summary>One uninterrupted alarm [ns]: from the stamp that raised it to the last risky stamp.</summary>
public readonly record struct AlarmEpisode(long StartNs, long EndNs);

/// <summary>Turns risk over time into alarms.</summary>
public static class AlarmEpisodes
{
    /// <summary>All alarms of a run, in order; also gives the monitored time [s].</summary>
    /// <exception cref="ArgumentException">Lengths differ, stamps fall, or options are out of range.</exception>
    public static (IReadOnlyList<AlarmEpisode> Alarms, double MonitoredSeconds) Find(RiskTimeline run, OperationalOptions options)
    {
        IReadOnlyList<long> t = run.StampsNs;
        if (t.Count != run.Risk.Count)
        {
            throw new ArgumentException($"there are {t.Count} stamps but {run.Risk.Count} risks; they must pair up");
        }

        if (options.RaiseAfter < 1 || !(options.HoldSeconds >= 0) || !(options.MaximumGap > 0) || double.IsNaN(options.Threshold))
        {
            throw new ArgumentException("operational options need RaiseAfter of at least 1, HoldSeconds of at least 0, MaximumGap above 0 and a threshold");
        }

        long hold = Nanoseconds(options.HoldSeconds), gap = Nanoseconds(options.MaximumGap);
        List<AlarmEpisode> alarms = [];
        AlarmEpisode? open = null;
        int streak = 0;
        double monitored = 0;
        for (int i = 0; i < t.Count; i++)
        {
            double risk = run.Risk[i];
            if (i > 0)
            {
                long step = t[i] - t[i - 1];
                if (step < 0)
                {
                    throw new ArgumentException($"stamps fall at {i}: {t[i - 1]} is followed by {t[i]}");
                }

                bool watched = step <= gap && !double.IsNaN(run.Risk[i - 1]) && !double.IsNaN(risk);
                monitored += watched ? step * 1e-9 : 0;
                if (step > gap || double.IsNaN(risk))
                {
                    Close();
                }
            }

            if (risk >= options.Threshold)
            {
                streak++;
                if (open is { } alarm)
                {
                    open = alarm with { EndNs = t[i] };
                }
                else if (streak >= options.RaiseAfter)
                {
                    open = new AlarmEpisode(t[i], t[i]);
                }
            }
            else
            {
                streak = 0;
                if (open is { } alarm && t[i] - alarm.EndNs > hold)
                {
                    Close();
                }
            }
        }

        Close();
        return (alarms, monitored);

        void Close()
        {
            if (open is { } alarm)
            {
                alarms.Add(alarm);
            }

            (open, streak) = (null, 0);
        }
    }

    internal static long Nanoseconds(double seconds) => (long)Math.Round(seconds * 1e9);
}
