using QDistill.Numerics;

namespace QDistill.Simulation;

/// <summary>A hall with partitions, boxes, posts, low obstacles on rough floor, and people.</summary>
public sealed class World
{
    private readonly List<Segment> segments = [];
    private readonly List<Disc> posts = [];
    private readonly List<RoughPatch> patches = [];
    private readonly Person[] people;
    private readonly Disc[] discs;

    private World(double sizeX, double sizeY, Person[] people)
    {
        (SizeX, SizeY, this.people) = (sizeX, sizeY, people);
        discs = [];
    }

    /// <summary>Builds a world from a seed.</summary>
    public World(SimulationConfig config, ulong seed)
    {
        var random = new Philox(seed, Streams.World);
        SizeX = random.NextDouble(config.RoomSize.Least, config.RoomSize.Most);
        SizeY = random.NextDouble(config.RoomSize.Least, config.RoomSize.Most);
        AddRectangle(0.5 * SizeX, 0.5 * SizeY, SizeX, SizeY, 0, low: false);
        (StartX, StartY) = (0.5 * SizeX, 0.5 * SizeY);
        for (int i = 0; i < config.Partitions; i++)
        {
            AddPartition(ref random);
        }

        for (int i = 0; i < config.Boxes; i++)
        {
            Place(ref random, 0.7, (ref Philox r, double x, double y) =>
                AddRectangle(x, y, r.NextDouble(0.3, 1.1), r.NextDouble(0.3, 0.8), r.NextDouble(0, Math.PI), low: false));
        }

        for (int i = 0; i < config.Posts; i++)
        {
            Place(ref random, 0.3, (ref Philox r, double x, double y) => posts.Add(new Disc(x, y, r.NextDouble(0.04, 0.12))));
        }

        int low = random.NextDouble() < 0.3 ? config.LowObstacles : 0;
        for (int i = 0; i < low; i++)
        {
            Place(ref random, 0.8, (ref Philox r, double x, double y) =>
            {
                AddRectangle(x, y, r.NextDouble(0.4, 0.9), r.NextDouble(0.3, 0.6), r.NextDouble(0, Math.PI), low: true);
                patches.Add(new RoughPatch(x, y, r.NextDouble(1.2, 1.7)));
            });
        }

        // Rough floor alone proves nothing.
        patches.Add(new RoughPatch(random.NextDouble(1, SizeX - 1), random.NextDouble(1, SizeY - 1), random.NextDouble(0.5, 0.9)));

        people = new Person[config.People];
        for (int i = 0; i < people.Length; i++)
        {
            people[i] = new Person(this, config, seed, i);
        }

        discs = new Disc[posts.Count + people.Length];
        posts.CopyTo(discs);
        RefreshPeople();
    }

    private delegate void Put(ref Philox random, double x, double y);

    /// <summary>Extent along x [m]; the hall reaches from 0 to this.</summary>
    public double SizeX { get; }

    /// <summary>Extent along y [m].</summary>
    public double SizeY { get; }

    /// <summary>Where the vehicle starts.</summary>
    public double StartX { get; }

    /// <summary>Where the vehicle starts.</summary>
    public double StartY { get; }

    /// <summary>Walls and sides of boxes.</summary>
    public ReadOnlySpan<Segment> Segments => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(segments);

    /// <summary>Posts, then people where they are now.</summary>
    public ReadOnlySpan<Disc> Discs => discs;

    /// <summary>The people.</summary>
    public IReadOnlyList<Person> People => people;

    /// <summary>Patches of rough floor.</summary>
    public IReadOnlyList<RoughPatch> RoughPatches => patches;

    /// <summary>An empty hall, for tests.</summary>
    public static World Empty(double sizeX, double sizeY)
    {
        var world = new World(sizeX, sizeY, []);
        world.AddRectangle(0.5 * sizeX, 0.5 * sizeY, sizeX, sizeY, 0, low: false);
        return world;
    }

    /// <summary>Moves the people on by <paramref name="dt"/> seconds; one who would walk into the vehicle, which drives at the given speed [m/s], is stopped by it.</summary>
    public void Step(double dt, in VehicleOutline vehicle, double vehicleSpeed)
    {
        foreach (Person person in people)
        {
            person.Step(dt, vehicle, vehicleSpeed);
        }

        RefreshPeople();
    }

    /// <summary>The distance from the vehicle's outline to the nearest thing [m].</summary>
    public double Clearance(in VehicleOutline vehicle)
    {
        double reach = vehicle.Extent, best = double.PositiveInfinity;
        foreach (ref readonly Segment s in Segments)
        {
            double near = Math.Sqrt(s.DistanceSquared(vehicle.X, vehicle.Y)) - reach;
            if (near < best)
            {
                best = Math.Min(best, vehicle.Distance(s));
            }
        }

        foreach (ref readonly Disc d in Discs)
        {
            double dx = d.X - vehicle.X, dy = d.Y - vehicle.Y;
            if (Math.Sqrt((dx * dx) + (dy * dy)) - reach - d.Radius < best)
            {
                best = Math.Min(best, vehicle.Distance(d));
            }
        }

        return best;
    }

    /// <summary>What is nearest to the vehicle's outline.</summary>
    public ObstacleKind Nearest(in VehicleOutline vehicle)
    {
        double best = double.PositiveInfinity;
        ObstacleKind kind = ObstacleKind.Fixed;
        foreach (ref readonly Segment s in Segments)
        {
            double d = vehicle.Distance(s);
            if (d < best)
            {
                (best, kind) = (d, s.IsLow ? ObstacleKind.Low : ObstacleKind.Fixed);
            }
        }

        for (int i = 0; i < discs.Length; i++)
        {
            double d = vehicle.Distance(discs[i]);
            if (d < best)
            {
                (best, kind) = (d, i < posts.Count ? ObstacleKind.Fixed : ObstacleKind.Person);
            }
        }

        return kind;
    }

    /// <summary>Whether the floor is rough at a point.</summary>
    public bool IsRough(double x, double y)
    {
        foreach (RoughPatch p in patches)
        {
            double dx = x - p.X, dy = y - p.Y;
            if ((dx * dx) + (dy * dy) < p.Radius * p.Radius)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a disc of the given radius at a point is clear of walls, boxes and posts.</summary>
    public bool IsFree(double x, double y, double radius)
    {
        if (x < radius || y < radius || x > SizeX - radius || y > SizeY - radius)
        {
            return false;
        }

        foreach (Segment s in segments)
        {
            if (s.DistanceSquared(x, y) < radius * radius)
            {
                return false;
            }
        }

        foreach (Disc d in posts)
        {
            double dx = d.X - x, dy = d.Y - y, r = d.Radius + radius;
            if ((dx * dx) + (dy * dy) < r * r)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A random free point.</summary>
    internal (double X, double Y) FreePoint(ref Philox random, double radius)
    {
        for (int attempt = 0; attempt < 200; attempt++)
        {
            double x = random.NextDouble(radius, SizeX - radius), y = random.NextDouble(radius, SizeY - radius);
            if (IsFree(x, y, radius))
            {
                return (x, y);
            }
        }

        return (StartX, StartY);
    }

    private void AddRectangle(double x, double y, double length, double width, double yaw, bool low)
    {
        (double sin, double cos) = Math.SinCos(yaw);
        Span<(double X, double Y)> corner = stackalloc (double, double)[4];
        for (int i = 0; i < 4; i++)
        {
            double a = 0.5 * length * (i is 0 or 3 ? 1 : -1), b = 0.5 * width * (i < 2 ? 1 : -1);
            corner[i] = (x + (cos * a) - (sin * b), y + (sin * a) + (cos * b));
        }

        for (int i = 0; i < 4; i++)
        {
            (double X, double Y) p = corner[i], q = corner[(i + 1) % 4];
            segments.Add(new Segment(p.X, p.Y, q.X, q.Y, low));
        }
    }

    /// <summary>A thin wall from one side of the hall inwards, which leaves a passage.</summary>
    private void AddPartition(ref Philox random)
    {
        double share = random.NextDouble(0.2, 0.42), at = random.NextDouble(0.15, 0.85);
        switch (random.NextInt(4))
        {
            case 0:
                TryWall(at * SizeX, 0, at * SizeX, share * SizeY);
                break;
            case 1:
                TryWall(at * SizeX, SizeY, at * SizeX, (1 - share) * SizeY);
                break;
            case 2:
                TryWall(0, at * SizeY, share * SizeX, at * SizeY);
                break;
            default:
                TryWall(SizeX, at * SizeY, (1 - share) * SizeX, at * SizeY);
                break;
        }
    }

    private void TryWall(double x0, double y0, double x1, double y1)
    {
        var wall = new Segment(x0, y0, x1, y1);
        if (wall.DistanceSquared(StartX, StartY) > 1.2 * 1.2)
        {
            segments.Add(wall);
        }
    }

    private void Place(ref Philox random, double spacing, Put put)
    {
        for (int attempt = 0; attempt < 60; attempt++)
        {
            double x = random.NextDouble(0.3, SizeX - 0.3), y = random.NextDouble(0.3, SizeY - 0.3);
            double dx = x - StartX, dy = y - StartY;
            if ((dx * dx) + (dy * dy) > 1.5 * 1.5 && IsFree(x, y, Math.Min(spacing, Math.Min(Math.Min(x, SizeX - x), Math.Min(y, SizeY - y)) - 0.01)))
            {
                put(ref random, x, y);
                return;
            }
        }
    }

    private void RefreshPeople()
    {
        for (int i = 0; i < people.Length; i++)
        {
            discs[posts.Count + i] = people[i].Disc;
        }
    }
}
