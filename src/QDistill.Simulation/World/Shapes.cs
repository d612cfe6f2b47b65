namespace QDistill.Simulation;

/// <summary>What stands in the way.</summary>
public enum ObstacleKind
{
    /// <summary>A wall, box or post.</summary>
    Fixed,

    /// <summary>Something lower than the lidar's plane.</summary>
    Low,

    /// <summary>Someone.</summary>
    Person,
}

/// <summary>A wall, or one side of a box: a straight line from (X0, Y0) to (X1, Y1) [m].</summary>
/// <param name="X0">Start, x.</param>
/// <param name="Y0">Start, y.</param>
/// <param name="X1">End, x.</param>
/// <param name="Y1">End, y.</param>
/// <param name="IsLow">Whether it lies below the lidar's plane.</param>
public readonly record struct Segment(double X0, double Y0, double X1, double Y1, bool IsLow = false)
{
    /// <summary>The square of the least distance from a point [m²].</summary>
    public double DistanceSquared(double x, double y)
    {
        double ex = X1 - X0, ey = Y1 - Y0, px = x - X0, py = y - Y0;
        double s = Math.Clamp(((px * ex) + (py * ey)) / ((ex * ex) + (ey * ey)), 0, 1);
        double dx = px - (s * ex), dy = py - (s * ey);
        return (dx * dx) + (dy * dy);
    }

    /// <summary>The square of the least distance from another segment [m²]; 0 when they cross.</summary>
    public double DistanceSquared(in Segment other) => Separates(other) && other.Separates(this)
        ? 0
        : Math.Min(
            Math.Min(DistanceSquared(other.X0, other.Y0), DistanceSquared(other.X1, other.Y1)),
            Math.Min(other.DistanceSquared(X0, Y0), other.DistanceSquared(X1, Y1)));

    /// <summary>Whether the other segment's ends lie on different sides of this one's line.</summary>
    private bool Separates(in Segment other)
    {
        double ex = X1 - X0, ey = Y1 - Y0;
        double a = (ex * (other.Y0 - Y0)) - (ey * (other.X0 - X0)), b = (ex * (other.Y1 - Y0)) - (ey * (other.X1 - X0));
        return a * b < 0;
    }
}

/// <summary>A post, or a person seen from above [m].</summary>
/// <param name="X">Centre, x.</param>
/// <param name="Y">Centre, y.</param>
/// <param name="Radius">Radius.</param>
public readonly record struct Disc(double X, double Y, double Radius);

/// <summary>A round patch of rough floor [m].</summary>
/// <param name="X">Centre, x.</param>
/// <param name="Y">Centre, y.</param>
/// <param name="Radius">Radius.</param>
public readonly record struct RoughPatch(double X, double Y, double Radius);
