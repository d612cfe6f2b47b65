namespace QDistill.Features;

/// <summary>
/// When a footprint that keeps its present velocity first touches one of many points. A body with speed v and yaw rate ω turns about the instantaneous
/// centre of rotation (0, v/ω); seen from the body, every point turns about that centre by −ω t. First contact is where the point's circle
/// (or straight line, for ω = 0) first meets the outline: a closed form for each edge, no stepping in time.
/// </summary>
public static class ArcCollision
{
    // Below this turn over the whole horizon an arc differs from its chord by less than a lidar can see.
    private const double StraightTurn = 1e-4;

    /// <summary>The first time of contact [s] in [0, <paramref name="horizon"/>], or +∞ when no point is touched in that time.</summary>
    /// <param name="footprint">The outline.</param>
    /// <param name="x">Points ahead, behind and beside, in the base frame [m].</param>
    /// <param name="y">Their y coordinates [m].</param>
    /// <param name="speed">Speed along x [m/s], negative backwards.</param>
    /// <param name="yawRate">Yaw rate [rad/s], positive to the left.</param>
    /// <param name="horizon">How far to look [s].</param>
    public static double TimeToContact(Footprint footprint, ReadOnlySpan<float> x, ReadOnlySpan<float> y, double speed, double yawRate, double horizon)
    {
        if (Math.Abs(yawRate) * horizon < StraightTurn)
        {
            return speed == 0 ? double.PositiveInfinity : Straight(footprint, x, y, speed, horizon);
        }

        return footprint.IsCircle ? CircleOnArc(footprint, x, y, speed, yawRate, horizon) : PolygonOnArc(footprint, x, y, speed, yawRate, horizon);
    }

    private static double Straight(Footprint f, ReadOnlySpan<float> x, ReadOnlySpan<float> y, double speed, double horizon)
    {
        // Mirrored for reverse, so that motion is always towards +x.
        double sign = Math.Sign(speed), v = Math.Abs(speed), best = double.PositiveInfinity;
        double reach = f.Extent + (v * horizon), side = f.Extent;
        for (int i = 0; i < x.Length; i++)
        {
            double px = sign * x[i], py = y[i];
            if (Math.Abs(py) > side || px > reach || px < -f.Extent)
            {
                continue;
            }

            double travel = f.IsCircle ? CircleTravel(f.Radius, px, py) : PolygonTravel(f, sign, px, py);
            if (travel == 0 && px <= 0)
            {
                continue; // touching, but the body moves away from it
            }

            best = Math.Min(best, travel / v);
        }

        return best <= horizon ? best : double.PositiveInfinity;
    }

    private static double CircleTravel(double radius, double px, double py)
    {
        double h = (radius * radius) - (py * py);
        if (h < 0)
        {
            return double.PositiveInfinity;
        }

        double front = Math.Sqrt(h);
        return px >= front ? px - front : px >= -front ? 0 : double.PositiveInfinity;
    }

    private static double PolygonTravel(Footprint f, double sign, double px, double py)
    {
        double best = double.PositiveInfinity;
        bool inside = false;
        ReadOnlySpan<double> vx = f.X, vy = f.Y;
        for (int i = 0, j = vx.Length - 1; i < vx.Length; j = i++)
        {
            if ((vy[i] > py) == (vy[j] > py))
            {
                continue;
            }

            double ex = sign * (vx[j] + ((vx[i] - vx[j]) * (py - vy[j]) / (vy[i] - vy[j])));
            if (ex <= px)
            {
                best = Math.Min(best, px - ex);
            }
            else
            {
                inside = !inside;
            }
        }

        return inside ? 0 : best;
    }

    private static double CircleOnArc(Footprint f, ReadOnlySpan<float> x, ReadOnlySpan<float> y, double speed, double yawRate, double horizon)
    {
        double rho = speed / yawRate, r = f.Radius, d0 = Math.Abs(rho);
        double best = double.PositiveInfinity; // pseudo-angle
        double bestX = 1, bestY = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double qx = x[i], qy = y[i] - rho;
            double d2 = (qx * qx) + (qy * qy), d = Math.Sqrt(d2);
            if (((double)x[i] * x[i]) + ((double)y[i] * y[i]) <= r * r)
            {
                if (MovesInwards(x[i], y[i], speed, yawRate))
                {
                    return 0;
                }

                continue;
            }

            if (Math.Abs(d - d0) > r || d0 < 1e-9)
            {
                continue;
            }

            // The two points of the outline at distance d from the centre of rotation: along the axis a, across it ±h.
            double a = ((d0 * d0) + d2 - (r * r)) / (2 * d0), h = Math.Sqrt(Math.Max(0, d2 - (a * a)));
            double axis = -Math.Sign(rho) * a;
            Consider(qx, qy, h, axis, yawRate, ref best, ref bestX, ref bestY);
            Consider(qx, qy, -h, axis, yawRate, ref best, ref bestX, ref bestY);
        }

        return Finish(best, bestX, bestY, yawRate, horizon);
    }

    private static double PolygonOnArc(Footprint f, ReadOnlySpan<float> x, ReadOnlySpan<float> y, double speed, double yawRate, double horizon)
    {
        double rho = speed / yawRate;
        ReadOnlySpan<double> vx = f.X, vy = f.Y;
        double far2 = 0;
        for (int i = 0; i < vx.Length; i++)
        {
            far2 = Math.Max(far2, (vx[i] * vx[i]) + ((vy[i] - rho) * (vy[i] - rho)));
        }

        double near = f.Distance(0, rho), near2 = near <= 0 ? 0 : near * near;
        double reach = f.Extent + ((Math.Abs(speed) + (Math.Abs(yawRate) * f.Extent)) * horizon), reach2 = reach * reach;
        double best = double.PositiveInfinity, bestX = 1, bestY = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double px = x[i], py = y[i], qx = px, qy = py - rho;
            double d2 = (qx * qx) + (qy * qy), p2 = (px * px) + (py * py);
            if (d2 < near2 || d2 > far2 || p2 > reach2)
            {
                continue;
            }

            if (p2 <= f.Extent * f.Extent && f.Distance(px, py) <= 0)
            {
                if (MovesInwards(px, py, speed, yawRate))
                {
                    return 0;
                }

                continue;
            }

            for (int k = 0, j = vx.Length - 1; k < vx.Length; j = k++)
            {
                double ax = vx[j], ay = vy[j] - rho, ex = vx[k] - vx[j], ey = vy[k] - vy[j];
                double aa = (ex * ex) + (ey * ey), bb = (ax * ex) + (ay * ey), cc = (ax * ax) + (ay * ay) - d2;
                double disc = (bb * bb) - (aa * cc);
                if (disc < 0)
                {
                    continue;
                }

                double root = Math.Sqrt(disc), s0 = (-bb - root) / aa, s1 = (-bb + root) / aa;
                if (s0 is >= 0 and <= 1)
                {
                    Consider(qx, qy, ax + (s0 * ex), ay + (s0 * ey), yawRate, ref best, ref bestX, ref bestY);
                }

                if (s1 is >= 0 and <= 1)
                {
                    Consider(qx, qy, ax + (s1 * ex), ay + (s1 * ey), yawRate, ref best, ref bestX, ref bestY);
                }
            }
        }

        return Finish(best, bestX, bestY, yawRate, horizon);
    }

    /// <summary>Keeps the smaller turn from q to e, taken against the yaw; angles are compared by a monotone stand-in to spare the arctangent.</summary>
    private static void Consider(double qx, double qy, double ex, double ey, double yawRate, ref double best, ref double bestX, ref double bestY)
    {
        double cos = (qx * ex) + (qy * ey), cross = (qx * ey) - (qy * ex);
        double sin = yawRate > 0 ? -cross : cross;
        double sum = Math.Abs(cos) + Math.Abs(sin);
        if (sum == 0)
        {
            return;
        }

        // The diamond angle: 0 at 0, 4 at a full turn, monotone in between.
        double p = sin >= 0 ? (cos >= 0 ? sin / sum : 1 - (cos / sum)) : (cos < 0 ? 2 - (sin / sum) : 3 + (cos / sum));
        if (p < best)
        {
            (best, bestX, bestY) = (p, cos, sin);
        }
    }

    private static double Finish(double best, double cos, double sin, double yawRate, double horizon)
    {
        if (double.IsPositiveInfinity(best))
        {
            return best;
        }

        double angle = Math.Atan2(sin, cos);
        double t = (angle < 0 ? angle + (2 * Math.PI) : angle) / Math.Abs(yawRate);
        return t <= horizon ? t : double.PositiveInfinity;
    }

    private static bool MovesInwards(double px, double py, double speed, double yawRate) =>
        (px * (-speed + (yawRate * py))) + (py * (-yawRate * px)) < 0;
}
