namespace QDistill.Features;

/// <summary>Names under which constraints may speak of features without naming the group they come from.</summary>
public static class Signals
{
    // The first feature that the robot has is meant.
    private static readonly (string Alias, string[] Features)[] Known =
    [
        ("clearance", ["lidar.clearance", "depth.clearance", "range.distance"]),
        ("ttc", ["lidar.ttc"]),
        ("closing", ["lidar.closing_ahead", "range.closing"]),
        ("speed", ["motion.speed", "drone.speed"]),
        ("yaw_rate", ["motion.yaw_rate", "imu.yaw_rate", "drone.yaw_rate"]),
        ("acceleration", ["motion.acceleration"]),
        ("tilt", ["drone.tilt", "imu.tilt"]),
        ("altitude", ["drone.altitude"]),
        ("height", ["range.distance"]),
        ("home_distance", ["drone.home_distance"]),
        ("vertical_speed", ["drone.vertical_speed"]),
        ("setpoint_error", ["drone.setpoint_error"]),
        ("vibration", ["imu.vibration"]),
        ("slip", ["motion.slip"]),
        ("voltage", ["battery.voltage"]),
        ("charge", ["battery.charge"]),
    ];

    /// <summary>The position of a signal's feature in a schema, or −1.</summary>
    public static int Find(FeatureSchema schema, string signal)
    {
        int direct = schema.IndexOf(signal);
        if (direct >= 0)
        {
            return direct;
        }

        foreach ((string alias, string[] features) in Known)
        {
            if (alias == signal)
            {
                foreach (string feature in features)
                {
                    if (schema.IndexOf(feature) is >= 0 and var i)
                    {
                        return i;
                    }
                }
            }
        }

        return -1;
    }

    /// <summary>The aliases that mean something for a schema.</summary>
    public static IEnumerable<string> Aliases(FeatureSchema schema) => Known.Where(k => k.Features.Any(f => schema.IndexOf(f) >= 0)).Select(k => k.Alias);
}
