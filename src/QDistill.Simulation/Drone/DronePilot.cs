using QDistill.Numerics;

namespace QDistill.Simulation;

/// <summary>
/// Flies one sortie after another: take-off, way-points at varying heights, landing with charge to spare; now and then in haste, or until the battery gives out. The position control follows
/// the set-point as an autopilot does, by a speed that is asked for and an acceleration that is asked for of that.
/// </summary>
internal sealed class DronePilot(DroneConfig config, ulong seed)
{
    private const double ClimbSpeed = 2, CruiseSpeed = 4, LandingSpeed = 0.45;
    private Philox random = new(seed, Streams.Driver);
    private double nextAt, sinkSpeed = 1, pushX, pushY, pushZ;
    private bool overdue, landing;

    public double SetX { get; private set; }

    public double SetY { get; private set; }

    public double SetZ { get; private set; }

    /// <summary>Whether the flight is over and the drone rests on the ground as it was meant to.</summary>
    public bool HasLanded { get; private set; }

    /// <summary>When and how much a propeller is damaged in this flight [s of run, share, s]; null: not at all.</summary>
    public (double At, double Loss, double Seconds)? Fault { get; private set; }

    /// <summary>Begins a sortie; returns the battery's charge.</summary>
    public double TakeOff(double now, double x, double y)
    {
        (HasLanded, landing, pushX, pushY, pushZ) = (false, false, 0, 0, 0);
        overdue = random.NextDouble() < config.OverdueShare;
        Fault = random.NextDouble() < config.FaultShare
            ? (now + random.NextDouble(8, 50), random.NextDouble(config.FaultLoss.Least, config.FaultLoss.Most), random.NextDouble(0.5, 6))
            : null;
        (SetX, SetY, SetZ, sinkSpeed) = (x, y, random.NextDouble(1.5, 3), 1);
        nextAt = now + 4;
        return overdue ? random.NextDouble(0.25, 0.5) : random.NextDouble(0.6, 1);
    }

    /// <summary>The fault has been given to the drone.</summary>
    public void FaultHappened() => Fault = null;

    /// <summary>The acceleration asked for, without gravity [m/s²].</summary>
    public (double X, double Y, double Z) Decide(double now, double dt, DroneBody body)
    {
        if (now >= nextAt && !landing)
        {
            Choose(now, body);
        }

        if (landing)
        {
            SetZ = Math.Max(-0.3, SetZ - (LandingSpeed * dt));
            HasLanded = body.Z <= 0;
        }

        double sink = landing ? LandingSpeed + 0.1 : sinkSpeed;
        double vx = 0.9 * (SetX - body.X), vy = 0.9 * (SetY - body.Y), level = Math.Max(1, Math.Sqrt((vx * vx) + (vy * vy)) / CruiseSpeed);

        // In haste the height is held by a stiff loop that brakes late.
        double vz = Math.Clamp((sinkSpeed > 1.5 ? 3.2 : 1.2) * (SetZ - body.Z), -sink, ClimbSpeed);
        double ex = (vx / level) - body.Vx, ey = (vy / level) - body.Vy, ez = vz - body.Vz;
        pushX = Math.Clamp(pushX + (0.3 * ex * dt), -2, 2);
        pushY = Math.Clamp(pushY + (0.3 * ey * dt), -2, 2);
        pushZ = Math.Clamp(pushZ + (0.5 * ez * dt), -3, 3);
        return ((1.8 * ex) + pushX, (1.8 * ey) + pushY, (2.5 * ez) + pushZ);
    }

    private void Choose(double now, DroneBody body)
    {
        if (body.Charge < (overdue ? 0 : 0.25))
        {
            (landing, SetZ) = (true, Math.Min(SetZ, body.Z));
            return;
        }

        double angle = random.NextDouble(-Math.PI, Math.PI), far = 14 * Math.Sqrt(random.NextDouble());
        if (random.NextDouble() < 0.06)
        {
            far += 8; // out of bounds
        }

        (SetX, SetY) = (far * Math.Cos(angle), far * Math.Sin(angle));
        bool hasty = random.NextDouble() < config.HastyShare;
        SetZ = hasty ? random.NextDouble(0.2, 0.6) : random.NextDouble(1, 7);
        sinkSpeed = hasty ? random.NextDouble(2.5, 5) : random.NextDouble(0.7, 1.3);
        nextAt = now + random.NextDouble(4, 9);
    }
}
