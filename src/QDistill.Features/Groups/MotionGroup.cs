namespace QDistill.Features;

/// <summary>Speeds, accelerations and jerk from odometry, and how far the inertial unit disagrees.</summary>
internal sealed class MotionGroup(MotionFeaturesConfig config, bool hasImu, bool hasGyro) : FeatureGroup
{
    public override void Describe(SchemaBuilder schema)
    {
        string smooth = $"odom(smoothing={FeatureGroupsConfig.Number(config.Smoothing)})";
        schema.Add("motion.speed", "m/s", "odom");
        schema.Add("motion.yaw_rate", "rad/s", "odom");
        schema.Add("motion.acceleration", "m/s^2", smooth);
        schema.Add("motion.yaw_acceleration", "rad/s^2", smooth);
        schema.Add("motion.jerk", "m/s^3", smooth);
        if (hasImu)
        {
            schema.Add("motion.slip", "m/s^2", smooth + "+imu");
        }

        if (hasGyro)
        {
            schema.Add("motion.yaw_rate_mismatch", "rad/s", smooth + "+imu");
        }
    }

    public override void Sample(StreamSet streams, ref FeatureWriter w)
    {
        OdometryStream odom = streams.Odometry!;
        w.Write(odom.Speed, odom);
        w.Write(odom.YawRate, odom);
        w.Write(odom.Acceleration.Value, odom, odom.Acceleration.Ready);
        w.Write(odom.YawAcceleration.Value, odom, odom.YawAcceleration.Ready);
        w.Write(odom.Jerk.Value, odom, odom.Jerk.Ready);
        if (hasImu)
        {
            // Wheels that spin or slide report an acceleration that the body does not feel.
            w.Write(Math.Abs(odom.Acceleration.Value - streams.Imu!.Forward), odom, streams.Imu, odom.Acceleration.Ready);
        }

        if (hasGyro)
        {
            w.Write(Math.Abs(odom.YawRateMean.Value - streams.Imu!.YawRateMean.Value), odom, streams.Imu);
        }
    }
}
