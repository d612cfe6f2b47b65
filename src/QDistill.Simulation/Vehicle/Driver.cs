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

    /// <summary>After a hit, a docking, or being boxed in: stands for a moment, then is driven out backwards along its own track.</summary>
    Recovering,
}

/// <summary>
/// A wandering driver that plans on the lidar's last scan alone: it scores a fan of arcs by free distance and heading to its goal. Its moods change at random, and
/// show: an attentive hand corrects all the time, a distracted one holds still, a hasty one drives faster. What makes it hit things are lapses of attention (which come
/// when the way looks clear), haste, people who cut in, and obstacles that the lidar cannot see.
/// </summary>
public sealed class Driver
{
    private const int Arcs = 15;
    private const double Lookahead = 2.0;
    private const double RearMargin = 0.015;
    private readonly SimulationConfig config;
    private readonly World world;
    private readonly double[] px, py, oldX, oldY;
    private readonly List<(double X, double Y)> remembered = [];
    private readonly Track track = new();
    private Philox random;
    private int points, oldPoints;
    private double goalX, goalY, goalUntil, moodUntil, wander, turning, moving, nextLook, curvatureNow;
    private double hand, retreatFrom, retreatLeft, reactAt = double.PositiveInfinity;

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
                Retreat(now, vehicle, pressed);
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
                Plan(now, vehicle, oldX.AsSpan(0, oldPoints), oldY.AsSpan(0, oldPoints), new Style(config.MaxSpeed, 1.1, 0.08, 0.03, 1.1 * config.Deceleration, 0.1, 0.8));
                return;
            case DriverMood.Docking:
                Plan(now, vehicle, px.AsSpan(0, points), py.AsSpan(0, points), new Style(0.55 * config.MaxSpeed, 2.2, 0.05, 0.04, 0.8 * config.Deceleration, 0.25, 0.2));
                Correct();
                return;
            default:
                Plan(now, vehicle, px.AsSpan(0, points), py.AsSpan(0, points), new Style(0.75 * config.MaxSpeed, 2.2, 0.18, 0.22, 0.5 * config.Deceleration, 0.3, 0.2));
                Correct();
                return;
        }
    }

    /// <summary>The small corrections of a hand that steers with attention (an Ornstein-Uhlenbeck process with a memory of 0.3 s).</summary>
    private void Correct()
    {
        double keep = Math.Exp(-1 / (0.3 * config.CommandRate));
        hand = (keep * hand) + (Math.Sqrt(1 - (keep * keep)) * random.NextGaussian());
        if (Linear > 0)
        {
            Angular = Math.Clamp(Angular + (config.Corrections * hand * Linear / config.MaxSpeed), -config.MaxYawRate, config.MaxYawRate);
            Linear *= 1 + (0.3 * config.Corrections * hand);
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
            if (!Sees())
            {
                Remember(vehicle);
            }

            Recover(now, random.NextDouble(0.5, 2), random.NextDouble(0.5, 1));
            return;
        }

        if (Mood == DriverMood.Recovering)
        {
            if (retreatLeft <= 0 || track.IsEmpty)
            {
                // Once bitten: some moments without a lapse.
                Mood = DriverMood.Attentive;
                moodUntil = now + 3 + Exponential(config.AttentiveSpan);
                moving = now;
            }

            return;
        }

        if (!pressed)
        {
            track.Note(vehicle);
        }

        moving = Math.Abs(vehicle.Speed) + Math.Abs(vehicle.YawRate) > 0.05 ? now : moving;
        if (now - moving > 4)
        {
            Recover(now, 0, 1.5);
            return;
        }

        if (now < moodUntil)
        {
            return;
        }

        if (Mood != DriverMood.Attentive)
        {
            Mood = DriverMood.Attentive;
            moodUntil = now + Exponential(config.AttentiveSpan);
        }
        else if (vehicle.WheelSpeed > 0.3 && FreeDistance(1, Angular / Math.Max(0.1, Linear), px.AsSpan(0, points), py.AsSpan(0, points), 0.05, 0.1) > config.ClearWay)
        {
            // Thoughts wander, and haste begins, while the way looks clear, not in a tight spot.
            bool hasty = random.NextDouble() < config.HastyShare;
            Mood = hasty ? DriverMood.Hasty : DriverMood.Distracted;
            wander = 0.001 * random.NextGaussian();
            moodUntil = now + Lasting(hasty ? config.HastySpan : config.DistractedSpan);
        }
    }

    /// <summary>Stands until it is time, then drives back along the track; waits while someone stands in the way.</summary>
    private void Retreat(double now, VehicleModel vehicle, bool pressed)
    {
        (Linear, Angular) = (0, 0);
        if (now < retreatFrom)
        {
            return;
        }

        (double v, double w) = track.Back(vehicle);
        bool waits = !pressed && v != 0 && now < retreatFrom + 15 && FreeDistance(Math.Sign(v), 0, px.AsSpan(0, points), py.AsSpan(0, points), 0, 0.1) < 0.01;
        if (waits)
        {
            return;
        }

        (Linear, Angular) = (v, w);
        retreatLeft -= Math.Max(Math.Abs(v), 0.02) / config.CommandRate;
    }

    /// <summary>Whether the last scan shows anything that the vehicle may have touched.</summary>
    private bool Sees()
    {
        for (int i = 0; i < points; i++)
        {
            if (Math.Abs(px[i]) < (0.5 * config.Length) + 0.15 && Math.Abs(py[i]) < (0.5 * config.Width) + 0.15)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes it that what it cannot see lies where it was driving to, and marks that place as something to drive around.</summary>
    private void Remember(VehicleModel vehicle)
    {
        (double sin, double cos) = Math.SinCos(vehicle.Yaw);
        double ahead = ((0.5 * config.Length) + 0.4) * (vehicle.WheelSpeed < -0.02 ? -1 : 1);
        double x = vehicle.X + (ahead * cos), y = vehicle.Y + (ahead * sin);
        for (int i = 0; i < 12 && remembered.Count < config.Beams / 4; i++)
        {
            (double s, double c) = Math.SinCos(i * Math.PI / 6);
            remembered.Add((x + (0.5 * c), y + (0.5 * s)));
        }
    }

    private void Recover(double now, double stand, double distance)
    {
        Mood = DriverMood.Recovering;
        (retreatFrom, retreatLeft) = (now + stand, distance);
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
        if (now >= goalUntil || (Mood != DriverMood.Docking && (dx * dx) + (dy * dy) < 0.4 * 0.4))
        {
            NewGoal(now);
            (dx, dy) = (goalX - vehicle.X, goalY - vehicle.Y);
        }

        double bearing = Math.IEEERemainder(Math.Atan2(dy, dx) - vehicle.Yaw, 2 * Math.PI);
        double best = double.NegativeInfinity, chosen = 0, chosenFree = 0;
        for (int k = 0; k < Arcs; k++)
        {
            double curvature = ((2.0 * k / (Arcs - 1)) - 1) * style.Curvature;
            double free = FreeDistance(1, curvature, x, y, style.Side, style.Margin);
            double score = ((Mood == DriverMood.Docking ? 0.4 : 1.3) * free) - (0.55 * Math.Abs(bearing - (curvature * 0.8))) - (0.06 * Math.Abs(curvature)) - (style.Steadiness * Math.Abs(curvature - curvatureNow));
            if (score > best)
            {
                (best, chosen, chosenFree) = (score, curvature, free);
            }
        }

        double room = Math.Max(0, chosenFree - (style.Reaction * Math.Abs(vehicle.WheelSpeed)));
        double speed = Math.Min(style.Top, Math.Sqrt(2 * style.Braking * room));
        if (Mood == DriverMood.Docking)
        {
            // The last stretch is crept.
            speed = Math.Min(speed, 0.08 + (0.4 * room));
        }

        if (speed >= 0.08 && chosenFree > 0)
        {
            turning = 0;
            curvatureNow = chosen;
            Linear = speed;
            
            // While it gathers speed it must not turn as if it had it, or it would leave the arc.
            Angular = Math.Clamp(Math.Min(speed, Math.Max(0, vehicle.WheelSpeed) + 0.1) * chosen, -config.MaxYawRate, config.MaxYawRate);
            return;
        }

        if (Mood == DriverMood.Docking)
        {
            // It is there: stands a while, then backs out.
            Linear = Angular = 0;
            Recover(now, random.NextDouble(0.5, 1.5), 0.6);
            return;
        }

        if (Mood == DriverMood.Hasty)
        {
            // Having to stop calms it down.
            moodUntil = now;
        }

        if (vehicle.WheelSpeed > 0.1)
        {
            // Brakes along its arc first: turning at once would swing it into what stands beside.
            Linear = 0;
            Angular = Math.Clamp(vehicle.WheelSpeed * curvatureNow, -config.MaxYawRate, config.MaxYawRate);
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
                // Behind the middle the sides alone matter: they swing out in a turn.
                if (along > -0.5 * config.Length && along < halfLength + margin && Math.Abs(across) < (along > 0 ? halfWidth : (0.5 * config.Width) + RearMargin))
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
            // It drives right up to a wall or a box.
            Segment at = world.Segments[random.NextInt(world.Segments.Length)];
            double share = random.NextDouble(0.1, 0.9);
            (goalX, goalY) = (at.X0 + (share * (at.X1 - at.X0)), at.Y0 + (share * (at.Y1 - at.Y0)));
            Mood = DriverMood.Docking;
            moodUntil = now + 20;
        }
        else
        {
            (goalX, goalY) = world.FreePoint(ref random, 0.5);
        }

        goalUntil = now + random.NextDouble(8, 20);
    }

    private double Lasting(double mean) => random.NextDouble(0.5, 1.5) * mean;

    private double Exponential(double mean) => -mean * Math.Log(1 - random.NextDouble());

    /// <summary>How much a mood dares.</summary>
    /// <param name="Top">Greatest speed [m/s].</param>
    /// <param name="Curvature">Tightest arc that it considers [1/m].</param>
    /// <param name="Side">Room wanted on either side [m].</param>
    /// <param name="Margin">Room wanted ahead [m].</param>
    /// <param name="Braking">Deceleration counted on [m/s²].</param>
    /// <param name="Reaction">Time allowed for before braking acts [s].</param>
    /// <param name="Steadiness">What a change of curvature costs against a free metre.</param>
    private readonly record struct Style(double Top, double Curvature, double Side, double Margin, double Braking, double Reaction, double Steadiness);
}
