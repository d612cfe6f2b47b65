using QDistill.Numerics;

namespace QDistill.Simulation;

/// <summary>What the driver is up to.</summary>
public enum DriverMood
{
    /// <summary>Looks ahead and keeps its distance.</summary>
    Attentive,

    /// <summary>Drives faster, with thin margins, and looks late.</summary>
    Hasty,

    /// <summary>Holds the command whatever comes.</summary>
    Distracted,

    /// <summary>Drives slowly right up to something and stops just short of it.</summary>
    Docking,

    /// <summary>Backs off after a hit.</summary>
    Recovering,
}

/// <summary>
/// A wandering driver that plans on the lidar's last scan alone: it scores a fan of arcs by free distance and heading to its goal. Its moods change at random;
/// what makes it hit things are lapses of attention, haste, people who cut in, and obstacles that the lidar cannot see.
/// </summary>
public sealed class Driver
{
    private const int Arcs = 15;
    private const double Lookahead = 2.0;
    private readonly SimulationConfig config;
    private readonly World world;
    private readonly double[] px, py, oldX, oldY;
    private Philox random;
    private int points, oldPoints;
    private double goalX, goalY, goalUntil, moodUntil, hasty, wander;
    private double recoverTurn, reactAt = double.PositiveInfinity;
    private bool pressedBefore;

    /// <summary>Makes a driver for a world.</summary>
    public Driver(SimulationConfig config, World world, ulong seed)
    {
        (this.config, this.world) = (config, world);
        random = new Philox(seed, Streams.Driver);
        (px, py, oldX, oldY) = (new double[config.Beams], new double[config.Beams], new double[config.Beams], new double[config.Beams]);
        moodUntil = Exponential(config.AttentiveSpan);
    }

    /// <summary>What the driver is up to.</summary>
    public DriverMood Mood { get; private set; }

    /// <summary>The command: forward speed [m/s].</summary>
    public double Linear { get; private set; }

    /// <summary>The command: yaw rate [rad/s].</summary>
    public double Angular { get; private set; }

    /// <summary>Takes in a scan; <paramref name="ranges"/> may hold infinities.</summary>
    public void See(ReadOnlySpan<float> ranges, double angleMin, double increment, double lidarX)
    {
        px.AsSpan(0, points).CopyTo(oldX);
        py.AsSpan(0, points).CopyTo(oldY);
        oldPoints = points;
        points = 0;
        for (int i = 0; i < ranges.Length; i += 2)
        {
            if (ranges[i] > 0 && ranges[i] < 4)
            {
                (double sin, double cos) = Math.SinCos(angleMin + (i * increment));
                px[points] = lidarX + (ranges[i] * cos);
                py[points] = ranges[i] * sin;
                points++;
            }
        }
    }

    /// <summary>Decides on the next command at time <paramref name="now"/> [s], knowing its own pose and whether the bumper is pressed.</summary>
    public void Decide(double now, VehicleModel vehicle, bool pressed)
    {
        ChangeMood(now, vehicle, pressed);
        switch (Mood)
        {
            case DriverMood.Recovering:
                Angular = recoverTurn;
                Linear = -0.25;
                return;
            case DriverMood.Distracted:
                // The hand on the wheel is not quite still.
                wander += 0.02 * random.NextGaussian();
                Angular = Math.Clamp(Angular + (0.1 * wander), -config.MaxYawRate, config.MaxYawRate);
                return;
            case DriverMood.Hasty:
                Plan(now, vehicle, oldX.AsSpan(0, oldPoints), oldY.AsSpan(0, oldPoints), config.MaxSpeed, margin: 0.04, braking: 1.15 * config.Deceleration);
                return;
            case DriverMood.Docking:
                Plan(now, vehicle, px.AsSpan(0, points), py.AsSpan(0, points), 0.5 * config.MaxSpeed, margin: 0.07, braking: 0.8 * config.Deceleration);
                return;
            default:
                Plan(now, vehicle, px.AsSpan(0, points), py.AsSpan(0, points), 0.75 * config.MaxSpeed, margin: 0.25, braking: 0.5 * config.Deceleration);
                return;
        }
    }

    private void ChangeMood(double now, VehicleModel vehicle, bool pressed)
    {
        if (pressed && !pressedBefore && Mood != DriverMood.Recovering)
        {
            reactAt = now + random.NextDouble(0.15, 0.6);
        }

        pressedBefore = pressed;
        if (now >= reactAt)
        {
            reactAt = double.PositiveInfinity;
            Mood = DriverMood.Recovering;
            moodUntil = now + random.NextDouble(1.2, 2.2);
            recoverTurn = random.NextDouble(-0.5, 0.5);
            goalUntil = 0;
            return;
        }

        if (now < moodUntil)
        {
            return;
        }

        bool lapse = Mood == DriverMood.Attentive;
        if (!lapse)
        {
            Mood = DriverMood.Attentive;
            moodUntil = now + Exponential(config.AttentiveSpan);
        }
        else if (random.NextDouble() < config.HastyShare)
        {
            Mood = DriverMood.Hasty;
            moodUntil = now + Exponential(config.HastySpan);
        }
        else if (vehicle.WheelSpeed > 0.15)
        {
            Mood = DriverMood.Distracted;
            wander = 0.1 * random.NextGaussian();
            moodUntil = now + Exponential(config.DistractedSpan);
        }

        hasty = 0;
    }

    private void Plan(double now, VehicleModel vehicle, ReadOnlySpan<double> x, ReadOnlySpan<double> y, double top, double margin, double braking)
    {
        double dx = goalX - vehicle.X, dy = goalY - vehicle.Y;
        if (now >= goalUntil || (dx * dx) + (dy * dy) < 0.4 * 0.4)
        {
            NewGoal(now);
            (dx, dy) = (goalX - vehicle.X, goalY - vehicle.Y);
        }

        double bearing = Math.IEEERemainder(Math.Atan2(dy, dx) - vehicle.Yaw, 2 * Math.PI);
        double best = double.NegativeInfinity, chosen = 0, chosenFree = 0;
        for (int k = 0; k < Arcs; k++)
        {
            double curvature = ((2.0 * k / (Arcs - 1)) - 1) * 2.2;
            double free = FreeDistance(curvature, x, y, 0.5 * config.Width + (0.6 * margin), margin);
            double score = (1.3 * Math.Min(free, Lookahead)) - (0.55 * Math.Abs(bearing - (curvature * 0.8))) - (0.06 * Math.Abs(curvature));
            if (score > best)
            {
                (best, chosen, chosenFree) = (score, curvature, free);
            }
        }

        double room = Math.Max(0, chosenFree - margin - (0.12 * Math.Abs(vehicle.WheelSpeed)));
        double speed = Math.Min(top, Math.Sqrt(2 * braking * room));
        if (speed < 0.06)
        {
            // Boxed in: turn on the spot towards the more open side.
            Angular = hasty >= 0 ? Math.Sign(OpenSide(x, y)) * 0.8 : 0.8;
            Linear = 0;
            if (Mood == DriverMood.Docking)
            {
                Mood = DriverMood.Attentive;
                moodUntil = now + Exponential(config.AttentiveSpan);
                goalUntil = 0;
            }

            return;
        }

        Linear = speed;
        Angular = Math.Clamp(speed * chosen, -config.MaxYawRate, config.MaxYawRate);
    }

    /// <summary>How far the vehicle can go along an arc before its front or flank comes near a point [m], up to the look-ahead.</summary>
    private double FreeDistance(double curvature, ReadOnlySpan<double> x, ReadOnlySpan<double> y, double halfWidth, double margin)
    {
        double front = 0.5 * config.Length, free = Lookahead;
        for (int i = 0; i < x.Length; i++)
        {
            double qx = x[i], qy = y[i], along, across;
            if (Math.Abs(curvature) < 1e-3)
            {
                (along, across) = (qx, qy);
            }
            else
            {
                // In the frame that rolls along the arc: distance travelled, and offset to the left of it.
                double radius = 1 / curvature, cx = qx, cy = qy - radius, d = Math.Sqrt((cx * cx) + (cy * cy));
                double angle = Math.Atan2(Math.Sign(radius) * cx, -Math.Sign(radius) * cy);
                along = angle * Math.Abs(radius);
                across = Math.Sign(radius) * (Math.Abs(radius) - d);
            }

            if (along > -0.1 && Math.Abs(across) < halfWidth + (0.15 * Math.Abs(curvature) * front))
            {
                free = Math.Min(free, Math.Max(0, along - front));
            }
        }

        _ = margin;
        return free;
    }

    private static double OpenSide(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        double left = 0, right = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double weight = 1 / (0.05 + (x[i] * x[i]) + (y[i] * y[i]));
            if (y[i] > 0)
            {
                left += weight;
            }
            else
            {
                right += weight;
            }
        }

        return left <= right ? 1 : -1;
    }

    private void NewGoal(double now)
    {
        if (random.NextDouble() < config.DockingShare && Mood == DriverMood.Attentive)
        {
            // Any spot, free or not: it drives up to whatever stands there.
            (goalX, goalY) = (random.NextDouble(0, world.SizeX), random.NextDouble(0, world.SizeY));
            Mood = DriverMood.Docking;
            moodUntil = now + 12;
        }
        else
        {
            (goalX, goalY) = world.FreePoint(ref random, 0.5);
        }

        goalUntil = now + random.NextDouble(8, 20);
    }

    private double Exponential(double mean) => -mean * Math.Log(1 - random.NextDouble());
}
