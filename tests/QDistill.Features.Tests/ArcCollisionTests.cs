using QDistill.Numerics;

namespace QDistill.Features.Tests;

public class ArcCollisionTests
{
    [Fact]
    public void A_disc_on_an_arc_meets_a_point_when_the_law_of_cosines_says_so()
    {
        // Turning left on radius 2: the centre passes at distance |d - 2| of a point at distance d from (0, 2).
        Footprint disc = Footprint.Circle(0.3);
        double v = 0.5, w = 0.25, rho = v / w, d = 2.1, bearing = 1.2;
        float[] x = [(float)(d * Math.Sin(bearing))], y = [(float)(rho - (d * Math.Cos(bearing)))];
        double half = Math.Acos(((rho * rho) + (d * d) - (0.3 * 0.3)) / (2 * rho * d));
        Assert.Equal((bearing - half) / w, ArcCollision.TimeToContact(disc, x, y, v, w, 10), 1e-5);
    }

    [Fact]
    public void Straight_on_the_time_is_the_gap_over_the_speed_and_what_lies_beside_or_behind_is_not_met()
    {
        Footprint box = Footprint.Rectangle(0.6, 0.4);
        Assert.Equal(2, ArcCollision.TimeToContact(box, [1.3f], [0.1f], 0.5, 0, 10), 1e-6);
        Assert.Equal(double.PositiveInfinity, ArcCollision.TimeToContact(box, [1.3f], [0.25f], 0.5, 0, 10));
        Assert.Equal(double.PositiveInfinity, ArcCollision.TimeToContact(box, [-1.3f], [0.1f], 0.5, 0, 10));
        Assert.Equal(2, ArcCollision.TimeToContact(box, [-1.3f], [0.1f], -0.5, 0, 10), 1e-6);
        Assert.Equal(double.PositiveInfinity, ArcCollision.TimeToContact(box, [1.3f], [0.1f], 0.5, 0, 1.9));
    }

    [Fact]
    public void Turning_on_the_spot_sweeps_the_corners_only()
    {
        Footprint box = Footprint.Rectangle(0.6, 0.4);
        // A point ahead of the flank at radius 0.33: the front right corner region turns left into it.
        double radius = 0.33, angle = Math.PI / 2, contact = Math.Asin(0.2 / radius);
        float[] x = [(float)(radius * Math.Cos(angle))], y = [(float)(radius * Math.Sin(angle))];
        Assert.Equal((angle - contact) / 0.5, ArcCollision.TimeToContact(box, x, y, 0, 0.5, 10), 1e-5);
        Assert.Equal(double.PositiveInfinity, ArcCollision.TimeToContact(Footprint.Circle(0.3), x, y, 0, 0.5, 10));
    }

    [Fact]
    public void Closed_form_equals_small_steps_for_random_arcs_points_and_outlines()
    {
        var random = new Philox(7);
        Footprint[] outlines = [Footprint.Circle(0.25), Footprint.Rectangle(0.6, 0.4), Footprint.Polygon([0.3, 0.2, -0.2, -0.3, 0.1], [-0.1, 0.25, 0.2, -0.15, -0.3])];
        int met = 0;
        for (int trial = 0; trial < 1500; trial++)
        {
            Footprint f = outlines[trial % 3];
            double v = random.NextDouble(-1, 1), w = random.NextDouble(-1.5, 1.5);
            float[] x = [(float)random.NextDouble(-1.5, 1.5)], y = [(float)random.NextDouble(-1.5, 1.5)];
            if (f.Distance(x[0], y[0]) < 0.02)
            {
                continue;
            }

            double expected = double.PositiveInfinity, yaw = 0, px = 0, py = 0;
            const double Dt = 0.0005;
            for (double t = 0; t < 3; t += Dt)
            {
                double dx = x[0] - px, dy = y[0] - py, c = Math.Cos(yaw), s = Math.Sin(yaw);
                if (f.Distance((c * dx) + (s * dy), (c * dy) - (s * dx)) <= 0)
                {
                    expected = t;
                    break;
                }

                px += v * Dt * Math.Cos(yaw + (0.5 * w * Dt));
                py += v * Dt * Math.Sin(yaw + (0.5 * w * Dt));
                yaw += w * Dt;
            }

            double found = ArcCollision.TimeToContact(f, x, y, v, w, 3);
            if (double.IsPositiveInfinity(expected))
            {
                // A graze that falls between two steps is no contradiction.
                Assert.True(double.IsPositiveInfinity(found) || Grazes(f, x[0], y[0], v, w, found), $"trial {trial}: {found} but nothing was met");
            }
            else
            {
                met++;
                Assert.True(Math.Abs(found - expected) < 0.003 || Grazes(f, x[0], y[0], v, w, found), $"trial {trial}: {found} instead of {expected}");
            }
        }

        Assert.True(met > 60, $"only {met} met");
    }

    private static bool Grazes(Footprint f, double x, double y, double v, double w, double t)
    {
        double yaw = w * t, px = v / w * Math.Sin(yaw), py = v / w * (1 - Math.Cos(yaw)), dx = x - px, dy = y - py;
        return Math.Abs(f.Distance((Math.Cos(yaw) * dx) + (Math.Sin(yaw) * dy), (Math.Cos(yaw) * dy) - (Math.Sin(yaw) * dx))) < 1e-5;
    }
}
