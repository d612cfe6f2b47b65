namespace QDistill.Features;

/// <summary>One group of features: what they are called, and how they follow from the streams at a moment.</summary>
internal abstract class FeatureGroup
{
    /// <summary>Adds the group's features to the schema, in the order in which <see cref="Sample"/> writes them.</summary>
    public abstract void Describe(SchemaBuilder schema);

    /// <summary>Writes the group's features from streams that have taken in everything up to the vector's time.</summary>
    public abstract void Sample(StreamSet streams, ref FeatureWriter writer);

    /// <summary>The groups that are on, in schema order.</summary>
    public static List<FeatureGroup> Create(FeatureGroupsConfig config, IReadOnlyList<SourceConfig> sources)
    {
        SourceConfig? imu = sources.FirstOrDefault(s => s.Role == SourceRole.Imu);
        bool gyro = imu is not null && ImuStream.HasGyro(imu);
        var groups = new List<FeatureGroup>();
        if (config.Motion is { } motion)
        {
            groups.Add(new MotionGroup(motion, imu is not null, gyro));
        }

        if (config.Imu is { } i)
        {
            groups.Add(new ImuGroup(i, gyro));
        }

        if (config.Command)
        {
            groups.Add(new CommandGroup(sources.Any(s => s.Role == SourceRole.Odom)));
        }

        if (config.Lidar is { } lidar)
        {
            groups.Add(new LidarGroup(lidar, sources.Any(s => s.Role == SourceRole.CmdVel), sources.Any(s => s.Role == SourceRole.Odom)));
        }

        if (config.Contact)
        {
            groups.Add(new ContactGroup());
        }

        if (config.Drone is { } drone)
        {
            groups.Add(new DroneGroup(drone, sources.Any(s => s.Role == SourceRole.Pose), sources.Any(s => s.Role == SourceRole.SetPoint)));
        }

        if (config.Range is { } range)
        {
            groups.Add(new RangeGroup(range));
        }

        if (config.Battery)
        {
            groups.Add(new BatteryGroup());
        }

        if (config.Vision is { } vision)
        {
            groups.Add(new VisionGroup(vision));
        }

        if (config.Depth is { } depth)
        {
            groups.Add(new DepthGroup(depth));
        }

        return groups;
    }
}

/// <summary>Writes features in schema order; a value whose sources are not all fresh stays 0 and invalid.</summary>
internal ref struct FeatureWriter(FeatureVector vector)
{
    private readonly FeatureVector vector = vector;
    private int next;
    private long oldest = long.MaxValue;

    /// <summary>How many features have been written or skipped.</summary>
    public readonly int Count => next;

    /// <summary>The oldest stamp behind a valid value [ns]; <see cref="long.MaxValue"/> when none is valid.</summary>
    public readonly long OldestNs => oldest;

    /// <summary>The vector's time [ns].</summary>
    public readonly long TimeNs => vector.StampNs;

    /// <summary>Writes the next feature from one source.</summary>
    public void Write(double value, SourceStream? source, bool known = true)
    {
        if (known && source is { Fresh: true })
        {
            Accept(value, source.LastNs);
        }

        next++;
    }

    /// <summary>Writes the next feature from two sources.</summary>
    public void Write(double value, SourceStream? first, SourceStream? second, bool known = true)
    {
        if (known && first is { Fresh: true } && second is { Fresh: true })
        {
            Accept(value, Math.Min(first.LastNs, second.LastNs));
        }

        next++;
    }

    private void Accept(double value, long stampNs)
    {
        vector.Set(next, value);
        if (vector.IsValid(next))
        {
            oldest = Math.Min(oldest, stampNs);
        }
    }
}

/// <summary>The streams of a robot by role; null where it has no such source.</summary>
internal sealed class StreamSet
{
    public OdometryStream? Odometry { get; init; }

    public ImuStream? Imu { get; init; }

    public ScanStream? Scan { get; init; }

    public CommandStream? Command { get; init; }

    public ContactStream[] Contacts { get; init; } = [];

    public PoseStream? Pose { get; init; }

    public SetPointStream? SetPoint { get; init; }

    public RangeStream? Range { get; init; }

    public BatteryStream? Battery { get; init; }

    public ImageStream? Image { get; init; }

    public DepthStream? Depth { get; init; }
}
