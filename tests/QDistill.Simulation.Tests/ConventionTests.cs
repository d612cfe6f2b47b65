using QDistill.Msgs.NavMsgs;
using QDistill.Msgs.SensorMsgs;
using QDistill.Ros;

namespace QDistill.Simulation.Tests;

/// <summary>REP-103 (SI units; x forward, y left, z up; turning left is positive) and REP-105 (odom to base_link) for what the simulated vehicle publishes.</summary>
public class ConventionTests
{
    [Fact]
    public void The_vehicles_odometry_inertial_unit_and_lidar_agree_on_units_and_signs()
    {
        var poses = new List<(double T, double X, double Y, double Yaw, double V, double W)>();
        var rates = new List<(double T, double W, double Up)>();
        LaserScan? scan = null;
        new Simulator(new SimulationConfig()).Run(5, 30, (topic, _, _, _, data) =>
        {
            switch (topic)
            {
                case "/agv/odom":
                    Odometry o = Cdr.Deserialize<Odometry>(data);
                    Assert.Equal(("odom", "base_link"), (o.Header.FrameId, o.ChildFrameId));
                    poses.Add((Seconds(o.Header.Stamp), o.Pose.Pose.Position.X, o.Pose.Pose.Position.Y, 2 * Math.Atan2(o.Pose.Pose.Orientation.Z, o.Pose.Pose.Orientation.W), o.Twist.Twist.Linear.X, o.Twist.Twist.Angular.Z));
                    break;
                case "/agv/imu":
                    Imu i = Cdr.Deserialize<Imu>(data);
                    rates.Add((Seconds(i.Header.Stamp), i.AngularVelocity.Z, i.LinearAcceleration.Z));
                    break;
                case "/agv/scan":
                    scan = Cdr.Deserialize<LaserScan>(data);
                    Assert.NotEmpty(scan.Header.FrameId);
                    break;
            }
        });

        // Position is the integral of the forward speed along the heading: metres and metres per second, x forward, y left.
        double x = poses[0].X, y = poses[0].Y, yaw = poses[0].Yaw, path = 0;
        for (int k = 1; k < poses.Count; k++)
        {
            double dt = poses[k].T - poses[k - 1].T;
            double half = yaw + (0.5 * poses[k].W * dt);
            x += poses[k].V * dt * Math.Cos(half);
            y += poses[k].V * dt * Math.Sin(half);
            yaw += poses[k].W * dt;
            path += Math.Abs(poses[k].V) * dt;
        }

        Assert.InRange(path, 1, 100);
        Assert.InRange(Math.Sqrt(Math.Pow(x - poses[^1].X, 2) + Math.Pow(y - poses[^1].Y, 2)) / path, 0, 0.02);
        Assert.InRange(Math.Abs(Math.IEEERemainder(yaw - poses[^1].Yaw, 2 * Math.PI)), 0, 0.02);

        // The gyroscope turns with the wheels, in rad/s and with the same sign; gravity points down, so that the accelerometer reads it upwards, in m/s^2.
        (double own, double other, double cross) = (0, 0, 0);
        int at = 0;
        foreach ((double t, _, _, _, _, double w) in poses)
        {
            while (at < rates.Count - 1 && rates[at].T < t)
            {
                at++;
            }

            own += w * w;
            other += rates[at].W * rates[at].W;
            cross += w * rates[at].W;
        }

        Assert.InRange(cross / Math.Sqrt(own * other), 0.8, 1);
        Assert.InRange(Math.Sqrt(other / own), 0.8, 1.25);
        Assert.InRange(rates.Average(r => r.Up), 9.5, 10.1);

        // A scan goes from -pi to the left, in radians.
        Assert.Equal(-Math.PI, scan!.AngleMin, 5);
        Assert.Equal(2 * Math.PI, scan.AngleIncrement * scan.Ranges.Count, 4);
        Assert.True(scan.AngleIncrement > 0 && scan.RangeMin > 0 && scan.RangeMax < 100);

        static double Seconds(QDistill.Msgs.BuiltinInterfaces.Time stamp) => stamp.Sec + (stamp.Nanosec * 1e-9);
    }
}
