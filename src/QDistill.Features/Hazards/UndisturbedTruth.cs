namespace QDistill.Features;

/// <summary>
/// Hindsight over the undisturbed messages of a recording whose features are formed of disturbed ones: a sensor's noise changes what is known of a hazard, never
/// whether it came.
/// </summary>
internal sealed class UndisturbedTruth
{
    private readonly HazardLabeler labeler;
    private readonly List<long> stamps = [];
    private readonly int constraints;

    public UndisturbedTruth(RobotConfig robot)
    {
        Extractor = new FeatureExtractor(robot);
        labeler = new HazardLabeler(Extractor);
        constraints = robot.Constraints.Count;
        Extractor.OnFeatures = x =>
        {
            stamps.Add(x.StampNs);
            labeler.OnWindow(x);
        };
    }

    /// <summary>To be fed with the undisturbed messages.</summary>
    public FeatureExtractor Extractor { get; }

    /// <summary>The windows without disturbance.</summary>
    public int Count => stamps.Count;

    /// <summary>The hazards.</summary>
    public IReadOnlyList<HazardEvent> Events => labeler.Events;

    /// <summary>The truths at given times, each that of the undisturbed window nearest to it; unknown where none is within half a usual step.</summary>
    public (Truth[] Collision, Truth[] Violations) At(ReadOnlySpan<long> times)
    {
        Truth[] collision = labeler.Collision(), violations = labeler.Violations();
        var atCollision = new Truth[times.Length];
        var atViolations = new Truth[times.Length * constraints];
        long reach = Reach();
        for (int i = 0; i < times.Length; i++)
        {
            int j = stamps.BinarySearch(times[i]);
            if (j < 0)
            {
                j = ~j;
                j = j == stamps.Count || (j > 0 && times[i] - stamps[j - 1] <= stamps[j] - times[i]) ? j - 1 : j;
            }

            if (j >= 0 && Math.Abs(stamps[j] - times[i]) <= reach)
            {
                atCollision[i] = collision[j];
                violations.AsSpan(j * constraints, constraints).CopyTo(atViolations.AsSpan(i * constraints));
            }
        }

        return (atCollision, atViolations);
    }

    private long Reach()
    {
        if (stamps.Count < 2)
        {
            return 0;
        }

        long[] steps = new long[stamps.Count - 1];
        for (int i = 0; i < steps.Length; i++)
        {
            steps[i] = stamps[i + 1] - stamps[i];
        }

        Array.Sort(steps);
        return steps[steps.Length / 2] / 2;
    }
}
