namespace QDistill.Features;

/// <summary>
/// How fast a distance shrinks [m/s]. Jumps that no motion explains (another object came into view) and distances at the cap carry no speed: the first leave the
/// estimate as it is, the second set it to 0.
/// </summary>
internal struct ClosingSpeed(double smoothing, double jump)
{
    private readonly double jump = jump;
    private Smoothed speed = new(smoothing);
    private double last = double.NaN;

    public readonly double Value => speed.Value;

    /// <summary>Whether a speed is known: two readings were seen, or nothing is within reach.</summary>
    public bool Known { get; private set; }

    public void Update(double distance, double cap, double dt)
    {
        if (distance >= cap)
        {
            speed.Reset();
            Known = true;
        }
        else if (dt > 0 && !double.IsNaN(last))
        {
            double raw = (last - distance) / dt;
            if (last >= cap)
            {
                speed.Reset(); // it came out of nowhere: its speed shows with the next reading
            }
            else if (Math.Abs(raw) <= jump)
            {
                speed.Update(raw, dt);
            }

            Known = true;
        }
        else
        {
            speed.Reset();
            Known = false;
        }

        last = distance;
    }

    public void Reset()
    {
        speed.Reset();
        last = double.NaN;
        Known = false;
    }
}
