namespace QDistill.Simulation;

/// <summary>Exact distances along rays to segments and discs.</summary>
public static class RayCaster
{
    /// <summary>
    /// Casts evenly spread rays and writes the distance to the first thing hit [m]; +∞ where nothing is hit within <paramref name="reach"/>. Ray i points at
    /// <paramref name="angleMin"/> + i <paramref name="increment"/> [rad].
    /// </summary>
    public static void Cast(
        double x, double y, double angleMin, double increment, double reach, ReadOnlySpan<Segment> segments, ReadOnlySpan<Disc> discs, Span<double> ranges)
    {
        ranges.Fill(double.PositiveInfinity);
        double first = angleMin;
        int count = ranges.Length;
        foreach (ref readonly Segment s in segments)
        {
            if (s.IsLow || s.DistanceSquared(x, y) > reach * reach)
            {
                continue;
            }

            // Only the rays between the two ends can hit it: a segment spans less than half a turn.
            double ax = s.X0 - x, ay = s.Y0 - y, bx = s.X1 - x, by = s.Y1 - y;
            double turn = Math.Atan2((ax * by) - (ay * bx), (ax * bx) + (ay * by));
            double from = turn >= 0 ? Math.Atan2(ay, ax) : Math.Atan2(by, bx);
            double ex = bx - ax, ey = by - ay, cross = (ax * ey) - (ay * ex);
            foreach (int i in new RayRange(from, Math.Abs(turn), first, increment, count))
            {
                (double sin, double cos) = Math.SinCos(first + (i * increment));
                if (((cos * ay) - (sin * ax)) * ((cos * by) - (sin * bx)) > 0)
                {
                    continue; // both ends on the same side of the ray
                }

                double t = cross / ((cos * ey) - (sin * ex));
                if (t > 0 && t < ranges[i])
                {
                    ranges[i] = t;
                }
            }
        }

        foreach (ref readonly Disc disc in discs)
        {
            double cx = disc.X - x, cy = disc.Y - y, d2 = (cx * cx) + (cy * cy), d = Math.Sqrt(d2);
            if (d > reach + disc.Radius)
            {
                continue;
            }

            double half = d <= disc.Radius ? Math.PI : Math.Asin(disc.Radius / d);
            foreach (int i in new RayRange(Math.Atan2(cy, cx) - half, 2 * half, first, increment, count))
            {
                (double sin, double cos) = Math.SinCos(first + (i * increment));
                double along = (cos * cx) + (sin * cy), h = (disc.Radius * disc.Radius) - d2 + (along * along);
                if (h < 0)
                {
                    continue;
                }

                double root = Math.Sqrt(h), t = along - root > 0 ? along - root : along + root;
                if (t > 0 && t < ranges[i])
                {
                    ranges[i] = t;
                }
            }
        }

        for (int i = 0; i < ranges.Length; i++)
        {
            if (ranges[i] > reach)
            {
                ranges[i] = double.PositiveInfinity;
            }
        }
    }

    /// <summary>The rays from a direction on over an angle, one ray wider at each end against rounding; each ray once.</summary>
    private readonly ref struct RayRange
    {
        private readonly int start, length, rays, period;

        public RayRange(double from, double width, double first, double increment, int rays)
        {
            this.rays = rays;
            period = (int)Math.Round(2 * Math.PI / increment);
            double offset = (from - first) / increment;
            start = (int)Math.Floor(offset) - 1;
            length = Math.Min((int)Math.Ceiling(width / increment) + 4, Math.Max(period, rays));
        }

        public Enumerator GetEnumerator() => new(this);

        public ref struct Enumerator(RayRange range)
        {
            private readonly RayRange range = range;
            private int step = -1;

            public int Current { get; private set; }

            public bool MoveNext()
            {
                while (++step < range.length)
                {
                    int i = (range.start + step) % range.period;
                    Current = i < 0 ? i + range.period : i;
                    if (Current < range.rays)
                    {
                        return true;
                    }
                }

                return false;
            }
        }
    }
}
