using QDistill.Msgs.NavMsgs;
using QDistill.Numerics;

namespace QDistill.Simulation;

/// <summary>Wheel odometry: it knows only what the wheels do, with a fixed scale error and noise, so it drifts, and goes on while the vehicle is held fast.</summary>
internal sealed class OdometrySensor
{
    private readonly double scale, yawScale;
    private Philox random;
    private double x, y, yaw, last = double.NaN;

    public OdometrySensor(SimulationConfig config, ulong seed)
    {
        random = new Philox(seed, Streams.Odometry);
        scale = 1 + (config.OdometryScaleError * random.NextGaussian());
        yawScale = 1 + (config.OdometryScaleError * random.NextGaussian());
        Message.Header.FrameId = "odom";
        Message.ChildFrameId = "base_link";
        Message.Twist.Covariance[0] = 1e-4;
        Message.Twist.Covariance[35] = 1e-4;
    }

    /// <summary>The last message.</summary>
    public Odometry Message { get; } = new();

    public void Measure(double now, VehicleModel vehicle)
    {
        double dt = double.IsNaN(last) ? 0 : now - last;
        last = now;
        double v = (vehicle.WheelSpeed * scale) + (Math.Abs(vehicle.WheelSpeed) > 0.001 ? 0.005 * random.NextGaussian() : 0);
        double w = (vehicle.WheelYawRate * yawScale) + (Math.Abs(vehicle.WheelYawRate) > 0.001 ? 0.008 * random.NextGaussian() : 0);
        double half = yaw + (0.5 * w * dt);
        x += v * dt * Math.Cos(half);
        y += v * dt * Math.Sin(half);
        yaw += w * dt;
        Message.Pose.Pose.Position.X = x;
        Message.Pose.Pose.Position.Y = y;
        Message.Pose.Pose.Orientation.Z = Math.Sin(0.5 * yaw);
        Message.Pose.Pose.Orientation.W = Math.Cos(0.5 * yaw);
        Message.Twist.Twist.Linear.X = v;
        Message.Twist.Twist.Angular.Z = w;
    }
}
