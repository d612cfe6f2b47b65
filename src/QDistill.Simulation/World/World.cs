using QDistill.Numerics;

namespace QDistill.Simulation;

/// <summary>
/// A hall with partitions, boxes, posts, low obstacles on rough floor, and people. Whatever stands there leaves at least <see cref="Gap"/> to everything else, or is
/// flush with one wall: so all free floor hangs together, and there is a way out of every corner.
/// </summary>
public sealed class World
{
    /// <summary>Least width of a passage [m].</summary>
    public const double Gap = 0.95;

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
            PlaceBox(ref random, (0.3, 1.1), (0.3, 0.8), low: false);
        }

        for (int i = 0; i < config.Posts; i++)
        {
            PlacePost(ref random);
        }

        int low = random.NextDouble() < 0.05 ? config.LowObstacles : 0;
        for (int i = 0; i < low; i++)
        {
            if (PlaceBox(ref random, (0.4, 0.9), (0.3, 0.6), low: true) is var (x, y))
            {
                patches.Add(new RoughPatch(x, y, random.NextDouble(1.2, 1.7)));
            }
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
        Span<Segment> sides = stackalloc Segment[4];
        Rectangle(x, y, length, width, yaw, low, sides);
        segments.AddRange(sides);
    }

    private static void Rectangle(double x, double y, double length, double width, double yaw, bool low, Span<Segment> sides)
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
            sides[i] = new Segment(p.X, p.Y, q.X, q.Y, low);
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
        Span<Segment> wall = [new Segment(x0, y0, x1, y1)];
        if (LeavesGap(wall, skip: 4) && wall[0].DistanceSquared(StartX, StartY) > 1.2 * 1.2)
        {
            segments.Add(wall[0]);
        }
    }

    /// <summary>Puts a box somewhere, one in four flush with a wall, and returns its centre; null when there is no room.</summary>
    private (double X, double Y)? PlaceBox(ref Philox random, (double Least, double Most) length, (double Least, double Most) width, bool low)
    {
        Span<Segment> sides = stackalloc Segment[4];
        for (int attempt = 0; attempt < 80; attempt++)
        {
            double x = random.NextDouble(0.3, SizeX - 0.3), y = random.NextDouble(0.3, SizeY - 0.3);
            double l = random.NextDouble(length.Least, length.Most), w = random.NextDouble(width.Least, width.Most), yaw = random.NextDouble(0, Math.PI);
            bool flush = !low && random.NextDouble() < 0.25;
            if (flush)
            {
                yaw = 0;
                (x, y) = random.NextInt(4) switch
                {
                    0 => (0.5 * l, y),
                    1 => (SizeX - (0.5 * l), y),
                    2 => (x, 0.5 * w),
                    _ => (x, SizeY - (0.5 * w)),
                };
            }

            Rectangle(x, y, l, w, yaw, low, sides);
            double dx = x - StartX, dy = y - StartY;
            if ((dx * dx) + (dy * dy) > 1.5 * 1.5 && LeavesGap(sides, flush ? 4 : 0) && (!flush || LeavesGapAlongWalls(x, y, l, w)))
            {
                segments.AddRange(sides);
                return (x, y);
            }
        }

        return null;
    }

    private void PlacePost(ref Philox random)
    {
        for (int attempt = 0; attempt < 80; attempt++)
        {
            double x = random.NextDouble(0.3, SizeX - 0.3), y = random.NextDouble(0.3, SizeY - 0.3), radius = random.NextDouble(0.04, 0.12);
            double dx = x - StartX, dy = y - StartY;
            if ((dx * dx) + (dy * dy) > 1.5 * 1.5 && IsFree(x, y, Gap + radius))
            {
                posts.Add(new Disc(x, y, radius));
                return;
            }
        }
    }

    /// <summary>Whether new segments keep <see cref="Gap"/> to all but the first <paramref name="skip"/> there are (the hall's four walls).</summary>
    private bool LeavesGap(ReadOnlySpan<Segment> fresh, int skip)
    {
        foreach (Segment a in fresh)
        {
            foreach (Segment b in Segments[skip..])
            {
                if (a.DistanceSquared(b) < Gap * Gap)
                {
                    return false;
                }
            }

            foreach (Disc d in posts)
            {
                double reach = Gap + d.Radius;
                if (a.DistanceSquared(d.X, d.Y) < reach * reach)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Whether an upright box keeps <see cref="Gap"/> to the hall's walls save those that it touches.</summary>
    private bool LeavesGapAlongWalls(double x, double y, double length, double width)
    {
        static bool Fits(double gap) => Math.Abs(gap) < 1e-9 || gap >= Gap;
        return Fits(x - (0.5 * length)) && Fits(SizeX - x - (0.5 * length)) && Fits(y - (0.5 * width)) && Fits(SizeY - y - (0.5 * width));
    }

    private void RefreshPeople()
    {
        for (int i = 0; i < people.Length; i++)
        {
            discs[posts.Count + i] = people[i].Disc;
        }
    }
}
