namespace QDistill.Features;

/// <summary>A pose, or a point whose orientation is the identity.</summary>
internal struct PoseRecord
{
    public double X, Y, Z;
    public double Qx, Qy, Qz, Qw;

    /// <summary>
    /// The same pose by REP-103 (east-north-up, body forward-left-up) when this one is north-east-down with the body forward-right-down: half a turn about the world's
    /// north-east diagonal before, and about the body's x axis behind.
    /// </summary>
    public readonly PoseRecord FromNorthEastDown()
    {
        double h = Math.Sqrt(0.5);
        return new PoseRecord
        {
            X = Y, Y = X, Z = -Z,
            Qx = h * (Qx + Qy), Qy = h * (Qx - Qy), Qz = h * (Qw - Qz), Qw = h * (Qw + Qz),
        };
    }
}

/// <summary>The measured pose.</summary>
internal sealed class PoseStream(SourceConfig config, PoseTracker tracker) : SourceStream<PoseRecord>(config)
{
    public PoseTracker Tracker { get; } = tracker;

    public void OnRecord(long stampNs, in PoseRecord record) => Enqueue(stampNs, record);

    protected override bool Take(long stampNs, in PoseRecord r) => Tracker.Update(stampNs, r.X, r.Y, r.Z, r.Qx, r.Qy, r.Qz, r.Qw);

    protected override void Forget() => Tracker.Reset();
}

/// <summary>The set-point in force.</summary>
internal sealed class SetPointStream(SourceConfig config) : SourceStream<PoseRecord>(config)
{
    public double X { get; private set; }

    public double Y { get; private set; }

    public double Z { get; private set; }

    public void OnRecord(long stampNs, in PoseRecord record) => Enqueue(stampNs, record);

    protected override bool Take(long stampNs, in PoseRecord r)
    {
        if (!double.IsFinite(r.X + r.Y + r.Z))
        {
            return false;
        }

        (X, Y, Z) = (r.X, r.Y, r.Z);
        return true;
    }

    protected override void Forget()
    {
    }
}
