namespace QDistill.Metrics;

/// <summary>
/// What an operator asks of a predictor: how long before contact it warned, which contacts it missed, how often it cried wolf. Counted over alarms and
/// contacts, not over windows. A warning of a contact is the first moment of alarm inside its warning window, which starts no earlier than the end of the
/// previous contact's aftermath.
/// </summary>
public sealed record OperationalMetrics
{
    /// <summary>Contacts.</summary>
    public required int Contacts { get; init; }

    /// <summary>Contacts without a warning of at least the minimum lead.</summary>
    public required int MissedContacts { get; init; }

    /// <summary>Lead time [s] of each warned contact: contact less first alarm, at most the warning window.</summary>
    public required IReadOnlyList<double> LeadTimes { get; init; }

    /// <summary>Time to alarm [s] of each warned contact: first alarm less the hazard's onset, 0 when the alarm was already on.</summary>
    public required IReadOnlyList<double> TimesToAlarm { get; init; }

    /// <summary>Alarms that touch no contact's warning window or aftermath.</summary>
    public required int FalseAlarms { get; init; }

    /// <summary>All alarms.</summary>
    public required int Alarms { get; init; }

    /// <summary>Monitored time [h], gaps left out.</summary>
    public required double MonitoredHours { get; init; }

    /// <summary>Missed over all contacts; null without contacts.</summary>
    public double? MissRate => Contacts > 0 ? (double)MissedContacts / Contacts : null;

    /// <summary>False alarms per monitored hour; null without monitored time.</summary>
    public double? FalseAlarmsPerHour => MonitoredHours > 0 ? FalseAlarms / MonitoredHours : null;

    /// <summary>Median lead time [s] of the warned contacts; null without one. Read it beside the misses, which it leaves out.</summary>
    public double? MedianLeadTime => Quantiles.Median(LeadTimes);

    /// <summary>Median time to alarm [s]; null without a warned contact.</summary>
    public double? MedianTimeToAlarm => Quantiles.Median(TimesToAlarm);

    /// <summary>Computes over one run.</summary>
    /// <exception cref="ArgumentException">The run or the options are inconsistent.</exception>
    public static OperationalMetrics Compute(RiskTimeline run, OperationalOptions? options = null)
    {
        options ??= new OperationalOptions();
        (IReadOnlyList<AlarmEpisode> alarms, double seconds) = AlarmEpisodes.Find(run, options);
        long window = AlarmEpisodes.Nanoseconds(options.WarningWindow), aftermath = AlarmEpisodes.Nanoseconds(options.Aftermath);
        long least = AlarmEpisodes.Nanoseconds(options.MinimumLead);
        if (window <= 0 || aftermath < 0 || least < 0 || least > window)
        {
            throw new ArgumentException("operational options need a WarningWindow above 0, an Aftermath of at least 0 and a MinimumLead within the window");
        }

        List<double> leads = [], delays = [];
        bool[] justified = new bool[alarms.Count];
        int missed = 0;
        long free = long.MinValue;
        for (int h = 0; h < run.Hazards.Count; h++)
        {
            HazardEvent hazard = run.Hazards[h];
            if (h > 0 && hazard.ContactNs < run.Hazards[h - 1].ContactNs)
            {
                throw new ArgumentException($"contacts must be in order of time; contact {h} comes before contact {h - 1}");
            }

            long from = Math.Max(hazard.ContactNs - window, free);
            long first = long.MaxValue;
            for (int a = 0; a < alarms.Count; a++)
            {
                AlarmEpisode alarm = alarms[a];
                if (alarm.EndNs >= hazard.ContactNs - window && alarm.StartNs <= hazard.ContactNs + aftermath)
                {
                    justified[a] = true;
                }

                if (alarm.EndNs >= from && alarm.StartNs <= hazard.ContactNs - least && Math.Max(alarm.StartNs, from) <= hazard.ContactNs - least)
                {
                    first = Math.Min(first, Math.Max(alarm.StartNs, from));
                }
            }

            if (first == long.MaxValue)
            {
                missed++;
            }
            else
            {
                leads.Add((hazard.ContactNs - first) * 1e-9);
                delays.Add(Math.Max(0, first - (hazard.OnsetNs ?? from)) * 1e-9);
            }

            free = hazard.ContactNs + aftermath;
        }

        return new OperationalMetrics
        {
            Contacts = run.Hazards.Count,
            MissedContacts = missed,
            LeadTimes = leads,
            TimesToAlarm = delays,
            FalseAlarms = justified.Count(static j => !j),
            Alarms = alarms.Count,
            MonitoredHours = seconds / 3600,
        };
    }

    /// <summary>Computes over several runs and pools them.</summary>
    /// <exception cref="ArgumentException">A run or the options are inconsistent.</exception>
    public static OperationalMetrics Compute(IEnumerable<RiskTimeline> runs, OperationalOptions? options = null) => Pool(runs.Select(r => Compute(r, options)));

    /// <summary>Pools the counts and lists of several runs.</summary>
    public static OperationalMetrics Pool(IEnumerable<OperationalMetrics> parts)
    {
        OperationalMetrics[] all = [.. parts];
        return new OperationalMetrics
        {
            Contacts = all.Sum(m => m.Contacts),
            MissedContacts = all.Sum(m => m.MissedContacts),
            LeadTimes = [.. all.SelectMany(m => m.LeadTimes)],
            TimesToAlarm = [.. all.SelectMany(m => m.TimesToAlarm)],
            FalseAlarms = all.Sum(m => m.FalseAlarms),
            Alarms = all.Sum(m => m.Alarms),
            MonitoredHours = all.Sum(m => m.MonitoredHours),
        };
    }

    /// <summary>The same runs judged at each threshold: the curve of misses against false alarms per hour from which an operator picks.</summary>
    public static IReadOnlyList<(double Threshold, OperationalMetrics Metrics)> Sweep(
        IReadOnlyList<RiskTimeline> runs, IEnumerable<double> thresholds, OperationalOptions? options = null)
    {
        options ??= new OperationalOptions();
        return [.. thresholds.Select(t => (t, Compute(runs, options with { Threshold = t })))];
    }
}
