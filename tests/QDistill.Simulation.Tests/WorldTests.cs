namespace QDistill.Simulation.Tests;

public class WorldTests
{
    /// <summary>Floods the floor from the start over a grid and compares with all free cells: an oracle that knows nothing of how things are placed.</summary>
    [Fact]
    public void All_floor_where_the_vehicle_can_turn_hangs_together()
    {
        const double Cell = 0.05, Radius = 0.42;
        for (ulong seed = 1; seed <= 60; seed++)
        {
            var world = new World(new SimulationConfig(), seed);
            int w = (int)(world.SizeX / Cell), h = (int)(world.SizeY / Cell);
            bool[] free = new bool[w * h], reached = new bool[w * h];
            for (int i = 0; i < free.Length; i++)
            {
                free[i] = world.IsFree(((i % w) + 0.5) * Cell, ((i / w) + 0.5) * Cell, Radius);
            }

            var open = new Stack<int>();
            int start = ((int)(world.StartY / Cell) * w) + (int)(world.StartX / Cell);
            Assert.True(free[start]);
            reached[start] = true;
            open.Push(start);
            while (open.TryPop(out int at))
            {
                int x = at % w, y = at / w;
                foreach ((int nx, int ny) in ((int, int)[])[(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)])
                {
                    int next = (ny * w) + nx;
                    if (nx >= 0 && ny >= 0 && nx < w && ny < h && free[next] && !reached[next])
                    {
                        reached[next] = true;
                        open.Push(next);
                    }
                }
            }

            Assert.True(free.Count(f => f) == reached.Count(r => r), $"world {seed}: {free.Count(f => f) - reached.Count(r => r)} free cells are cut off");
        }
    }

    [Fact]
    public void No_run_gets_stuck_hitting_things()
    {
        for (ulong seed = 1000; seed < 1016; seed++)
        {
            SimulationSummary summary = new Simulator(new SimulationConfig()).Run(seed, 120, (_, _, _, _, _) => { });
            Assert.InRange(summary.Contacts.Count, 0, 10);
            Assert.True(summary.Distance > 15, $"run {seed} drove only {summary.Distance:F1} m");
        }
    }

    [Theory]
    [InlineData(0, 0, 1, 0, 0, 1, 1, 1, 1.0)]
    [InlineData(0, 0, 2, 2, 0, 2, 2, 0, 0.0)]
    [InlineData(0, 0, 1, 0, 4, 4, 4, 9, 25.0)]
    public void The_distance_of_two_segments_is_that_of_their_nearest_points(
        double ax, double ay, double bx, double by, double cx, double cy, double dx, double dy, double squared)
    {
        Assert.Equal(squared, new Segment(ax, ay, bx, by).DistanceSquared(new Segment(cx, cy, dx, dy)), 12);
        Assert.Equal(squared, new Segment(cx, cy, dx, dy).DistanceSquared(new Segment(ax, ay, bx, by)), 12);
    }
}
