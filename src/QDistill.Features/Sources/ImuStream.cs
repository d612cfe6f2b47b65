namespace QDistill.Features;

/// <summary>One inertial reading in the sensor's own frame.</summary>
internal struct ImuRecord
{
    public double Ax, Ay, Az;
    public double Wx, Wy, Wz;
}

/// <summary>
/// Inertial signals in the base frame: smoothed acceleration and rates, tilt from the slow part of the acceleration, and vibration as root mean square of what is
/// left, whole and in two bands (one-pole crossovers).
/// </summary>
internal sealed class ImuStream : SourceStream<ImuRecord>
{
    private readonly double[] rotation = new double[9];
    private readonly double accelerationGate, rateGate, tauLow, tauHigh, window;
    private readonly bool hasGyro;
    private Smoothed ax, ay, yawRate;
    private Smoothed gx, gy, gz; // below the first crossover: gravity and slow motion
    private Smoothed hx, hy, hz; // below the second crossover
    private Smoothed power, lowPower, highPower;
    private Smoothed rx, ry, rz, ratePower; // angular rates below the first crossover, and the power of the rest
    private double peak;

    public ImuStream(SourceConfig config, RobotLimits limits, ImuFeaturesConfig features)
        : base(config)
    {
        config.Mount.Rotation(rotation);
        hasGyro = HasGyro(config);
        accelerationGate = limits.Gate * 200; // twice a 10 g unit's range and more: beyond it a reading is a fault, not a shock
        rateGate = limits.Gate * 40;
        tauLow = 1 / (2 * Math.PI * features.LowCrossover);
        tauHigh = 1 / (2 * Math.PI * features.HighCrossover);
        window = features.Window;
        (ax, ay, yawRate) = (new(features.Smoothing), new(features.Smoothing), new(features.Smoothing));
        (gx, gy, gz) = (new(tauLow), new(tauLow), new(tauLow));
        (hx, hy, hz) = (new(tauHigh), new(tauHigh), new(tauHigh));
        (rx, ry, rz, ratePower) = (new(tauLow), new(tauLow), new(tauLow), new(window));
        (power, lowPower, highPower) = (new(window), new(window), new(window));
    }

    public double YawRate { get; private set; }

    public double RollPitchRate { get; private set; }

    public ref readonly Smoothed YawRateMean => ref yawRate;

    public double Forward => ax.Value;

    public double Lateral => ay.Value;

    /// <summary>The angle between the slow part of the acceleration and the base frame's z axis [rad].</summary>
    public double Tilt => Math.Atan2(Math.Sqrt((gx.Value * gx.Value) + (gy.Value * gy.Value)), gz.Value);

    public double Vibration => Math.Sqrt(power.Value);

    public double VibrationLow => Math.Sqrt(lowPower.Value);

    /// <summary>The root mean square of the angular rate above the first crossover [rad/s].</summary>
    public double RateVibration => Math.Sqrt(ratePower.Value);

    public double VibrationHigh => Math.Sqrt(highPower.Value);

    /// <summary>The greatest recent deviation of the acceleration from its slow part [m/s²], decaying with the window's time constant.</summary>
    public double Shock => peak;

    public static bool HasGyro(SourceConfig config) => config.Type == "sensor_msgs/msg/Imu" || config.RateFields.Count == 3;

    public void OnRecord(long stampNs, in ImuRecord record) => Enqueue(stampNs, record);

    /// <summary>Turns a vector from the sensor's frame into the base frame.</summary>
    public void ToBase(double x, double y, double z, out double bx, out double by, out double bz)
    {
        double[] r = rotation;
        bx = (r[0] * x) + (r[1] * y) + (r[2] * z);
        by = (r[3] * x) + (r[4] * y) + (r[5] * z);
        bz = (r[6] * x) + (r[7] * y) + (r[8] * z);
    }

    protected override bool Take(long stampNs, in ImuRecord r)
    {
        if (Seen && stampNs - LastNs > TimeoutNs)
        {
            Forget();
        }

        double magnitude = Math.Abs(r.Ax) + Math.Abs(r.Ay) + Math.Abs(r.Az);
        double rate = hasGyro ? Math.Abs(r.Wx) + Math.Abs(r.Wy) + Math.Abs(r.Wz) : 0;
        if (!(magnitude <= accelerationGate && rate <= rateGate))
        {
            return false;
        }

        double dt = SinceLast(stampNs);
        ToBase(r.Ax, r.Ay, r.Az, out double x, out double y, out double z);
        ax.Update(x, dt);
        ay.Update(y, dt);
        gx.Update(x, dt);
        gy.Update(y, dt);
        gz.Update(z, dt);
        hx.Update(x, dt);
        hy.Update(y, dt);
        hz.Update(z, dt);
        double all = Square(x - gx.Value, y - gy.Value, z - gz.Value);
        power.Update(all, dt);
        lowPower.Update(Square(hx.Value - gx.Value, hy.Value - gy.Value, hz.Value - gz.Value), dt);
        highPower.Update(Square(x - hx.Value, y - hy.Value, z - hz.Value), dt);
        peak = Math.Max(Math.Sqrt(all), peak * window / (window + dt));
        if (hasGyro)
        {
            ToBase(r.Wx, r.Wy, r.Wz, out double wx, out double wy, out double wz);
            YawRate = wz;
            RollPitchRate = Math.Sqrt((wx * wx) + (wy * wy));
            yawRate.Update(wz, dt);
            rx.Update(wx, dt);
            ry.Update(wy, dt);
            rz.Update(wz, dt);
            ratePower.Update(Square(wx - rx.Value, wy - ry.Value, wz - rz.Value), dt);
        }

        return true;
    }

    protected override void Forget()
    {
        ax.Reset();
        ay.Reset();
        yawRate.Reset();
        gx.Reset();
        gy.Reset();
        gz.Reset();
        hx.Reset();
        hy.Reset();
        hz.Reset();
        rx.Reset();
        ry.Reset();
        rz.Reset();
        ratePower.Reset();
        power.Reset();
        lowPower.Reset();
        highPower.Reset();
        peak = 0;
    }

    private static double Square(double x, double y, double z) => (x * x) + (y * y) + (z * z);
}
