using QDistill.Numerics;

namespace QDistill.Simulation;

/// <summary>Someone who walks from place to place. Most wait for the vehicle and step aside; the heedless do not, and cut in.</summary>
public sealed class Person
{
    private const double Radius = 0.2;
    private readonly World world;
    private readonly double speed;
    private readonly bool heedless;
    private Philox random;
    private double x, y, goalX, goalY, pause, detour;

    internal Person(World world, SimulationConfig config, ulong seed, int index)
    {
        this.world = world;
        random = new Philox(seed, Streams.People + (ulong)index);
        speed = random.NextDouble(config.WalkingSpeed.Least, config.WalkingSpeed.Most);
        heedless = random.NextDouble() < config.HeedlessShare;
        do
        {
            (x, y) = world.FreePoint(ref random, Radius + 0.1);
        }
        while (Math.Abs(x - world.StartX) + Math.Abs(y - world.StartY) < 1.5 && random.NextDouble() < 0.999);
        (goalX, goalY) = world.FreePoint(ref random, 0.4);
    }

    /// <summary>The person seen from above.</summary>
    public Disc Disc => new(x, y, Radius);

    /// <summary>Whether this person does not look out for the vehicle.</summary>
    public bool IsHeedless => heedless;

    internal void Step(double dt, in VehicleOutline vehicle, double vehicleSpeed)
    {
        if (pause > 0)
        {
            pause -= dt;
            return;
        }

        double dx = goalX - x, dy = goalY - y, left = Math.Sqrt((dx * dx) + (dy * dy));
        if (left < 0.15)
        {
            Arrive(vehicle);
            return;
        }

        double heading = Math.Atan2(dy, dx) + detour;
        detour *= Math.Max(0, 1 - (dt / 0.8));
        (double sin, double cos) = Math.SinCos(heading);
        double nx = x + (speed * dt * cos), ny = y + (speed * dt * sin);
        double gap = vehicle.Distance(new Disc(nx, ny, Radius));
        bool closer = gap < vehicle.Distance(Disc);
        if (gap < 0.001)
        {
            // Bumped into it: stands a moment, then turns away.
            pause = random.NextDouble(0.5, 1.5);
            (goalX, goalY) = world.FreePoint(ref random, 0.4);
            detour = Math.Atan2(y - vehicle.Y, x - vehicle.X) - Math.Atan2(goalY - y, goalX - x);
            return;
        }

        // No one walks into a vehicle that stands, or into its back; the heedless cross before one that drives.
        bool before = vehicle.ToVehicle(x, y).X > 0;
        bool wary = !heedless || !before || vehicleSpeed < 0.15;
        if (!heedless && before && vehicleSpeed >= 0.15 && vehicle.Distance(Disc) < 0.5)
        {
            StepAside(dt, vehicle);
            return;
        }

        if (wary && closer && gap < (heedless ? 0.3 : 0.8))
        {
            pause = 0.1;
            if (random.NextDouble() < 0.05)
            {
                (goalX, goalY) = world.FreePoint(ref random, 0.4);
            }

            return;
        }

        if (world.IsFree(nx, ny, Radius + 0.02))
        {
            (x, y) = (nx, ny);
        }
        else
        {
            detour += random.NextDouble() < 0.5 ? 0.9 : -0.9;
            if (random.NextDouble() < 0.05)
            {
                (goalX, goalY) = world.FreePoint(ref random, 0.4);
            }
        }
    }

    /// <summary>Makes room for a vehicle that drives this way, if there is room to be made.</summary>
    private void StepAside(double dt, in VehicleOutline vehicle)
    {
        double ax = x - vehicle.X, ay = y - vehicle.Y, scale = speed * dt / Math.Max(1e-6, Math.Sqrt((ax * ax) + (ay * ay)));
        if (world.IsFree(x + (scale * ax), y + (scale * ay), Radius + 0.02))
        {
            (x, y) = (x + (scale * ax), y + (scale * ay));
        }
    }

    /// <summary>A new goal; the heedless sometimes make for the vehicle's path.</summary>
    private void Arrive(in VehicleOutline vehicle)
    {
        pause = random.NextDouble() < 0.5 ? random.NextDouble(0.2, 3) : 0;
        if (heedless && random.NextDouble() < 0.5)
        {
            double a = random.NextDouble(0, 2 * Math.PI);
            double gx = vehicle.X + (1.2 * Math.Cos(a)), gy = vehicle.Y + (1.2 * Math.Sin(a));
            if (world.IsFree(gx, gy, 0.4))
            {
                (goalX, goalY) = (gx, gy);
                return;
            }
        }

        (goalX, goalY) = world.FreePoint(ref random, 0.4);
    }
}
