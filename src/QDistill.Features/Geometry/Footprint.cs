using System.Numerics;
using System.Runtime.InteropServices;
using QDistill.Configuration;

namespace QDistill.Features;

/// <summary>The outline of the robot in the base frame [m]: a circle about the origin, or a simple polygon (any orientation, convex or not).</summary>
public sealed class Footprint
{
    private readonly double[] vx;
    private readonly double[] vy;

    // An axis-aligned rectangle has a distance without edges, which is what most AGVs need 360 times per scan.
    private readonly bool isRectangle;
    private readonly double centerX, centerY, halfX, halfY;

    private Footprint(double radius, double[] vx, double[] vy)
    {
        Radius = radius;
        this.vx = vx;
        this.vy = vy;
        if (vx.Length > 0)
        {
            (double minX, double maxX, double minY, double maxY) = (vx.Min(), vx.Max(), vy.Min(), vy.Max());
            isRectangle = vx.Length == 4 && Enumerable.Range(0, 4).All(i => (vx[i] == minX || vx[i] == maxX) && (vy[i] == minY || vy[i] == maxY))
                && Math.Abs(SignedArea(vx, vy)) == (maxX - minX) * (maxY - minY);
            (centerX, halfX) = (0.5 * (minX + maxX), 0.5 * (maxX - minX));
            (centerY, halfY) = (0.5 * (minY + maxY), 0.5 * (maxY - minY));
            Front = maxX;
            Extent = vx.Zip(vy, (x, y) => Math.Sqrt((x * x) + (y * y))).Max();
        }
        else
        {
            Front = Extent = radius;
        }
    }

    /// <summary>The circle's radius [m]; 0 for a polygon.</summary>
    public double Radius { get; }

    /// <summary>Whether the outline is a circle.</summary>
    public bool IsCircle => vx.Length == 0;

    /// <summary>How far the outline reaches ahead of the origin [m].</summary>
    public double Front { get; }

    /// <summary>The greatest distance of the outline from the origin [m].</summary>
    public double Extent { get; }

    /// <summary>The polygon's x coordinates [m]; empty for a circle.</summary>
    public ReadOnlySpan<double> X => vx;

    /// <summary>The polygon's y coordinates [m]; empty for a circle.</summary>
    public ReadOnlySpan<double> Y => vy;

    /// <summary>A circle about the base frame's origin.</summary>
    public static Footprint Circle(double radius) => radius > 0 && double.IsFinite(radius)
        ? new Footprint(radius, [], [])
        : throw new ArgumentOutOfRangeException(nameof(radius), "a footprint's radius must be positive");

    /// <summary>A rectangle about (<paramref name="centerX"/>, 0), <paramref name="length"/> along x and <paramref name="width"/> along y.</summary>
    public static Footprint Rectangle(double length, double width, double centerX = 0)
    {
        (double f, double b, double s) = (centerX + (0.5 * length), centerX - (0.5 * length), 0.5 * width);
        return Polygon([f, f, b, b], [-s, s, s, -s]);
    }

    /// <summary>A simple polygon of at least three corners.</summary>
    /// <exception cref="ArgumentException">Fewer than three corners, or no area.</exception>
    public static Footprint Polygon(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length < 3 || x.Length != y.Length)
        {
            throw new ArgumentException("a footprint polygon needs at least three corners");
        }

        double[] px = x.ToArray(), py = y.ToArray();
        double area = SignedArea(px, py);
        if (!(Math.Abs(area) > 1e-9))
        {
            throw new ArgumentException("a footprint polygon must enclose an area");
        }

        return new Footprint(0, px, py);
    }

    /// <summary>Reads <c>{radius}</c>, <c>{length, width, center_x}</c> or <c>{polygon: [x0, y0, x1, y1, …]}</c>.</summary>
    internal static Footprint Read(ConfigSection section)
    {
        if (section.Has("polygon"))
        {
            IReadOnlyList<double> corners = section.Doubles("polygon");
            if (corners.Count < 6 || corners.Count % 2 != 0)
            {
                throw section.Error("polygon", $"holds {corners.Count} numbers", "give at least three corners as x0, y0, x1, y1, x2, y2");
            }

            try
            {
                return Polygon([.. corners.Where((_, i) => i % 2 == 0)], [.. corners.Where((_, i) => i % 2 == 1)]);
            }
            catch (ArgumentException e)
            {
                throw section.Error("polygon", e.Message);
            }
        }

        return section.Has("radius")
            ? Circle(section.Double("radius", min: 1e-3, max: 100))
            : Rectangle(section.Double("length", min: 1e-3, max: 100), section.Double("width", min: 1e-3, max: 100), section.Double("center_x", 0, -100, 100));
    }

    /// <summary>The signed distance of a point to the outline [m]: negative inside.</summary>
    public double Distance(double x, double y)
    {
        if (IsCircle)
        {
            return Math.Sqrt((x * x) + (y * y)) - Radius;
        }

        double best = double.PositiveInfinity;
        bool inside = false;
        for (int i = 0, j = vx.Length - 1; i < vx.Length; j = i++)
        {
            double ex = vx[i] - vx[j], ey = vy[i] - vy[j];
            double s = Math.Clamp((((x - vx[j]) * ex) + ((y - vy[j]) * ey)) / ((ex * ex) + (ey * ey)), 0, 1);
            double dx = x - vx[j] - (s * ex), dy = y - vy[j] - (s * ey);
            best = Math.Min(best, (dx * dx) + (dy * dy));
            if (((vy[i] > y) != (vy[j] > y)) && (x < ((vx[j] - vx[i]) * (y - vy[i]) / (vy[j] - vy[i])) + vx[i]))
            {
                inside = !inside;
            }
        }

        return inside ? -Math.Sqrt(best) : Math.Sqrt(best);
    }

    /// <summary>The distance of each point to the outline [m], 0 inside.</summary>
    public void Clearances(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> clearance)
    {
        int i = 0;
        if (IsCircle || isRectangle)
        {
            // Square root, min and max are exact in IEEE 754, so any vector width gives the same bits.
            ReadOnlySpan<Vector<float>> wx = MemoryMarshal.Cast<float, Vector<float>>(x);
            ReadOnlySpan<Vector<float>> wy = MemoryMarshal.Cast<float, Vector<float>>(y[..x.Length]);
            Span<Vector<float>> wc = MemoryMarshal.Cast<float, Vector<float>>(clearance[..x.Length]);
            var r = new Vector<float>((float)Radius);
            Vector<float> cx = new((float)centerX), cy = new((float)centerY), hx = new((float)halfX), hy = new((float)halfY);
            for (int k = 0; k < wx.Length; k++)
            {
                if (IsCircle)
                {
                    wc[k] = Vector.Max(Vector.SquareRoot((wx[k] * wx[k]) + (wy[k] * wy[k])) - r, Vector<float>.Zero);
                }
                else
                {
                    Vector<float> dx = Vector.Max(Vector.Abs(wx[k] - cx) - hx, Vector<float>.Zero);
                    Vector<float> dy = Vector.Max(Vector.Abs(wy[k] - cy) - hy, Vector<float>.Zero);
                    wc[k] = Vector.SquareRoot((dx * dx) + (dy * dy));
                }
            }

            i = wx.Length * Vector<float>.Count;
            for (; i < x.Length; i++)
            {
                if (IsCircle)
                {
                    clearance[i] = MathF.Max(MathF.Sqrt((x[i] * x[i]) + (y[i] * y[i])) - (float)Radius, 0);
                }
                else
                {
                    float dx = MathF.Max(MathF.Abs(x[i] - (float)centerX) - (float)halfX, 0);
                    float dy = MathF.Max(MathF.Abs(y[i] - (float)centerY) - (float)halfY, 0);
                    clearance[i] = MathF.Sqrt((dx * dx) + (dy * dy));
                }
            }

            return;
        }

        for (; i < x.Length; i++)
        {
            clearance[i] = (float)Math.Max(Distance(x[i], y[i]), 0);
        }
    }

    private static double SignedArea(double[] x, double[] y)
    {
        double sum = 0;
        for (int i = 0, j = x.Length - 1; i < x.Length; j = i++)
        {
            sum += (x[j] * y[i]) - (x[i] * y[j]);
        }

        return 0.5 * sum;
    }
}
