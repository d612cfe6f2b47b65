namespace QDistill.Features;

/// <summary>Whether a bumper is pressed, and for how long none has been.</summary>
internal sealed class ContactGroup : FeatureGroup
{
    private const double AgeCap = 10;

    public override void Describe(SchemaBuilder schema)
    {
        schema.Add("contact.pressed", "1", "contact");
        schema.Add("contact.since", "s", $"contact(cap={FeatureGroupsConfig.Number(AgeCap)})");
    }

    public override void Sample(StreamSet streams, ref FeatureWriter w)
    {
        ContactStream? fresh = null;
        bool pressed = false;
        long last = long.MinValue;
        foreach (ContactStream c in streams.Contacts)
        {
            if (c.Fresh)
            {
                fresh = fresh is null || c.LastNs < fresh.LastNs ? c : fresh;
                pressed |= c.Pressed;
                last = Math.Max(last, c.LastPressedNs);
            }
        }

        w.Write(pressed ? 1 : 0, fresh);
        w.Write(last == long.MinValue ? AgeCap : Math.Min(AgeCap, (w.TimeNs - last) * 1e-9), fresh);
    }
}

/// <summary>Attitude, velocities and set-point error of a flying body.</summary>
internal sealed class DroneGroup(DroneFeaturesConfig config, bool hasPose, bool hasSetPoint) : FeatureGroup
{
    public override void Describe(SchemaBuilder schema)
    {
        string source = hasPose ? "pose" : "odom";
        string smooth = $"{source}(smoothing={FeatureGroupsConfig.Number(config.Smoothing)})";
        schema.Add("drone.roll", "rad", source);
        schema.Add("drone.pitch", "rad", source);
        schema.Add("drone.tilt", "rad", source);
        schema.Add("drone.altitude", "m", source);
        schema.Add("drone.vertical_speed", "m/s", smooth);
        schema.Add("drone.horizontal_speed", "m/s", smooth);
        schema.Add("drone.speed", "m/s", smooth);
        schema.Add("drone.yaw_rate", "rad/s", smooth);
        schema.Add("drone.turn_rate", "rad/s", smooth);
        if (hasSetPoint)
        {
            schema.Add("drone.setpoint_error", "m", source + "+setpoint");
            schema.Add("drone.setpoint_error_vertical", "m", source + "+setpoint");
        }

        if (config.Home is { } home)
        {
            schema.Add("drone.home_distance", "m", $"{source}(home={FeatureGroupsConfig.Number(home.X)}/{FeatureGroupsConfig.Number(home.Y)})");
        }
    }

    public override void Sample(StreamSet streams, ref FeatureWriter w)
    {
        SourceStream source = hasPose ? streams.Pose! : streams.Odometry!;
        PoseTracker t = hasPose ? streams.Pose!.Tracker : streams.Odometry!.Tracker!;
        w.Write(t.Roll, source);
        w.Write(t.Pitch, source);
        w.Write(t.Tilt, source);
        w.Write(t.Z, source);
        w.Write(t.VerticalSpeed, source, t.Moving);
        w.Write(t.HorizontalSpeed, source, t.Moving);
        w.Write(t.Speed, source, t.Moving);
        w.Write(t.YawRate, source, t.Moving);
        w.Write(t.TurnRate, source, t.Moving);
        if (hasSetPoint)
        {
            SetPointStream set = streams.SetPoint!;
            double dx = set.X - t.X, dy = set.Y - t.Y, dz = set.Z - t.Z;
            w.Write(Math.Sqrt((dx * dx) + (dy * dy) + (dz * dz)), source, set);
            w.Write(dz, source, set);
        }

        if (config.Home is { } home)
        {
            double hx = t.X - home.X, hy = t.Y - home.Y;
            w.Write(Math.Sqrt((hx * hx) + (hy * hy)), source);
        }
    }
}

/// <summary>Distance of a single-beam sensor, and its closing speed.</summary>
internal sealed class RangeGroup(RangeFeaturesConfig config) : FeatureGroup
{
    public override void Describe(SchemaBuilder schema)
    {
        schema.Add("range.distance", "m", $"range(cap={FeatureGroupsConfig.Number(config.Cap)})");
        schema.Add("range.closing", "m/s", $"range(smoothing={FeatureGroupsConfig.Number(config.Smoothing)})");
    }

    public override void Sample(StreamSet streams, ref FeatureWriter w)
    {
        RangeStream range = streams.Range!;
        w.Write(range.Distance, range);
        w.Write(range.Closing.Value, range, range.Closing.Known);
    }
}

/// <summary>Battery state; what a battery does not measure stays invalid.</summary>
internal sealed class BatteryGroup : FeatureGroup
{
    public override void Describe(SchemaBuilder schema)
    {
        schema.Add("battery.voltage", "V", "battery");
        schema.Add("battery.current", "A", "battery");
        schema.Add("battery.charge", "1", "battery");
    }

    public override void Sample(StreamSet streams, ref FeatureWriter w)
    {
        BatteryStream battery = streams.Battery!;
        w.Write(battery.Last.Voltage, battery);
        w.Write(battery.Last.Current, battery);
        w.Write(battery.Last.Charge, battery);
    }
}
