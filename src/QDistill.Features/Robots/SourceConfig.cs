using QDistill.Configuration;

namespace QDistill.Features;

/// <summary>Which of a message's two times counts as its stamp.</summary>
public enum StampPolicy
{
    /// <summary>The header's stamp while it is plausible (<see cref="FusionConfig.StampTolerance"/>), else the receipt time. The default.</summary>
    Auto,

    /// <summary>The header's stamp, always.</summary>
    Header,

    /// <summary>The receipt time (offline: the bag's log time), always.</summary>
    Receipt,
}

/// <summary>One input topic of a robot.</summary>
public sealed record SourceConfig
{
    /// <summary>The source's name in the file: the role itself, unless a role has several sources.</summary>
    public required string Name { get; init; }

    /// <summary>What the topic is for.</summary>
    public required SourceRole Role { get; init; }

    /// <summary>The topic.</summary>
    public required string Topic { get; init; }

    /// <summary>The message type, such as <c>sensor_msgs/msg/LaserScan</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Whether the file names the type; when it does not, a bag's own type is taken if the role understands it.</summary>
    public bool TypeIsGiven { get; init; }

    /// <summary>After this many seconds [s] without a newer message the source is stale and its features are marked invalid.</summary>
    public double Timeout { get; init; }

    /// <summary>Which time counts as the message's stamp.</summary>
    public StampPolicy Stamp { get; init; }

    /// <summary>Where the sensor sits.</summary>
    public Mount Mount { get; init; }

    /// <summary>
    /// Contact: the message is a contact while any of these fields exceeds <see cref="Threshold"/> (an array counts by its length). Custom types of other roles: acceleration
    /// x, y, z; distance; position x, y, z; voltage, current and charge of a battery.
    /// </summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>Custom IMU: the names of the three angular-rate fields; empty when it has none.</summary>
    public IReadOnlyList<string> RateFields { get; init; } = [];

    /// <summary>Custom types: the field that counts the sender's own time, from any origin; null when receipt times (or a header) must do.</summary>
    public string? StampField { get; init; }

    /// <summary>The unit of <see cref="StampField"/> [s].</summary>
    public double StampUnit { get; init; } = 1e-6;

    /// <summary>Custom pose: the names of the four fields of the attitude's quaternion, x, y, z, w; empty when it has none.</summary>
    public IReadOnlyList<string> OrientationFields { get; init; } = [];

    /// <summary>Custom pose or set-point: whether it is given north-east-down with the body forward-right-down (PX4) rather than by REP-103.</summary>
    public bool NorthEastDown { get; init; }

    /// <summary>Contact: the value above which a field means contact.</summary>
    public double Threshold { get; init; }

    /// <summary>Custom IMU or range: what a field is multiplied with to give SI units (9.80665 for g).</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Contact: false when messages come only while there is contact, so that silence means no contact rather than a dead source.</summary>
    public bool Continuous { get; init; } = true;

    /// <summary>Whether onboard and offline runs can do without the topic.</summary>
    public bool Optional { get; init; }

    /// <summary>Odometry: whether velocities are taken from the twist or differentiated from the pose.</summary>
    public bool VelocityFromPose { get; init; }

    /// <summary>The types a role understands without a field list; the first is the role's default.</summary>
    internal static IReadOnlyList<string> KnownTypes(SourceRole role) => role switch
    {
        SourceRole.Scan => ["sensor_msgs/msg/LaserScan"],
        SourceRole.Odom => ["nav_msgs/msg/Odometry"],
        SourceRole.Imu => ["sensor_msgs/msg/Imu"],
        SourceRole.CmdVel => ["geometry_msgs/msg/Twist", "geometry_msgs/msg/TwistStamped"],
        SourceRole.Contact => ["std_msgs/msg/Bool"],
        SourceRole.Pose => ["geometry_msgs/msg/PoseStamped", "geometry_msgs/msg/Pose", "geometry_msgs/msg/PoseWithCovarianceStamped"],
        SourceRole.SetPoint => ["geometry_msgs/msg/PoseStamped", "geometry_msgs/msg/Pose", "geometry_msgs/msg/PointStamped", "geometry_msgs/msg/Point"],
        SourceRole.Range => ["sensor_msgs/msg/Range"],
        SourceRole.Battery => ["sensor_msgs/msg/BatteryState"],
        SourceRole.Image => ["sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage"],
        SourceRole.Depth => ["sensor_msgs/msg/Image"],
        _ => throw new ArgumentOutOfRangeException(nameof(role)),
    };

    internal static SourceConfig Read(string name, ConfigSection section)
    {
        string roleName = section.Choice("role", [.. RoleNames.Keys], RoleNames.ContainsKey(name) ? name : null);
        SourceRole role = RoleNames[roleName];
        IReadOnlyList<string> known = KnownTypes(role);
        string? type = section.OptionalString("type");
        IReadOnlyList<string> fields = section.Strings("fields");
        bool custom = type is not null && !known.Contains(type);
        if (custom && role is not (SourceRole.Contact or SourceRole.Imu or SourceRole.Range or SourceRole.Pose or SourceRole.SetPoint or SourceRole.Battery))
        {
            throw section.Error("type", $"{roleName} does not understand {type}", $"it understands {string.Join(", ", known)}");
        }

        bool place = role is SourceRole.Pose or SourceRole.SetPoint;
        int needed = place || role == SourceRole.Imu ? 3 : 1;
        if (custom && fields.Count < needed)
        {
            throw section.Error("fields", $"{roleName} of type {type} needs {(place ? "the three fields of the position" : needed == 3 ? "the three acceleration fields" : "at least one field")}", "name them, for example fields: [left_front, right_front]");
        }

        if (!custom && fields.Count > 0 && role != SourceRole.Contact)
        {
            throw section.Error("fields", $"are only for custom types, and {type ?? known[0]} is read as it is");
        }

        // A key is only known where it means something, so that a misplaced one is refused like a misspelt one.
        bool contact = role == SourceRole.Contact;
        var source = new SourceConfig
        {
            Name = name,
            Role = role,
            Topic = section.String("topic"),
            Type = type ?? known[0],
            TypeIsGiven = type is not null,
            Timeout = section.Double("timeout", DefaultTimeout(role), min: 0.001, max: 3600),
            Stamp = section.Choice("stamp", ["auto", "header", "receipt"], "auto") switch
            {
                "header" => StampPolicy.Header,
                "receipt" => StampPolicy.Receipt,
                _ => StampPolicy.Auto,
            },
            Mount = role is SourceRole.Scan or SourceRole.Imu ? Mount.Read(section.OptionalSection("mount")) : default,
            Fields = fields.Count > 0 ? fields : contact ? ["data"] : [],
            RateFields = custom && role == SourceRole.Imu ? section.Strings("rate_fields") : [],
            OrientationFields = custom && role == SourceRole.Pose ? section.Strings("orientation_fields") : [],
            NorthEastDown = custom && place && section.Choice("frame", ["enu", "ned"], "enu") == "ned",
            StampField = custom ? section.OptionalString("stamp_field") : null,
            StampUnit = custom ? section.Double("stamp_unit", 1e-6, 1e-9, 1) : 1e-6,
            Threshold = contact ? section.Double("threshold", 0) : 0,
            Scale = custom && role is SourceRole.Imu or SourceRole.Range ? section.Double("scale", 1) : 1,
            Continuous = !contact || section.Bool("continuous", true),
            Optional = section.Bool("optional", false),
            VelocityFromPose = role == SourceRole.Odom && section.Choice("velocity", ["twist", "pose"], "twist") == "pose",
        };
        if (source.RateFields.Count is not (0 or 3))
        {
            throw section.Error("rate_fields", "must name three fields (x, y, z) or be absent");
        }

        if (source.OrientationFields.Count is not (0 or 4))
        {
            throw section.Error("orientation_fields", "must name four fields (x, y, z, w) or be absent");
        }

        return source.Topic.StartsWith('/') ? source : throw section.Error("topic", $"'{source.Topic}' is not an absolute topic name", $"write /{source.Topic}");
    }

    internal static readonly IReadOnlyDictionary<string, SourceRole> RoleNames = new Dictionary<string, SourceRole>(StringComparer.Ordinal)
    {
        ["scan"] = SourceRole.Scan,
        ["odom"] = SourceRole.Odom,
        ["imu"] = SourceRole.Imu,
        ["cmd_vel"] = SourceRole.CmdVel,
        ["contact"] = SourceRole.Contact,
        ["pose"] = SourceRole.Pose,
        ["setpoint"] = SourceRole.SetPoint,
        ["range"] = SourceRole.Range,
        ["battery"] = SourceRole.Battery,
        ["image"] = SourceRole.Image,
        ["depth"] = SourceRole.Depth,
    };

    internal static string NameOf(SourceRole role) => RoleNames.First(p => p.Value == role).Key;

    private static double DefaultTimeout(SourceRole role) => role switch
    {
        SourceRole.CmdVel => 1.0,
        SourceRole.SetPoint => 2.0,
        SourceRole.Battery => 10.0,
        SourceRole.Imu => 0.25,
        _ => 0.5,
    };
}
