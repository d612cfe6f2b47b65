using QDistill.Numerics;

namespace QDistill.Simulation;

/// <summary>
/// A differential-drive vehicle: commands act after a delay and within acceleration limits, wheels slip a little, and what is in the way stops it while the wheels
/// go on turning.
/// </summary>
public sealed class VehicleModel
{
    /// <summary>The outline this near to something touches it [m].</summary>
    public const double TouchDistance = 0.006;

    private readonly SimulationConfig config;
    private readonly World world;
    private readonly Queue<(double At, double V, double W)> commands = new();
    private Philox random;
    private double wantedV, wantedW, slip, yawSlip;
    private double lastVx, lastVy;

    /// <summary>Puts a vehicle at a pose in a world.</summary>
    public VehicleModel(SimulationConfig config, World world, ulong seed, double x, double y, double yaw)
    {
        (this.config, this.world) = (config, world);
        random = new Philox(seed, Streams.Vehicle);
        (X, Y, Yaw) = (x, y, yaw);
    }

    /// <summary>Position [m].</summary>
    public double X { get; private set; }

    /// <summary>Position [m].</summary>
    public double Y { get; private set; }

    /// <summary>Heading [rad], not wrapped.</summary>
    public double Yaw { get; private set; }

    /// <summary>What the wheels say: forward speed [m/s].</summary>
    public double WheelSpeed { get; private set; }

    /// <summary>What the wheels say: yaw rate [rad/s].</summary>
    public double WheelYawRate { get; private set; }

    /// <summary>True forward speed over the last step [m/s].</summary>
    public double Speed { get; private set; }

    /// <summary>True yaw rate over the last step [rad/s].</summary>
    public double YawRate { get; private set; }

    /// <summary>True acceleration of the body over the last step, in its own frame [m/s²].</summary>
    public (double X, double Y) Acceleration { get; private set; }

    /// <summary>Whether the outline touches something.</summary>
    public bool Touching { get; private set; }

    /// <summary>The distance from the outline to the nearest thing [m].</summary>
    public double Clearance { get; private set; } = double.PositiveInfinity;

    /// <summary>The outline now.</summary>
    public VehicleOutline Outline => new(config.Length, config.Width, X, Y, Yaw);

    /// <summary>Hands over a command at time <paramref name="now"/> [s].</summary>
    public void Command(double now, double linear, double angular) => commands.Enqueue((now + config.ActuationDelay, linear, angular));

    /// <summary>Moves on by <paramref name="dt"/> seconds to time <paramref name="now"/>.</summary>
    public void Step(double now, double dt)
    {
        while (commands.TryPeek(out (double At, double V, double W) next) && next.At <= now)
        {
            (_, wantedV, wantedW) = commands.Dequeue();
        }

        bool braking = wantedV * WheelSpeed < 0 || Math.Abs(wantedV) < Math.Abs(WheelSpeed);
        double dv = dt * (braking ? config.Deceleration : config.Acceleration), dw = dt * config.YawAcceleration;
        WheelSpeed += Math.Clamp(wantedV - WheelSpeed, -dv, dv);
        WheelYawRate += Math.Clamp(wantedW - WheelYawRate, -dw, dw);

        // Slip wanders with a memory of half a second (an Ornstein-Uhlenbeck process).
        double keep = Math.Exp(-dt / 0.5), fresh = config.Slip * Math.Sqrt(1 - (keep * keep));
        slip = (keep * slip) + (fresh * random.NextGaussian());
        yawSlip = (keep * yawSlip) + (fresh * random.NextGaussian());
        double v = WheelSpeed * (1 - slip), w = WheelYawRate * (1 - yawSlip);

        double moved = Advance(v, w, dt);
        (Speed, YawRate) = (v * moved, w * moved);
        (double sin, double cos) = Math.SinCos(Yaw);
        double vx = Speed * cos, vy = Speed * sin, ax = (vx - lastVx) / dt, ay = (vy - lastVy) / dt;
        Acceleration = ((cos * ax) + (sin * ay), (cos * ay) - (sin * ax));
        (lastVx, lastVy) = (vx, vy);
        Touching = Clearance < TouchDistance;
    }

    /// <summary>Drives on as far as nothing is in the way, and returns that share of the step.</summary>
    private double Advance(double v, double w, double dt)
    {
        for (double share = 1; share > 0.1; share *= 0.5)
        {
            double turn = w * dt * share, half = Yaw + (0.5 * turn);
            (double sin, double cos) = Math.SinCos(half);
            double x = X + (v * dt * share * cos), y = Y + (v * dt * share * sin), yaw = Yaw + turn;
            double clearance = world.Clearance(new VehicleOutline(config.Length, config.Width, x, y, yaw));

            // In contact one may leave or slide along, never press on.
            if (clearance > 0.001 || clearance > Clearance - 1e-7)
            {
                (X, Y, Yaw, Clearance) = (x, y, yaw, clearance);
                return share;
            }
        }

        Clearance = world.Clearance(Outline);
        return 0;
    }
}
