namespace QDistill.Simulation.Tests;

public class RayCasterTests
{
    [Fact]
    public void Inside_a_rectangle_every_ray_meets_the_wall_at_the_closed_form_distance()
    {
        World hall = World.Empty(8, 6);
        double x = 3, y = 2, yaw = 0.3, increment = 2 * Math.PI / 360;
        double[] ranges = new double[360];
        RayCaster.Cast(x, y, yaw, increment, 20, hall.Segments, hall.Discs, ranges);
        for (int i = 0; i < 360; i++)
        {
            double a = yaw + (i * increment), c = Math.Cos(a), s = Math.Sin(a);
            double toX = c > 0 ? (8 - x) / c : -x / c, toY = s > 0 ? (6 - y) / s : -y / s;
            Assert.Equal(Math.Min(toX, toY), ranges[i], 1e-9);
        }
    }

    [Fact]
    public void A_disc_is_met_where_the_quadratic_says_and_hides_what_is_behind()
    {
        double[] ranges = new double[720];
        double increment = 2 * Math.PI / 720;
        RayCaster.Cast(0, 0, -Math.PI, increment, 30, [new Segment(5, -20, 5, 20)], [new Disc(3, 1, 0.5)], ranges);
        for (int i = 0; i < 720; i++)
        {
            double a = -Math.PI + (i * increment), along = (3 * Math.Cos(a)) + Math.Sin(a), h = 0.25 - 10 + (along * along);
            double disc = h >= 0 && along > 0 ? along - Math.Sqrt(h) : double.PositiveInfinity;
            double wall = Math.Cos(a) > 1e-9 && Math.Abs(5 * Math.Tan(a)) <= 20 ? 5 / Math.Cos(a) : double.PositiveInfinity;
            double expected = Math.Min(disc, wall);
            Assert.Equal(expected > 30 ? double.PositiveInfinity : expected, ranges[i], 1e-9);
        }
    }

    [Fact]
    public void Low_obstacles_are_beneath_the_lidar_but_in_the_vehicles_way()
    {
        double[] ranges = new double[8];
        RayCaster.Cast(0, 0, 0, Math.PI / 4, 30, [new Segment(2, -1, 2, 1, IsLow: true)], [], ranges);
        Assert.All(ranges, r => Assert.Equal(double.PositiveInfinity, r));
        Assert.Equal(1.7, new VehicleOutline(0.6, 0.4, 0, 0, 0).Distance(new Segment(2, -1, 2, 1, IsLow: true)), 1e-12);
    }

    [Fact]
    public void Outline_distances_are_those_of_a_rectangle()
    {
        var outline = new VehicleOutline(0.6, 0.4, 1, 1, Math.PI / 2);
        Assert.Equal(0.5, outline.Distance(new Disc(1, 2, 0.2)), 1e-12);          // ahead: 1 - 0.3 - 0.2
        Assert.Equal(0.7, outline.Distance(new Disc(2, 1, 0.1)), 1e-12);          // beside: 1 - 0.2 - 0.1
        Assert.Equal(0, outline.Distance(new Segment(0, 1, 2, 1)));               // straight through
        Assert.Equal(0.8, outline.Distance(new Segment(2, 0, 2, 5)), 1e-12);
    }
}
