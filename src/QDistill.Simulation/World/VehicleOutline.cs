namespace QDistill.Simulation;

/// <summary>The vehicle's rectangle at a pose, and how far things are from it.</summary>
public readonly struct VehicleOutline
{
    private readonly double halfLength, halfWidth, cos, sin;

    /// <summary>A rectangle of the given size centred on (<paramref name="x"/>, <paramref name="y"/>) and turned by <paramref name="yaw"/>.</summary>
    public VehicleOutline(double length, double width, double x, double y, double yaw)
    {
        (halfLength, halfWidth, X, Y) = (0.5 * length, 0.5 * width, x, y);
        (sin, cos) = Math.SinCos(yaw);
    }

    /// <summary>Centre, x [m].</summary>
    public double X { get; }

    /// <summary>Centre, y [m].</summary>
    public double Y { get; }

    /// <summary>From the centre to a corner [m].</summary>
    public double Extent => Math.Sqrt((halfLength * halfLength) + (halfWidth * halfWidth));

    /// <summary>Turns a point of the world into the vehicle's frame.</summary>
    public (double X, double Y) ToVehicle(double wx, double wy)
    {
        double dx = wx - X, dy = wy - Y;
        return ((cos * dx) + (sin * dy), (cos * dy) - (sin * dx));
    }

    /// <summary>The distance to a disc [m]; negative when they overlap.</summary>
    public double Distance(in Disc disc)
    {
        (double px, double py) = ToVehicle(disc.X, disc.Y);
        return OfPoint(px, py) - disc.Radius;
    }

    /// <summary>The distance to a segment [m]; 0 when it touches or crosses the rectangle.</summary>
    public double Distance(in Segment segment)
    {
        (double ax, double ay) = ToVehicle(segment.X0, segment.Y0);
        (double bx, double by) = ToVehicle(segment.X1, segment.Y1);
        if (Crosses(ax, ay, bx, by))
        {
            return 0;
        }

        // Apart, the nearest pair has an end of the segment or a corner of the rectangle.
        var local = new Segment(ax, ay, bx, by);
        double best = Math.Min(OfPoint(ax, ay), OfPoint(bx, by));
        double corner = Math.Min(
            Math.Min(local.DistanceSquared(halfLength, halfWidth), local.DistanceSquared(halfLength, -halfWidth)),
            Math.Min(local.DistanceSquared(-halfLength, halfWidth), local.DistanceSquared(-halfLength, -halfWidth)));
        return Math.Min(best, Math.Sqrt(corner));
    }

    private double OfPoint(double px, double py)
    {
        double dx = Math.Max(Math.Abs(px) - halfLength, 0), dy = Math.Max(Math.Abs(py) - halfWidth, 0);
        return Math.Sqrt((dx * dx) + (dy * dy));
    }

    /// <summary>Liang and Barsky's clipping: whether any part of the segment lies in the rectangle.</summary>
    private bool Crosses(double ax, double ay, double bx, double by)
    {
        double enter = 0, leave = 1;
        return Clip(ax, bx - ax, halfLength, ref enter, ref leave) && Clip(ay, by - ay, halfWidth, ref enter, ref leave);
    }

    private static bool Clip(double p, double d, double half, ref double enter, ref double leave)
    {
        if (d == 0)
        {
            return Math.Abs(p) <= half;
        }

        double t0 = (-half - p) / d, t1 = (half - p) / d;
        if (t0 > t1)
        {
            (t0, t1) = (t1, t0);
        }

        enter = Math.Max(enter, t0);
        leave = Math.Min(leave, t1);
        return enter <= leave;
    }
}
