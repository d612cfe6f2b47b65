namespace QDistill.Features;

/// <summary>One distance reading with the sensor's own bounds.</summary>
internal struct RangeRecord
{
    public double Distance, Min, Max;
}

/// <summary>Distance of a single-beam sensor and how fast it shrinks.</summary>
internal sealed class RangeStream(SourceConfig config, RangeFeaturesConfig features) : SourceStream<RangeRecord>(config)
{
    private ClosingSpeed closing = new(features.Smoothing, features.Jump);

    public double Distance { get; private set; }

    public ref readonly ClosingSpeed Closing => ref closing;

    public void OnRecord(long stampNs, in RangeRecord record) => Enqueue(stampNs, record);

    protected override bool Take(long stampNs, in RangeRecord r)
    {
        // REP-117: +inf is "nothing within reach", -inf "too close to measure", NaN an error.
        double cap = r.Max > 0 ? Math.Min(r.Max, features.Cap) : features.Cap;
        double d = double.IsNegativeInfinity(r.Distance) ? Math.Max(r.Min, 0) : Math.Min(r.Distance, cap);
        if (double.IsNaN(d) || d < r.Min || d < 0)
        {
            closing.Reset();
            return false;
        }

        Distance = d;
        closing.Update(d, cap, SinceLast(stampNs));
        return true;
    }

    protected override void Forget() => closing.Reset();
}

/// <summary>One battery reading.</summary>
internal struct BatteryRecord
{
    public double Voltage, Current, Charge;
}

/// <summary>Battery state; each value is NaN when the battery does not measure it, as the message type prescribes.</summary>
internal sealed class BatteryStream(SourceConfig config) : SourceStream<BatteryRecord>(config)
{
    public BatteryRecord Last { get; private set; }

    public void OnRecord(long stampNs, in BatteryRecord record) => Enqueue(stampNs, record);

    protected override bool Take(long stampNs, in BatteryRecord r)
    {
        Last = r;
        return double.IsFinite(r.Voltage) || double.IsFinite(r.Charge);
    }

    protected override void Forget() => Last = default;
}
