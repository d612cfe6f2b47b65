namespace QDistill.Features;

/// <summary>
/// What the lidar sees: clearance to the footprint by sector, the zones ahead and how fast they close, free distance and time to collision along the commanded
/// and the measured arc, clutter and gaps.
/// </summary>
internal sealed class LidarGroup(LidarFeaturesConfig config, bool hasCommand, bool hasOdometry) : FeatureGroup
{
    /// <summary>Below this speed an arc has no direction of travel; the way straight ahead is looked at [m/s].</summary>
    private const double Creep = 0.02;

    public override void Describe(SchemaBuilder schema)
    {
        string cap = $"scan(cap={FeatureGroupsConfig.Number(config.Cap)})";
        schema.Add("lidar.clearance", "m", cap);
        for (int s = 0; s < config.Sectors; s++)
        {
            schema.Add($"lidar.sector_{FeatureGroupsConfig.Number(Math.Round(360.0 * s / config.Sectors, 1))}", "m", cap);
        }

        schema.Add("lidar.ahead", "m", cap);
        schema.Add("lidar.left", "m", cap);
        schema.Add("lidar.right", "m", cap);
        string smooth = $"scan(smoothing={FeatureGroupsConfig.Number(config.Smoothing)})";
        schema.Add("lidar.closing_ahead", "m/s", smooth);
        schema.Add("lidar.closing_left", "m/s", smooth);
        schema.Add("lidar.closing_right", "m/s", smooth);
        string time = $"time_cap={FeatureGroupsConfig.Number(config.TimeCap)}";
        if (hasCommand)
        {
            schema.Add("lidar.path", "m", cap + "+cmd_vel");
            schema.Add("lidar.ttc", "s", $"scan({time})+cmd_vel");
        }

        if (hasOdometry)
        {
            schema.Add("lidar.motion_path", "m", cap + "+odom");
            schema.Add("lidar.motion_ttc", "s", $"scan({time})+odom");
        }

        schema.Add("lidar.clutter", "1", $"scan(radius={FeatureGroupsConfig.Number(config.ClutterRadius)})");
        schema.Add("lidar.gap", "rad", $"scan(range={FeatureGroupsConfig.Number(config.GapRange)})");
        schema.Add("lidar.roughness", "m", cap);
        schema.Add("lidar.known", "1", "scan");
    }

    public override void Sample(StreamSet streams, ref FeatureWriter w)
    {
        ScanStream scan = streams.Scan!;
        w.Write(scan.Clearance, scan);
        foreach (double sector in scan.SectorClearance)
        {
            w.Write(sector, scan, !double.IsNaN(sector));
        }

        w.Write(scan.AheadDistance, scan);
        w.Write(scan.LeftDistance, scan);
        w.Write(scan.RightDistance, scan);
        w.Write(scan.Ahead.Value, scan, scan.Ahead.Known);
        w.Write(scan.Left.Value, scan, scan.Left.Known);
        w.Write(scan.Right.Value, scan, scan.Right.Known);
        if (hasCommand)
        {
            CommandStream command = streams.Command!;
            WritePath(ref w, scan, command, command.Linear, command.Angular);
        }

        if (hasOdometry)
        {
            OdometryStream odom = streams.Odometry!;
            WritePath(ref w, scan, odom, odom.Speed, odom.YawRate);
        }

        w.Write(scan.Clutter, scan);
        w.Write(scan.Gap, scan);
        w.Write(scan.Roughness, scan);
        w.Write(scan.Known, scan);
    }

    /// <summary>The free distance along an arc of the given curvature, and the time in which the speed covers it.</summary>
    private void WritePath(ref FeatureWriter w, ScanStream scan, SourceStream twist, double speed, double yawRate)
    {
        double path = 0, time = 0;
        if (scan.Fresh && twist.Fresh)
        {
            Footprint footprint = scan.Footprint;
            double v = Math.Abs(speed);
            if (v < Creep)
            {
                path = ArcCollision.TimeToContact(footprint, scan.X, scan.Y, 1, 0, config.Cap);
                time = ArcCollision.TimeToContact(footprint, scan.X, scan.Y, speed, yawRate, config.TimeCap);
            }
            else
            {
                // At unit speed along the same arc, time is distance.
                path = ArcCollision.TimeToContact(footprint, scan.X, scan.Y, Math.Sign(speed), yawRate / v, config.Cap);
                time = path / v;
            }
        }

        w.Write(Math.Min(path, config.Cap), scan, twist);
        w.Write(Math.Min(time, config.TimeCap), scan, twist);
    }
}
