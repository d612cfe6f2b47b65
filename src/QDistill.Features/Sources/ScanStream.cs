namespace QDistill.Features;

/// <summary>One scan as it was received.</summary>
internal sealed class ScanRecord
{
    public double AngleMin, AngleIncrement, RangeMin, RangeMax;
    public float[] Ranges = [];
    public int Count;

    public void Set(ReadOnlySpan<float> ranges)
    {
        if (Ranges.Length < ranges.Length)
        {
            Ranges = new float[ranges.Length];
        }

        ranges.CopyTo(Ranges);
        Count = ranges.Length;
    }
}

/// <summary>
/// The latest scan as points in the base frame, with clearances to the footprint by sector and zone and the speed at which the zones ahead close.
/// A beam is a point, free (nothing within the sensor's reach: +inf or beyond range_max) or unknown (NaN, 0, below range_min), per REP-117; beam counts and angles may change from scan to scan.
/// </summary>
internal sealed class ScanStream : SourceStream<ScanRecord>
{
    // A beam of a free direction stands for a point at this distance: beyond any cap, so it only says that its sector was looked into.
    private const float FreeDistance = 1000;

    private readonly Footprint footprint;
    private readonly LidarFeaturesConfig features;
    private readonly SectorTable table;
    private readonly double halfWidth;
    private readonly bool upsideDown;
    private double tableMin = double.NaN, tableIncrement;
    private int tableCount;
    private float[] cos = [], sin = [];
    private float[] x = [], y = [], clearance = [];
    private sbyte[] kind = []; // per beam: 1 point, 0 free, -1 unknown
    private int[] beam = []; // per kept direction: its beam
    private ClosingSpeed ahead, left, right;

    public ScanStream(SourceConfig config, Footprint footprint, RobotLimits limits, LidarFeaturesConfig features)
        : base(config)
    {
        this.footprint = footprint;
        this.features = features;
        table = new SectorTable(features.Sectors);
        SectorClearance = new double[features.Sectors];
        upsideDown = Math.Cos(config.Mount.Roll) < 0;
        halfWidth = (footprint.IsCircle ? footprint.Radius : Largest(footprint.Y)) + features.CorridorMargin;
        double jump = (limits.Gate * limits.Speed) + features.ObstacleSpeed;
        (ahead, left, right) = (new(features.Smoothing, jump), new(features.Smoothing, jump), new(features.Smoothing, jump));
    }

    public Footprint Footprint => footprint;

    /// <summary>Clearance of each sector [m], at most the cap; NaN where no beam looked.</summary>
    public double[] SectorClearance { get; }

    public double Clearance { get; private set; }

    public double AheadDistance { get; private set; }

    public double LeftDistance { get; private set; }

    public double RightDistance { get; private set; }

    public ref readonly ClosingSpeed Ahead => ref ahead;

    public ref readonly ClosingSpeed Left => ref left;

    public ref readonly ClosingSpeed Right => ref right;

    public double Clutter { get; private set; }

    public double Gap { get; private set; }

    public double Roughness { get; private set; }

    public double Known { get; private set; }

    /// <summary>The points of the latest scan, nearer than the cap, in the base frame [m].</summary>
    public ReadOnlySpan<float> X => x.AsSpan(0, PointCount);

    /// <summary>Their y coordinates.</summary>
    public ReadOnlySpan<float> Y => y.AsSpan(0, PointCount);

    public int PointCount { get; private set; }

    public ScanRecord Slot() => NextSlot();

    public void OnRecord(long stampNs, ScanRecord record) => Enqueue(stampNs, record);

    protected override bool Take(long stampNs, in ScanRecord r)
    {
        int n = r.Count;
        if (n == 0 || !(Math.Abs(r.AngleIncrement) > 1e-9) || !double.IsFinite(r.AngleMin + r.AngleIncrement))
        {
            ForgetSpeeds();
            return false;
        }

        Prepare(r, n);
        int known = Project(r, n);
        footprint.Clearances(x.AsSpan(0, known), y.AsSpan(0, known), clearance.AsSpan(0, known));
        known = Summarise(known);
        if (known == 0)
        {
            Forget();
            return false;
        }

        Shape(r, n);
        double dt = SinceLast(stampNs), cap = features.Cap;
        ahead.Update(AheadDistance, cap, dt);
        left.Update(LeftDistance, cap, dt);
        right.Update(RightDistance, cap, dt);
        Known = (double)known / n;
        return true;
    }

    protected override void Forget()
    {
        PointCount = 0;
        ForgetSpeeds();
    }

    private static double Largest(ReadOnlySpan<double> values)
    {
        double largest = 0;
        foreach (double v in values)
        {
            largest = Math.Max(largest, Math.Abs(v));
        }

        return largest;
    }

    private void ForgetSpeeds()
    {
        ahead.Reset();
        left.Reset();
        right.Reset();
    }

    /// <summary>Beam directions in the base frame, kept while the scan's geometry stays the same.</summary>
    private void Prepare(ScanRecord r, int n)
    {
        if (x.Length < n)
        {
            int size = Math.Max(n, 2 * x.Length);
            (cos, sin, x, y, clearance) = (new float[size], new float[size], new float[size], new float[size], new float[size]);
            (kind, beam) = (new sbyte[size], new int[size]);
            tableMin = double.NaN;
        }

        if (tableMin == r.AngleMin && tableIncrement == r.AngleIncrement && tableCount >= n)
        {
            return;
        }

        for (int i = 0; i < n; i++)
        {
            double angle = r.AngleMin + (i * r.AngleIncrement);
            (double s, double c) = Math.SinCos(Config.Mount.Yaw + (upsideDown ? -angle : angle));
            (cos[i], sin[i]) = ((float)c, (float)s);
        }

        (tableMin, tableIncrement, tableCount) = (r.AngleMin, r.AngleIncrement, n);
    }

    /// <summary>Turns beams into directions in the base frame: points, and far stand-ins for free beams. Returns how many beams are known.</summary>
    private int Project(ScanRecord r, int n)
    {
        float mx = (float)Config.Mount.X, my = (float)Config.Mount.Y;
        float min = (float)(r.RangeMin > 0 ? r.RangeMin : 0), max = r.RangeMax > 0 ? (float)r.RangeMax : float.PositiveInfinity;
        bool zeroIsFree = features.ZeroIsFree;
        float[] ranges = r.Ranges;
        int k = 0;
        for (int i = 0; i < n; i++)
        {
            float d = ranges[i];
            sbyte what;
            if (d >= min && d > 0)
            {
                what = (sbyte)(d <= max && d < FreeDistance ? 1 : 0);
            }
            else if (float.IsNegativeInfinity(d))
            {
                (d, what) = (min, 1);
            }
            else
            {
                what = (sbyte)(zeroIsFree && d == 0 ? 0 : -1);
            }

            kind[i] = what;
            if (what < 0)
            {
                continue;
            }

            float at = what == 1 ? d : FreeDistance;
            x[k] = mx + (at * cos[i]);
            y[k] = my + (at * sin[i]);
            beam[k] = i;
            k++;
        }

        return k;
    }

    /// <summary>Sector and zone minima; drops returns from the robot itself; leaves the near points at the front of the arrays. Returns how many beams are left.</summary>
    private int Summarise(int kept)
    {
        float cap = (float)features.Cap, self = (float)features.SelfFilter;
        Span<double> sector = SectorClearance;
        sector.Fill(double.NaN);
        double nearest = cap, aheadNearest = cap, leftNearest = cap, rightNearest = cap;
        float front = (float)footprint.Front;
        int points = 0, clutter = 0, known = 0;
        for (int i = 0; i < kept; i++)
        {
            float px = x[i], py = y[i], c = clearance[i];
            if (c == 0 && footprint.Distance(px, py) < -self)
            {
                kind[beam[i]] = -1;
                continue;
            }

            known++;
            c = MathF.Min(c, cap);
            int s = table.Of(px, py);
            if (!(sector[s] <= c))
            {
                sector[s] = c;
            }

            if (c >= cap)
            {
                continue;
            }

            nearest = Math.Min(nearest, c);
            clutter += c < features.ClutterRadius ? 1 : 0;
            if (px > 0)
            {
                // The corridor that the robot would sweep straight on, then a wedge of 15° to 90° on either side.
                if (MathF.Abs(py) <= halfWidth)
                {
                    aheadNearest = Math.Min(aheadNearest, Math.Max(px - front, 0));
                }

                if (py > 0.26795f * px)
                {
                    leftNearest = Math.Min(leftNearest, c);
                }
                else if (py < -0.26795f * px)
                {
                    rightNearest = Math.Min(rightNearest, c);
                }
            }

            x[points] = px;
            y[points] = py;
            points++;
        }

        PointCount = points;
        (Clearance, AheadDistance, LeftDistance, RightDistance) = (nearest, aheadNearest, leftNearest, rightNearest);
        Clutter = known > 0 ? (double)clutter / known : 0;
        return known;
    }

    /// <summary>Widest free gap in the front half plane, and how rugged the outline is: the mean step between neighbouring beams.</summary>
    private void Shape(ScanRecord r, int n)
    {
        double step = Math.Abs(r.AngleIncrement);
        bool circular = n * step > 6.1;
        float far = (float)features.GapRange;
        int run = 0, widest = 0, pairs = 0;
        double rough = 0;
        float capped = (float)features.Cap, last = float.NaN;
        int turns = circular ? 2 * n : n;
        for (int j = 0; j < turns; j++)
        {
            int i = j < n ? j : j - n;
            float d = kind[i] switch
            {
                1 => MathF.Min(r.Ranges[i], capped),
                0 => capped,
                _ => float.NaN,
            };
            run = d > far && cos[i] > 0 ? Math.Min(run + 1, n) : 0;
            widest = Math.Max(widest, run);
            if (j < n)
            {
                float jump = MathF.Abs(d - last);
                if (!float.IsNaN(jump))
                {
                    rough += MathF.Min(jump, 1);
                    pairs++;
                }

                last = d;
            }
        }

        Gap = Math.Min(widest * step, Math.PI);
        Roughness = pairs > 0 ? rough / pairs : 0;
    }
}
