namespace QDistill.Metrics.Tests;

public class OperationalMetricsTests
{
    private const long Second = 1_000_000_000;

    // Ten stamps per second; risk 0.9 inside the given intervals [s], 0.1 elsewhere.
    private static RiskTimeline Run(double seconds, (double From, double To)[] risky, params double[] contacts) => new()
    {
        StampsNs = [.. Enumerable.Range(0, (int)(seconds * 10) + 1).Select(i => i * Second / 10)],
        Risk = [.. Enumerable.Range(0, (int)(seconds * 10) + 1).Select(i => risky.Any(r => i / 10.0 >= r.From - 1e-9 && i / 10.0 <= r.To + 1e-9) ? 0.9 : 0.1)],
        Hazards = [.. contacts.Select(c => new HazardEvent((long)Math.Round(c * Second)))],
    };

    [Fact]
    public void A_run_worked_by_hand_gives_its_leads_misses_and_false_alarms()
    {
        // Contact at 10 s warned at 8.5; contact at 30 s missed; alarms at 20 s and 50 s are false; the one at 31 s is aftermath.
        OperationalMetrics m = OperationalMetrics.Compute(Run(60, [(8.5, 10), (20, 20.5), (31, 31.5), (50, 51)], 10, 30));
        Assert.Equal(2, m.Contacts);
        Assert.Equal(1, m.MissedContacts);
        Assert.Equal(1.5, Assert.Single(m.LeadTimes), 1e-9);
        Assert.Equal(0.5, Assert.Single(m.TimesToAlarm), 1e-9);
        Assert.Equal(4, m.Alarms);
        Assert.Equal(2, m.FalseAlarms);
        Assert.Equal(120, m.FalseAlarmsPerHour!.Value, 1e-9);
        Assert.Equal(1.0 / 60, m.MonitoredHours, 1e-12);
        Assert.Equal(0.5, m.MissRate);
    }

    [Fact]
    public void Lead_is_at_most_the_window_and_an_alarm_that_was_always_on_warns_of_everything_at_once()
    {
        OperationalMetrics m = OperationalMetrics.Compute(Run(20, [(0, 20)], 10));
        Assert.Equal(2, m.MedianLeadTime!.Value, 1e-9);
        Assert.Equal(0, m.MedianTimeToAlarm!.Value, 1e-9);
        Assert.Equal(0, m.FalseAlarms);
    }

    [Fact]
    public void An_alarm_too_late_is_a_miss_but_not_false()
    {
        RiskTimeline run = Run(20, [(9.8, 10.2)], 10);
        Assert.Equal(0.2, OperationalMetrics.Compute(run).LeadTimes[0], 1e-9);
        OperationalMetrics strict = OperationalMetrics.Compute(run, new OperationalOptions { MinimumLead = 0.5 });
        Assert.Equal((1, 0), (strict.MissedContacts, strict.FalseAlarms));
    }

    [Fact]
    public void The_aftermath_of_one_contact_does_not_warn_of_the_next()
    {
        // The alarm lasts from 9 s to 11 s, around the contact at 10 s; the second contact at 13 s has no alarm of its own after 12 s.
        OperationalMetrics m = OperationalMetrics.Compute(Run(20, [(9, 11)], 10, 13));
        Assert.Equal(1, m.MissedContacts);
        Assert.Equal(0, m.FalseAlarms);
    }

    [Fact]
    public void Short_dips_do_not_split_an_alarm_and_debounce_delays_it()
    {
        RiskTimeline flicker = Run(30, [(5, 5.2), (5.5, 5.9), (9, 9.1)]);
        Assert.Equal(2, OperationalMetrics.Compute(flicker).Alarms);
        Assert.Equal(3, OperationalMetrics.Compute(flicker, new OperationalOptions { HoldSeconds = 0 }).Alarms);
        (IReadOnlyList<AlarmEpisode> alarms, _) = AlarmEpisodes.Find(flicker, new OperationalOptions { RaiseAfter = 3 });
        Assert.Equal(new AlarmEpisode(5 * Second + (2 * Second / 10), 5 * Second + (9 * Second / 10)), Assert.Single(alarms));
    }

    [Fact]
    public void Gaps_and_absent_predictions_are_not_monitored_and_end_alarms()
    {
        RiskTimeline run = new()
        {
            StampsNs = [0, Second / 2, 10 * Second, (10 * Second) + (Second / 2), 11 * Second],
            Risk = [0.9, 0.9, 0.9, double.NaN, 0.9],
        };
        (IReadOnlyList<AlarmEpisode> alarms, double seconds) = AlarmEpisodes.Find(run, new OperationalOptions());
        Assert.Equal(3, alarms.Count);
        Assert.Equal(0.5, seconds, 1e-12);
    }

    [Fact]
    public void Pooling_adds_runs_and_a_sweep_trades_misses_for_false_alarms()
    {
        RiskTimeline[] runs = [Run(60, [(8.5, 10), (20, 20.5)], 10), Run(60, [(3, 4)], 40)];
        OperationalMetrics m = OperationalMetrics.Compute(runs);
        Assert.Equal((2, 1, 2), (m.Contacts, m.MissedContacts, m.FalseAlarms));
        Assert.Equal(60, m.FalseAlarmsPerHour!.Value, 1e-6);
        IReadOnlyList<(double Threshold, OperationalMetrics Metrics)> sweep = OperationalMetrics.Sweep(runs, [0.05, 0.5, 0.95]);
        Assert.Equal([0, 1, 2], sweep.Select(s => s.Metrics.MissedContacts));
    }

    [Fact]
    public void A_run_without_contact_or_time_leaves_rates_null()
    {
        OperationalMetrics m = OperationalMetrics.Compute(new RiskTimeline { StampsNs = [], Risk = [] });
        Assert.Null(m.MissRate);
        Assert.Null(m.FalseAlarmsPerHour);
        Assert.Null(m.MedianLeadTime);
        Assert.Contains("stamps fall at 1", Assert.Throws<ArgumentException>(
            () => OperationalMetrics.Compute(new RiskTimeline { StampsNs = [2, 1], Risk = [0, 0] })).Message);
    }
}
