using QDistill.Numerics;

namespace QDistill.Simulation;

/// <summary>
/// A quadrotor as a point mass with a second-order attitude: gravity, thrust with motor lag, linear drag in moving air, a battery that sags, and one propeller that may lose lift. A
/// propeller's loss pulls the body towards it, takes thrust away and shakes the frame; past half of its lift the control has nothing left to hold against it.
/// </summary>
internal sealed class DroneBody(DroneConfig config, ulong seed)
{
    public const double Gravity = 9.80665;

    // What one propeller can turn the body with, and what the control can set against it [rad/s²].
    private const double PullOfLoss = 45;
    private const double Authority = 22;
    private Philox air = new(seed, Streams.Air);
    private double rollRate, pitchRate, windX, windY, windZ, draught, gusts, loss, lossTarget, lossRate;
    private int propeller;

    public double X { get; private set; }

    public double Y { get; private set; }

    public double Z { get; private set; }

    public double Vx { get; private set; }

    public double Vy { get; private set; }

    public double Vz { get; private set; }

    public double Roll { get; private set; }

    public double Pitch { get; private set; }

    public double RollRate => rollRate;

    public double PitchRate => pitchRate;

    public double Tilt => Math.Acos(Math.Clamp(Math.Cos(Roll) * Math.Cos(Pitch), -1, 1));

    /// <summary>Thrust over mass [m/s²].</summary>
    public double Thrust { get; private set; }

    /// <summary>Acceleration without gravity, in the world [m/s²].</summary>
    public (double X, double Y, double Z) SpecificForce { get; private set; }

    public double Charge { get; private set; } = 1;

    /// <summary>The share of its lift that the damaged propeller has lost.</summary>
    public double Loss => loss;

    /// <summary>Fresh battery and propellers on the spot, in new air.</summary>
    public void Prepare(double charge)
    {
        (Vx, Vy, Vz, Roll, Pitch, rollRate, pitchRate, Z, Thrust) = (0, 0, 0, 0, 0, 0, 0, 0, 0);
        (loss, lossTarget, lossRate, draught) = (0, 0, 0, 0);
        Charge = charge;
        gusts = air.NextDouble(config.Gusts.Least, config.Gusts.Most);
    }

    /// <summary>A propeller begins to lose lift, up to a share of it, over some seconds.</summary>
    public void Damage(double share, double seconds) => (lossTarget, lossRate, propeller) = (share, share / seconds, air.NextInt(4));

    /// <summary>Lies where it fell.</summary>
    public void Lie()
    {
        (Vx, Vy, Vz, rollRate, pitchRate, Thrust, Z) = (0, 0, 0, 0, 0, 0, 0);
        (Roll, Pitch) = (Math.Clamp(Roll, -0.3, 0.3), Math.Clamp(Pitch, -0.3, 0.3));
        SpecificForce = (0, 0, Gravity);
    }

    /// <summary>One step under an asked-for acceleration, without gravity [m/s²]. Returns the speed and tilt at which the ground was met; null in the air.</summary>
    public (double Speed, double Tilt)? Step(double dt, double ax, double ay, double az)
    {
        Blow(dt);
        loss = Math.Min(lossTarget, loss + (lossRate * dt));
        double wanted = Math.Clamp((az + Gravity) / Math.Max(0.5, Math.Cos(Roll) * Math.Cos(Pitch)), 0.1 * Gravity, MaxThrust);
        Thrust += (wanted - Thrust) * Math.Min(1, dt / config.MotorLag);
        double up = Math.Max(2, az + Gravity);
        (Roll, rollRate) = Turn(dt, Roll, rollRate, Math.Clamp(Math.Atan2(-ay, up), -config.MaxTilt, config.MaxTilt), propeller is 0 or 3 ? 1 : -1);
        (Pitch, pitchRate) = Turn(dt, Pitch, pitchRate, Math.Clamp(Math.Atan2(ax, up), -config.MaxTilt, config.MaxTilt), propeller < 2 ? 1 : -1);

        double fx = (Thrust * Math.Sin(Pitch) * Math.Cos(Roll)) - (config.Drag * (Vx - windX));
        double fy = (-Thrust * Math.Sin(Roll)) - (config.Drag * (Vy - windY));
        double fz = (Thrust * Math.Cos(Pitch) * Math.Cos(Roll)) - (config.Drag * (Vz - windZ - draught));
        Vx += fx * dt;
        Vy += fy * dt;
        Vz += (fz - Gravity) * dt;
        X += Vx * dt;
        Y += Vy * dt;
        Z += Vz * dt;
        Charge = Math.Max(0, Charge - (Thrust / Gravity * dt / config.Endurance));
        SpecificForce = (fx, fy, fz);
        if (Z > 0)
        {
            return null;
        }

        var met = (Math.Sqrt((Vx * Vx) + (Vy * Vy) + (Vz * Vz)), Tilt);
        (Z, Vz, Vx, Vy) = (0, Math.Max(0, Vz), 0, 0);
        SpecificForce = (0, 0, Gravity);
        return met;
    }

    private double MaxThrust
    {
        get
        {
            double sag = Charge > 0.15 ? 1 - (0.15 * (1 - Charge)) : (0.35 + (0.65 * Charge / 0.15)) * 0.8725;
            return Gravity * config.ThrustToWeight * sag * (1 - (0.6 * loss));
        }
    }

    private (double Angle, double Rate) Turn(double dt, double angle, double rate, double wanted, int side)
    {
        double w = config.AttitudeBandwidth, pull = side * PullOfLoss * loss * Thrust / Gravity;
        double held = Math.Clamp(0.8 * pull, -Authority, Authority);
        double control = (w * w * (wanted - angle)) - (2 * config.AttitudeDamping * w * rate);
        rate += (control + pull - held) * dt;
        return (Math.IEEERemainder(angle + (rate * dt), 2 * Math.PI), rate);
    }

    // Gusts: a first-order Gauss-Markov process of 3 s along each axis; downdraughts: sudden, and dying away in 1.5 s.
    private void Blow(double dt)
    {
        double keep = Math.Exp(-dt / 3), add = gusts * Math.Sqrt(1 - (keep * keep));
        windX = (windX * keep) + (add * air.NextGaussian());
        windY = (windY * keep) + (add * air.NextGaussian());
        windZ = (windZ * keep) + (0.4 * add * air.NextGaussian());
        draught *= Math.Exp(-dt / 1.5);
        if (air.NextDouble() < dt / config.DowndraughtInterval)
        {
            draught -= air.NextDouble(1.5, 6);
        }
    }
}
