namespace QDistill.Features;

/// <summary>
/// Labels the windows of one recording by its own future: a collision within (t, t+H], and the violation of each constraint within its horizon. Where the future was
/// not observed (the end of the recording, a silent contact source) the truth is unknown, never assumed safe.
/// </summary>
/// <remarks>Attach to an extractor before the first message, feed the recording, then ask for the truths once.</remarks>
public sealed class HazardLabeler
{
    private readonly RobotConfig robot;
    private readonly int clearance;
    private readonly int[] closing, signals;
    private readonly List<long> windows = [], marginSeen = [], shockSeen = [];
    private readonly List<(long Stamp, bool Pressed)>[] contacts;
    private readonly List<long> margins = [];
    private readonly List<(long Stamp, double X, double Y, double Z)> accelerations = [];
    private readonly List<float> values = []; // [windows, constraints]; NaN where not valid
    private long endNs = long.MinValue;
    private List<HazardEvent>? events;

    /// <summary>Prepares to label what an extractor is going to see.</summary>
    public HazardLabeler(FeatureExtractor extractor)
    {
        robot = extractor.Robot;
        FeatureSchema schema = robot.Schema;
        clearance = schema.IndexOf("lidar.clearance");
        closing = [.. new[] { "lidar.closing_ahead", "lidar.closing_left", "lidar.closing_right" }.Select(schema.IndexOf).Where(i => i >= 0)];
        signals = [.. robot.Constraints.Select(c => Signals.Find(schema, c.Signal))];
        contacts = new List<(long, bool)>[robot.Sources.Count];
        extractor.Observer = this;
    }

    /// <summary>How many windows have been seen.</summary>
    public int Count => windows.Count;

    /// <summary>The hazards of the recording in order of onset, for <see cref="Collision"/> and for plots.</summary>
    public IReadOnlyList<HazardEvent> Events => events ??= FindEvents();

    /// <summary>Takes in a window, in time order.</summary>
    public void OnWindow(FeatureVector x)
    {
        windows.Add(x.StampNs);
        endNs = Math.Max(endNs, x.StampNs);
        foreach (int s in signals)
        {
            values.Add(x.IsValid(s) ? x.Values[s] : float.NaN);
        }

        if (robot.Hazard.MarginClearance is { } margin && x.IsValid(clearance))
        {
            marginSeen.Add(x.StampNs);
            double speed = double.NegativeInfinity;
            foreach (int c in closing)
            {
                speed = x.IsValid(c) ? Math.Max(speed, x.Values[c]) : speed;
            }

            if (x.Values[clearance] < margin && speed >= robot.Hazard.MarginClosing)
            {
                margins.Add(x.StampNs);
            }
        }
    }

    /// <summary>The truth of each window: a hazard's onset within (t, t+H].</summary>
    public Truth[] Collision()
    {
        long horizon = (long)(robot.Horizon * 1e9);
        IReadOnlyList<HazardEvent> found = Events;
        List<(long From, long To)>[] unseen = [.. Coverages()];
        var truth = new Truth[windows.Count];
        int next = 0, under = 0;
        long underEnd = long.MinValue;
        for (int i = 0; i < truth.Length; i++)
        {
            long t = windows[i];
            for (; under < found.Count && found[under].StartNs <= t; under++)
            {
                underEnd = Math.Max(underEnd, found[under].EndNs);
            }

            while (next < found.Count && found[next].StartNs <= t)
            {
                next++;
            }

            if (underEnd >= t && robot.Hazard.Ongoing != OngoingTruth.Onsets)
            {
                truth[i] = robot.Hazard.Ongoing == OngoingTruth.Hazard ? Truth.Hazard : Truth.Unknown;
            }
            else if (next < found.Count && found[next].StartNs <= t + horizon)
            {
                truth[i] = Truth.Hazard;
            }
            else
            {
                truth[i] = unseen.Length > 0 && unseen.All(u => IsCovered(u, t, t + horizon)) ? Truth.Safe : Truth.Unknown;
            }
        }

        return truth;
    }

    /// <summary>The truths of each window and constraint, [windows, constraints] row by row.</summary>
    public Truth[] Violations()
    {
        int n = windows.Count, c = robot.Constraints.Count;
        var truth = new Truth[n * c];
        for (int k = 0; k < c; k++)
        {
            Violation(k, truth);
        }

        return truth;
    }

    internal void OnContact(int source, long stampNs, bool pressed)
    {
        (contacts[source] ??= []).Add((stampNs, pressed));
        endNs = Math.Max(endNs, stampNs);
    }

    internal void OnAcceleration(long stampNs, double x, double y, double z)
    {
        if (robot.Hazard.ShockThreshold is not null && double.IsFinite(x + y + z))
        {
            accelerations.Add((stampNs, x, y, z));
        }
    }

    internal void OnTime(long receiptNs) => endNs = Math.Max(endNs, receiptNs);

    private void Violation(int k, Truth[] truth)
    {
        ConstraintConfig constraint = robot.Constraints[k];
        int n = windows.Count, c = robot.Constraints.Count;
        long hold = (long)(constraint.Hold * 1e9), horizon = (long)(constraint.Horizon * 1e9), gap = MaximumWindowGap();
        var violated = new bool[n];
        var seen = new List<long>(n);
        long since = long.MaxValue, last = long.MinValue;
        for (int i = 0; i < n; i++)
        {
            float v = values[(i * c) + k];
            if (float.IsNaN(v))
            {
                continue;
            }

            if (last != long.MinValue && windows[i] - last > gap)
            {
                since = long.MaxValue;
            }

            last = windows[i];
            seen.Add(last);
            since = constraint.IsMet(v) ? long.MaxValue : Math.Min(since, last);
            violated[i] = since != long.MaxValue && last - since >= hold;
        }

        List<(long From, long To)> unseen = Gaps(seen, gap);
        for (int i = 0, j = 0; i < n; i++)
        {
            bool ongoing = violated[i];
            if (ongoing && robot.Hazard.OngoingViolation != OngoingTruth.Onsets)
            {
                truth[(i * c) + k] = robot.Hazard.OngoingViolation == OngoingTruth.Hazard ? Truth.Hazard : Truth.Unknown;
                continue;
            }

            // The next onset; while it goes on, what is under way is none.
            j = Math.Max(j, i + 1);
            while (j < n && !(violated[j] && !(violated[j - 1] && j - 1 >= i)))
            {
                j++;
            }

            long t = windows[i];
            truth[(i * c) + k] = j < n && windows[j] <= t + horizon ? Truth.Hazard : IsCovered(unseen, t, t + horizon) ? Truth.Safe : Truth.Unknown;
        }
    }

    private List<HazardEvent> FindEvents()
    {
        var found = new List<HazardEvent>();
        for (int s = 0; s < contacts.Length; s++)
        {
            if (contacts[s] is { } list && robot.Hazard.Contact)
            {
                AddContacts(Sorted(list), robot.Sources[s], found);
            }
        }

        foreach (long t in margins)
        {
            found.Add(new HazardEvent(HazardKind.Margin, t, t));
        }

        AddShocks(found);
        found.Sort((a, b) => a.StartNs != b.StartNs ? a.StartNs.CompareTo(b.StartNs) : a.Kind.CompareTo(b.Kind));

        // What follows closely is the same event.
        long merge = (long)(robot.Hazard.Merge * 1e9);
        var merged = new List<HazardEvent>();
        foreach (HazardEvent e in found)
        {
            if (merged.Count > 0 && e.StartNs - merged[^1].EndNs <= merge)
            {
                merged[^1] = merged[^1] with { EndNs = Math.Max(merged[^1].EndNs, e.EndNs) };
            }
            else
            {
                merged.Add(e);
            }
        }

        return merged;
    }

    private static void AddContacts(List<(long Stamp, bool Pressed)> list, SourceConfig source, List<HazardEvent> found)
    {
        long timeout = (long)(source.Timeout * 1e9), start = long.MinValue, last = long.MinValue;
        foreach ((long stamp, bool pressed) in list)
        {
            // A source that fell silent has not gone on reporting contact.
            if (start != long.MinValue && (!pressed || stamp - last > timeout))
            {
                found.Add(new HazardEvent(HazardKind.Contact, start, last));
                start = long.MinValue;
            }

            if (pressed)
            {
                start = start == long.MinValue ? stamp : start;
                last = stamp;
            }
        }

        if (start != long.MinValue)
        {
            found.Add(new HazardEvent(HazardKind.Contact, start, last));
        }
    }

    private void AddShocks(List<HazardEvent> found)
    {
        if (robot.Hazard.ShockThreshold is not { } threshold)
        {
            return;
        }

        accelerations.Sort((a, b) => a.Stamp.CompareTo(b.Stamp));
        Smoothed x = new(0.5), y = new(0.5), z = new(0.5);
        long last = long.MinValue;
        foreach ((long stamp, double ax, double ay, double az) in accelerations)
        {
            double dt = last == long.MinValue ? 0 : (stamp - last) * 1e-9;
            double dx = ax - x.Value, dy = ay - y.Value, dz = az - z.Value;
            if (x.Ready && (dx * dx) + (dy * dy) + (dz * dz) > threshold * threshold)
            {
                found.Add(new HazardEvent(HazardKind.Shock, stamp, stamp));
            }

            x.Update(ax, dt);
            y.Update(ay, dt);
            z.Update(az, dt);
            last = stamp;
            shockSeen.Add(stamp);
        }
    }

    /// <summary>For each kind of hazard in use, the spans in which it was not watched.</summary>
    private IEnumerable<List<(long From, long To)>> Coverages()
    {
        if (robot.Hazard.Contact)
        {
            for (int s = 0; s < robot.Sources.Count; s++)
            {
                SourceConfig source = robot.Sources[s];
                if (source.Role != SourceRole.Contact)
                {
                    continue;
                }

                if (!source.Continuous)
                {
                    yield return [(endNs, long.MaxValue)];
                }
                else if (!source.Optional || contacts[s] is not null)
                {
                    yield return Gaps([.. Sorted(contacts[s] ?? []).Select(c => c.Stamp)], (long)(source.Timeout * 1e9));
                }
            }
        }

        if (robot.Hazard.MarginClearance is not null)
        {
            yield return Gaps(marginSeen, MaximumWindowGap());
        }

        if (robot.Hazard.ShockThreshold is not null && robot.Source(SourceRole.Imu) is { } imu)
        {
            yield return Gaps(shockSeen, (long)(imu.Timeout * 1e9));
        }
    }

    private long MaximumWindowGap()
    {
        FusionConfig fusion = robot.Fusion;
        double seconds = fusion.Trigger is { } name ? robot.Sources.First(s => s.Name == name).Timeout : 3 / fusion.Rate;
        return (long)(2e9 * seconds);
    }

    /// <summary>The spans between sightings that are longer than <paramref name="longest"/>, and those before the first and after the last.</summary>
    private static List<(long From, long To)> Gaps(List<long> sightings, long longest)
    {
        var gaps = new List<(long, long)>();
        if (sightings.Count == 0)
        {
            gaps.Add((long.MinValue, long.MaxValue));
            return gaps;
        }

        gaps.Add((long.MinValue, sightings[0]));
        for (int i = 1; i < sightings.Count; i++)
        {
            if (sightings[i] - sightings[i - 1] > longest)
            {
                gaps.Add((sightings[i - 1], sightings[i]));
            }
        }

        gaps.Add((sightings[^1], long.MaxValue));
        return gaps;
    }

    private static bool IsCovered(List<(long From, long To)> gaps, long from, long to)
    {
        int low = 0, high = gaps.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (gaps[middle].To > from)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low == gaps.Count || gaps[low].From >= to;
    }

    private static List<(long Stamp, bool Pressed)> Sorted(List<(long Stamp, bool Pressed)> list) => [.. list.OrderBy(c => c.Stamp)];
}
