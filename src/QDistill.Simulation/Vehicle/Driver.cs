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
    private readonly List<(double X, double Y)> remembered = [];
    private Philox random;
    private int points, oldPoints;
    private bool blind;
    private double goalX, goalY, goalUntil, moodUntil, wander, turning, moving, nextLook, curvatureNow;
    private double recoverTurn, recoverSpeed, reactAt = double.PositiveInfinity;

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

    /// <summary>Takes in a scan, whose <paramref name="ranges"/> may hold infinities, taken at the vehicle's pose.</summary>
    public void See(ReadOnlySpan<float> ranges, double angleMin, double increment, VehicleModel vehicle)
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
                px[points] = ranges[i] * cos;
                py[points] = ranges[i] * sin;
                points++;
            }
        }

        // Where it bumped into something that it cannot see, it will not try again.
        (double sinYaw, double cosYaw) = Math.SinCos(vehicle.Yaw);
        foreach ((double wx, double wy) in remembered)
        {
            double dx = wx - vehicle.X, dy = wy - vehicle.Y;
            if ((dx * dx) + (dy * dy) < 9 && points < px.Length)
            {
                (px[points], py[points]) = ((cosYaw * dx) + (sinYaw * dy), (cosYaw * dy) - (sinYaw * dx));
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
                bool clear = FreeDistance(Math.Sign(recoverSpeed), 0, px.AsSpan(0, points), py.AsSpan(0, points), 0.01, 0.04) > 0.05;
                Angular = clear ? recoverTurn : 0;
                Linear = clear || blind ? recoverSpeed : 0;
                return;
            case DriverMood.Distracted:
                // The hand on the wheel is not quite still.
                Angular = Math.Clamp(Angular + wander, -config.MaxYawRate, config.MaxYawRate);
                return;
            case DriverMood.Hasty:
                if (now < nextLook)
                {
                    return;
                }

                nextLook = now + 0.45;
                Plan(now, vehicle, oldX.AsSpan(0, oldPoints), oldY.AsSpan(0, oldPoints), new Style(config.MaxSpeed, 0.06, 0.03, 1.1 * config.Deceleration, 0.1, 0.4));
                return;
            case DriverMood.Docking:
                Plan(now, vehicle, px.AsSpan(0, points), py.AsSpan(0, points), new Style(0.55 * config.MaxSpeed, 0.05, 0.08, 0.8 * config.Deceleration, 0.25, 0.2));
                return;
            default:
                Plan(now, vehicle, px.AsSpan(0, points), py.AsSpan(0, points), new Style(0.75 * config.MaxSpeed, 0.12, 0.25, 0.35 * config.Deceleration, 0.3, 0.2));
                return;
        }
    }

    private void ChangeMood(double now, VehicleModel vehicle, bool pressed)
    {
        if (pressed && Mood != DriverMood.Recovering && double.IsPositiveInfinity(reactAt))
        {
            reactAt = now + random.NextDouble(0.15, 0.6);
        }

        if (now >= reactAt)
        {
            reactAt = double.PositiveInfinity;
            Remember(vehicle);
            recoverSpeed = vehicle.WheelSpeed >= -0.05 ? -0.25 : 0.25;
            Recover(now);
            return;
        }

        if (Mood == DriverMood.Recovering && pressed && now >= moodUntil)
        {
            // Still held: try the other way.
            recoverSpeed = -recoverSpeed;
            Recover(now);
            blind = true;
            return;
        }

        moving = Math.Abs(vehicle.Speed) + Math.Abs(vehicle.YawRate) > 0.05 ? now : moving;
        if (now - moving > 4)
        {
            // Boxed in for too long: squeezes out backwards or forwards.
            moving = now;
            recoverSpeed = random.NextDouble() < 0.7 ? -0.15 : 0.15;
            Recover(now);
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
            wander = 0.004 * random.NextGaussian();
            moodUntil = now + Exponential(config.DistractedSpan);
        }

    }

    private void Remember(VehicleModel vehicle)
    {
        (double sin, double cos) = Math.SinCos(vehicle.Yaw);
        double front = (0.5 * config.Length) + 0.03;
        for (int i = -2; i <= 2 && remembered.Count < config.Beams / 4; i++)
        {
            double side = 0.1 * i;
            remembered.Add((vehicle.X + (front * cos) - (side * sin), vehicle.Y + (front * sin) + (side * cos)));
        }
    }

    private void Recover(double now)
    {
        Mood = DriverMood.Recovering;
        moodUntil = now + random.NextDouble(1.0, 2.0);
        recoverTurn = random.NextDouble(-0.3, 0.3);
        blind = random.NextDouble() < 0.04;
        goalUntil = 0;
    }

    /// <summary>Chooses an arc and a speed from a scan.</summary>
    /// <param name="now">The time [s].</param>
    /// <param name="vehicle">Where the vehicle is.</param>
    /// <param name="x">Points seen, in the vehicle's frame.</param>
    /// <param name="y">Points seen, in the vehicle's frame.</param>
    /// <param name="style">How much it dares.</param>
    private void Plan(double now, VehicleModel vehicle, ReadOnlySpan<double> x, ReadOnlySpan<double> y, in Style style)
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
            double free = FreeDistance(1, curvature, x, y, style.Side, style.Margin);
            double score = (1.3 * free) - (0.55 * Math.Abs(bearing - (curvature * 0.8))) - (0.06 * Math.Abs(curvature)) - (style.Steadiness * Math.Abs(curvature - curvatureNow));
            if (score > best)
            {
                (best, chosen, chosenFree) = (score, curvature, free);
            }
        }

        double room = Math.Max(0, chosenFree - (style.Reaction * Math.Abs(vehicle.WheelSpeed)));
        double speed = Math.Min(style.Top, Math.Sqrt(2 * style.Braking * room));
        if (speed >= 0.08)
        {
            turning = 0;
            curvatureNow = chosen;
            Linear = speed;
            Angular = Math.Clamp(speed * chosen, -config.MaxYawRate, config.MaxYawRate);
            return;
        }

        if (Mood == DriverMood.Docking)
        {
            // It is there: stands a while, then backs out.
            Linear = Angular = 0;
            moodUntil = Math.Min(moodUntil, now + 1);
            goalUntil = 0;
            return;
        }

        // Boxed in: turn on the spot towards the more open side, or back off.
        turning = turning != 0 ? turning : OpenSide(x, y);
        Linear = Angular = 0;
        if (CanTurn(turning, x, y))
        {
            Angular = 0.8 * turning;
        }
        else if (FreeDistance(-1, 0, x, y, 0.02, 0.08) > 0.1)
        {
            Linear = -0.2;
        }
        else if (CanTurn(-turning, x, y))
        {
            turning = -turning;
            Angular = 0.8 * turning;
        }
    }

    /// <summary>How far the vehicle can go along an arc before its outline, widened by the margins, meets a point [m], up to the look-ahead.</summary>
    private double FreeDistance(double direction, double curvature, ReadOnlySpan<double> x, ReadOnlySpan<double> y, double side, double margin)
    {
        const double Pace = 0.08;
        double halfLength = 0.5 * config.Length, halfWidth = (0.5 * config.Width) + side;
        for (double s = Pace; s <= Lookahead; s += Pace)
        {
            double yaw = direction * s * curvature;
            double mx = Math.Abs(yaw) < 1e-6 ? direction * s : Math.Sin(yaw) / curvature;
            double my = Math.Abs(yaw) < 1e-6 ? 0 : (1 - Math.Cos(yaw)) / curvature;
            (double sin, double cos) = Math.SinCos(yaw);
            for (int i = 0; i < x.Length; i++)
            {
                double dx = x[i] - mx, dy = y[i] - my;
                double along = direction * ((cos * dx) + (sin * dy)), across = (cos * dy) - (sin * dx);
                if (along > 0 && along < halfLength + margin && Math.Abs(across) < halfWidth)
                {
                    return s - Pace;
                }
            }
        }

        return Lookahead;
    }

    /// <summary>Whether the vehicle can turn a quarter of a radian on the spot without touching anything.</summary>
    private bool CanTurn(double side, ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        double halfLength = (0.5 * config.Length) + 0.02, halfWidth = (0.5 * config.Width) + 0.02;
        for (double yaw = 0.08; yaw < 0.3; yaw += 0.08)
        {
            (double sin, double cos) = Math.SinCos(side * yaw);
            for (int i = 0; i < x.Length; i++)
            {
                if (Math.Abs((cos * x[i]) + (sin * y[i])) < halfLength && Math.Abs((cos * y[i]) - (sin * x[i])) < halfWidth)
                {
                    return false;
                }
            }
        }

        return true;
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

    /// <summary>How much a mood dares.</summary>
    /// <param name="Top">Greatest speed [m/s].</param>
    /// <param name="Side">Room wanted on either side [m].</param>
    /// <param name="Margin">Room wanted ahead [m].</param>
    /// <param name="Braking">Deceleration counted on [m/s²].</param>
    /// <param name="Reaction">Time allowed for before braking acts [s].</param>
    /// <param name="Steadiness">What a change of curvature costs against a free metre.</param>
    private readonly record struct Style(double Top, double Side, double Margin, double Braking, double Reaction, double Steadiness);
}
