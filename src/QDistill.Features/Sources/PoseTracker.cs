namespace QDistill.Features;

/// <summary>Attitude, and velocities by differencing positions and orientations, of a body whose pose is measured (motion capture, visual or fused odometry).</summary>
internal sealed class PoseTracker(double smoothing, double timeout, double maxSpeed)
{
    private Smoothed vx = new(smoothing), vy = new(smoothing), vz = new(smoothing), yawRate = new(smoothing), turnRate = new(smoothing);
    private bool has;
    private long lastNs;
    private double lx, ly, lz, lqx, lqy, lqz, lqw, lyaw;

    public double X => lx;

    public double Y => ly;

    public double Z => lz;

    public double Roll { get; private set; }

    public double Pitch { get; private set; }

    public double Yaw => lyaw;

    /// <summary>The angle between the body's z axis and the vertical [rad].</summary>
    public double Tilt { get; private set; }

    public double HorizontalSpeed => Math.Sqrt((vx.Value * vx.Value) + (vy.Value * vy.Value));

    public double Speed => Math.Sqrt((vx.Value * vx.Value) + (vy.Value * vy.Value) + (vz.Value * vz.Value));

    public double VerticalSpeed => vz.Value;

    public double YawRate => yawRate.Value;

    /// <summary>The magnitude of the angular velocity [rad/s].</summary>
    public double TurnRate => turnRate.Value;

    /// <summary>Whether velocities are known (two poses seen).</summary>
    public bool Moving => vx.Ready;

    /// <summary>Takes a pose in; returns whether it is usable: finite, of unit quaternion, and reachable from the pose before.</summary>
    public bool Update(long stampNs, double x, double y, double z, double qx, double qy, double qz, double qw)
    {
        double norm = (qx * qx) + (qy * qy) + (qz * qz) + (qw * qw);
        if (!double.IsFinite(x + y + z) || !(Math.Abs(norm - 1) < 0.1))
        {
            return false;
        }

        double scale = 1 / Math.Sqrt(norm);
        (qx, qy, qz, qw) = (qx * scale, qy * scale, qz * scale, qw * scale);
        double dt = has ? (stampNs - lastNs) * 1e-9 : 0;
        if (has && dt > timeout)
        {
            Reset();
            dt = 0;
        }

        double yaw = Math.Atan2(2 * ((qw * qz) + (qx * qy)), 1 - (2 * ((qy * qy) + (qz * qz))));
        if (dt > 0)
        {
            double dx = (x - lx) / dt, dy = (y - ly) / dt, dz = (z - lz) / dt;
            if ((dx * dx) + (dy * dy) + (dz * dz) > maxSpeed * maxSpeed)
            {
                return false;
            }

            vx.Update(dx, dt);
            vy.Update(dy, dt);
            vz.Update(dz, dt);
            yawRate.Update(Math.IEEERemainder(yaw - lyaw, 2 * Math.PI) / dt, dt);
            double dot = Math.Min(1, Math.Abs((qx * lqx) + (qy * lqy) + (qz * lqz) + (qw * lqw)));
            turnRate.Update(2 * Math.Acos(dot) / dt, dt);
        }

        Roll = Math.Atan2(2 * ((qw * qx) + (qy * qz)), 1 - (2 * ((qx * qx) + (qy * qy))));
        Pitch = Math.Asin(Math.Clamp(2 * ((qw * qy) - (qz * qx)), -1, 1));
        Tilt = Math.Acos(Math.Clamp(1 - (2 * ((qx * qx) + (qy * qy))), -1, 1));
        (has, lastNs) = (true, stampNs);
        (lx, ly, lz, lqx, lqy, lqz, lqw, lyaw) = (x, y, z, qx, qy, qz, qw, yaw);
        return true;
    }

    public void Reset()
    {
        has = false;
        vx.Reset();
        vy.Reset();
        vz.Reset();
        yawRate.Reset();
        turnRate.Reset();
    }
}
