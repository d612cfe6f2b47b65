namespace QDistill.Features;

/// <summary>What the inertial unit feels: accelerations, tilt, vibration, shocks, rates.</summary>
internal sealed class ImuGroup(ImuFeaturesConfig config, bool hasGyro) : FeatureGroup
{
    public override void Describe(SchemaBuilder schema)
    {
        string smooth = $"imu(smoothing={FeatureGroupsConfig.Number(config.Smoothing)})";
        string bands = $"imu(bands={FeatureGroupsConfig.Number(config.LowCrossover)}/{FeatureGroupsConfig.Number(config.HighCrossover)},window={FeatureGroupsConfig.Number(config.Window)})";
        schema.Add("imu.acceleration_x", "m/s^2", smooth);
        schema.Add("imu.acceleration_y", "m/s^2", smooth);
        schema.Add("imu.tilt", "rad", bands);
        schema.Add("imu.vibration", "m/s^2", bands);
        schema.Add("imu.vibration_low", "m/s^2", bands);
        schema.Add("imu.vibration_high", "m/s^2", bands);
        schema.Add("imu.shock", "m/s^2", bands);
        if (hasGyro)
        {
            schema.Add("imu.yaw_rate", "rad/s", "imu");
            schema.Add("imu.roll_pitch_rate", "rad/s", "imu");
            if (config.RateVibration)
            {
                schema.Add("imu.rate_vibration", "rad/s", bands);
            }
        }
    }

    public override void Sample(StreamSet streams, ref FeatureWriter w)
    {
        ImuStream imu = streams.Imu!;
        w.Write(imu.Forward, imu);
        w.Write(imu.Lateral, imu);
        w.Write(imu.Tilt, imu);
        w.Write(imu.Vibration, imu);
        w.Write(imu.VibrationLow, imu);
        w.Write(imu.VibrationHigh, imu);
        w.Write(imu.Shock, imu);
        if (hasGyro)
        {
            w.Write(imu.YawRate, imu);
            w.Write(imu.RollPitchRate, imu);
            if (config.RateVibration)
            {
                w.Write(imu.RateVibration, imu);
            }
        }
    }
}
