namespace QDistill.Features;

/// <summary>One odometry message: pose in the odometry frame, twist in the body frame.</summary>
internal struct OdometryRecord
{
    public double X, Y, Z;
    public double Qx, Qy, Qz, Qw;
    public double Vx, Vy, Vz;
    public double Wx, Wy, Wz;
}

/// <summary>Speeds, accelerations and jerk from odometry; readings beyond the robot's gates are refused, not clipped.</summary>
internal sealed class OdometryStream(SourceConfig config, RobotLimits limits, double smoothing) : SourceStream<OdometryRecord>(config)
{
    private Smoothed acceleration = new(smoothing), yawAcceleration = new(smoothing), jerk = new(smoothing), yawRateMean = new(smoothing);
    private bool hasPrevious;
    private long previousNs;
    private double previousX, previousY, previousYaw, previousSpeed, previousYawRate;

    public double Speed { get; private set; }

    public double YawRate { get; private set; }

    public ref readonly Smoothed Acceleration => ref acceleration;

    public ref readonly Smoothed YawAcceleration => ref yawAcceleration;

    public ref readonly Smoothed Jerk => ref jerk;

    public ref readonly Smoothed YawRateMean => ref yawRateMean;

    /// <summary>Pose of a flying body, when a drone group listens.</summary>
    public PoseTracker? Tracker { get; set; }

    public void OnRecord(long stampNs, in OdometryRecord record) => Enqueue(stampNs, record);

    protected override bool Take(long stampNs, in OdometryRecord r)
    {
        double dt = hasPrevious && stampNs > previousNs && stampNs - previousNs <= TimeoutNs ? (stampNs - previousNs) * 1e-9 : 0;
        if (hasPrevious && stampNs - previousNs > TimeoutNs)
        {
            Forget();
        }

        bool tracked = Tracker?.Update(stampNs, r.X, r.Y, r.Z, r.Qx, r.Qy, r.Qz, r.Qw) ?? true;
        double yaw = Math.Atan2(2 * ((r.Qw * r.Qz) + (r.Qx * r.Qy)), 1 - (2 * ((r.Qy * r.Qy) + (r.Qz * r.Qz))));
        double speed = r.Vx, yawRate = r.Wz;
        if (Config.VelocityFromPose)
        {
            if (!double.IsFinite(r.X + r.Y + yaw))
            {
                return false;
            }

            if (dt == 0)
            {
                if (!hasPrevious)
                {
                    Remember(stampNs, r, yaw, 0, 0);
                }

                return false;
            }

            (double sin, double cos) = Math.SinCos(yaw);
            speed = ((cos * (r.X - previousX)) + (sin * (r.Y - previousY))) / dt;
            yawRate = Math.IEEERemainder(yaw - previousYaw, 2 * Math.PI) / dt;
        }

        if (!(Math.Abs(speed) <= limits.Gate * limits.Speed && Math.Abs(yawRate) <= limits.Gate * limits.YawRate))
        {
            return false; // also when either is NaN
        }

        if (dt > 0)
        {
            double before = acceleration.Value;
            bool had = acceleration.Ready;
            acceleration.Update((speed - previousSpeed) / dt, dt);
            yawAcceleration.Update((yawRate - previousYawRate) / dt, dt);
            if (had)
            {
                jerk.Update((acceleration.Value - before) / dt, dt);
            }
        }

        yawRateMean.Update(yawRate, dt);
        Speed = speed;
        YawRate = yawRate;
        Remember(stampNs, r, yaw, speed, yawRate);
        return tracked;
    }

    protected override void Forget()
    {
        hasPrevious = false;
        acceleration.Reset();
        yawAcceleration.Reset();
        jerk.Reset();
        yawRateMean.Reset();
        Tracker?.Reset();
    }

    private void Remember(long stampNs, in OdometryRecord r, double yaw, double speed, double yawRate)
    {
        hasPrevious = true;
        previousNs = stampNs;
        (previousX, previousY, previousYaw, previousSpeed, previousYawRate) = (r.X, r.Y, yaw, speed, yawRate);
    }
}
