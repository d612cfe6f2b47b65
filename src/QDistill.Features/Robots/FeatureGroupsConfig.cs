using System.Globalization;
using QDistill.Configuration;

namespace QDistill.Features;

/// <summary>Parameters of the odometry features.</summary>
public sealed record MotionFeaturesConfig
{
    /// <summary>Time constant of accelerations, jerk and mismatches [s].</summary>
    public double Smoothing { get; init; } = 0.2;
}

/// <summary>Parameters of the inertial features.</summary>
public sealed record ImuFeaturesConfig
{
    /// <summary>Time constant of accelerations and rates [s].</summary>
    public double Smoothing { get; init; } = 0.2;

    /// <summary>Between gravity with slow motion, and the low vibration band [Hz].</summary>
    public double LowCrossover { get; init; } = 1;

    /// <summary>Between the low and the high vibration band [Hz].</summary>
    public double HighCrossover { get; init; } = 8;

    /// <summary>Whether the vibration of the angular rates is a feature too.</summary>
    public bool RateVibration { get; init; }

    /// <summary>Time constant of vibration power and of the decay of shocks [s].</summary>
    public double Window { get; init; } = 0.3;
}

/// <summary>Parameters of the lidar features.</summary>
public sealed record LidarFeaturesConfig
{
    /// <summary>How many equal sectors; the first is centred ahead.</summary>
    public int Sectors { get; init; } = 12;

    /// <summary>Clearances and distances are given up to this [m].</summary>
    public double Cap { get; init; } = 4;

    /// <summary>Times to collision are given up to this [s].</summary>
    public double TimeCap { get; init; } = 6;

    /// <summary>Beams nearer than this count as clutter [m].</summary>
    public double ClutterRadius { get; init; } = 0.8;

    /// <summary>A gap is a run of beams that reach further than this [m].</summary>
    public double GapRange { get; init; } = 1.5;

    /// <summary>Returns deeper than this inside the footprint come from the robot itself and are dropped [m].</summary>
    public double SelfFilter { get; init; } = 0.05;

    /// <summary>How much wider than the footprint, on either side, the corridor ahead is [m].</summary>
    public double CorridorMargin { get; init; } = 0.05;

    /// <summary>Time constant of closing speeds [s].</summary>
    public double Smoothing { get; init; } = 0.2;

    /// <summary>The greatest speed that an obstacle itself is believed to have [m/s]; faster changes are another object coming into view.</summary>
    public double ObstacleSpeed { get; init; } = 2.5;

    /// <summary>Whether the driver writes 0 for "nothing within reach" rather than for an error.</summary>
    public bool ZeroIsFree { get; init; }
}

/// <summary>Parameters of the drone features.</summary>
public sealed record DroneFeaturesConfig
{
    /// <summary>Time constant of velocities and rates [s].</summary>
    public double Smoothing { get; init; } = 0.1;

    /// <summary>Where the distance from home is measured from, in the frame of the poses [m]; null when it is not wanted.</summary>
    public (double X, double Y)? Home { get; init; }
}

/// <summary>Parameters of the single-beam range features.</summary>
public sealed record RangeFeaturesConfig
{
    /// <summary>Distances are given up to this [m].</summary>
    public double Cap { get; init; } = 10;

    /// <summary>Time constant of the closing speed [s].</summary>
    public double Smoothing { get; init; } = 0.2;

    /// <summary>Changes faster than this are another object coming into view [m/s].</summary>
    public double Jump { get; init; } = 10;
}

/// <summary>Parameters of the image features.</summary>
public sealed record VisionFeaturesConfig
{
    /// <summary>Every image is first averaged into this many columns, so that the features do not depend on the camera's resolution.</summary>
    public int Columns { get; init; } = 160;

    /// <summary>Every image is first averaged into this many rows.</summary>
    public int Rows { get; init; } = 120;

    /// <summary>An edge is a gradient of at least this many grey levels (of 255) per working pixel.</summary>
    public double EdgeStep { get; init; } = 12;

    /// <summary>Time constant of the looming [s].</summary>
    public double Smoothing { get; init; } = 0.2;

    /// <summary>Times to contact are given up to this [s].</summary>
    public double TimeCap { get; init; } = 10;
}

/// <summary>Parameters of the depth-image features.</summary>
public sealed record DepthFeaturesConfig
{
    /// <summary>How many vertical strips.</summary>
    public int Sectors { get; init; } = 5;

    /// <summary>Distances are given up to this [m].</summary>
    public double Cap { get; init; } = 5;

    /// <summary>Anything nearer than this is not believed [m]: the sensor's own near limit.</summary>
    public double MinRange { get; init; } = 0.05;

    /// <summary>The share of a strip's pixels that may be nearer than its distance, against speckle.</summary>
    public double Quantile { get; init; } = 0.01;

    /// <summary>The upper edge of the rows looked at, as a share of the height: less sees the ceiling.</summary>
    public double Top { get; init; } = 0.2;

    /// <summary>The lower edge of the rows looked at, as a share of the height: more sees the floor.</summary>
    public double Bottom { get; init; } = 0.6;
}

/// <summary>Which feature groups a robot computes, and their parameters; null groups are off.</summary>
public sealed record FeatureGroupsConfig
{
    /// <summary>Speeds and accelerations from odometry.</summary>
    public MotionFeaturesConfig? Motion { get; init; }

    /// <summary>Inertial features.</summary>
    public ImuFeaturesConfig? Imu { get; init; }

    /// <summary>Clearance, closing speed, time to collision.</summary>
    public LidarFeaturesConfig? Lidar { get; init; }

    /// <summary>The command in force, and how far the motion is from it.</summary>
    public bool Command { get; init; }

    /// <summary>Whether there is contact, and for how long there has been none.</summary>
    public bool Contact { get; init; }

    /// <summary>Attitude, velocities and set-point error of a flying body.</summary>
    public DroneFeaturesConfig? Drone { get; init; }

    /// <summary>Single-beam distance.</summary>
    public RangeFeaturesConfig? Range { get; init; }

    /// <summary>Battery state.</summary>
    public bool Battery { get; init; }

    /// <summary>Brightness, contrast, edges, blur and looming of a camera image.</summary>
    public VisionFeaturesConfig? Vision { get; init; }

    /// <summary>Distances in strips of a depth image.</summary>
    public DepthFeaturesConfig? Depth { get; init; }

    /// <summary>Reads the <c>features</c> mapping; when it is absent, every group is on whose sources the robot has, except contact.</summary>
    internal static FeatureGroupsConfig Read(ConfigSection? section, IReadOnlyList<SourceConfig> sources)
    {
        bool Has(SourceRole role) => sources.Any(s => s.Role == role);
        if (section is null)
        {
            return new FeatureGroupsConfig
            {
                Motion = Has(SourceRole.Odom) ? new() : null,
                Imu = Has(SourceRole.Imu) ? new() : null,
                Lidar = Has(SourceRole.Scan) ? new() : null,
                Command = Has(SourceRole.CmdVel),
                Drone = Has(SourceRole.Pose) ? new() : null,
                Range = Has(SourceRole.Range) ? new() : null,
                Battery = Has(SourceRole.Battery),
                Vision = Has(SourceRole.Image) ? new() : null,
                Depth = Has(SourceRole.Depth) ? new() : null,
            };
        }

        // "motion:" with nothing after it means its defaults, as "motion: {}" does.
        bool On(string key, params SourceRole[] anyOf)
        {
            section.OptionalSection(key); // known, and nothing but a mapping
            bool named = section.Keys.Contains(key);
            return !named || anyOf.Any(Has) ? named
                : throw section.Error(key, $"needs a source of role {string.Join(" or ", anyOf.Select(SourceConfig.NameOf))}", "add it under sources");
        }

        return new FeatureGroupsConfig
        {
            Motion = On("motion", SourceRole.Odom) ? ReadMotion(section.OptionalSection("motion")) : null,
            Imu = On("imu", SourceRole.Imu) ? ReadImu(section.OptionalSection("imu")) : null,
            Lidar = On("lidar", SourceRole.Scan) ? ReadLidar(section.OptionalSection("lidar")) : null,
            Command = On("command", SourceRole.CmdVel),
            Contact = On("contact", SourceRole.Contact),
            Drone = On("drone", SourceRole.Pose, SourceRole.Odom) ? ReadDrone(section.OptionalSection("drone")) : null,
            Range = On("range", SourceRole.Range) ? ReadRange(section.OptionalSection("range")) : null,
            Battery = On("battery", SourceRole.Battery),
            Vision = On("vision", SourceRole.Image) ? ReadVision(section.OptionalSection("vision")) : null,
            Depth = On("depth", SourceRole.Depth) ? ReadDepth(section.OptionalSection("depth")) : null,
        };
    }

    internal static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static MotionFeaturesConfig ReadMotion(ConfigSection? s) => s is null ? new() : new() { Smoothing = s.Double("smoothing", 0.2, 0, 10) };

    private static ImuFeaturesConfig ReadImu(ConfigSection? s)
    {
        var d = new ImuFeaturesConfig();
        return s is null ? d : new ImuFeaturesConfig
        {
            Smoothing = s.Double("smoothing", d.Smoothing, 0, 10),
            LowCrossover = s.Double("low_crossover", d.LowCrossover, 0.01, 1000),
            HighCrossover = s.Double("high_crossover", d.HighCrossover, 0.01, 1000),
            RateVibration = s.Bool("rate_vibration", false),
            Window = s.Double("window", d.Window, 0.01, 10),
        };
    }

    private static LidarFeaturesConfig ReadLidar(ConfigSection? s)
    {
        var d = new LidarFeaturesConfig();
        return s is null ? d : new LidarFeaturesConfig
        {
            Sectors = (int)s.Int("sectors", d.Sectors, 1, 120),
            Cap = s.Double("cap", d.Cap, 0.1, 200),
            TimeCap = s.Double("time_cap", d.TimeCap, 0.1, 60),
            ClutterRadius = s.Double("clutter_radius", d.ClutterRadius, 0, 100),
            GapRange = s.Double("gap_range", d.GapRange, 0, 100),
            SelfFilter = s.Double("self_filter", d.SelfFilter, 0, 10),
            CorridorMargin = s.Double("corridor_margin", d.CorridorMargin, 0, 10),
            Smoothing = s.Double("smoothing", d.Smoothing, 0, 10),
            ObstacleSpeed = s.Double("obstacle_speed", d.ObstacleSpeed, 0, 100),
            ZeroIsFree = s.Choice("zero", ["unknown", "free"], "unknown") == "free",
        };
    }

    private static DroneFeaturesConfig ReadDrone(ConfigSection? s) => s is null ? new() : new()
    {
        Smoothing = s.Double("smoothing", 0.1, 0, 10),
        Home = s.OptionalSection("home") is { } home ? (home.Double("x", 0), home.Double("y", 0)) : null,
    };

    private static RangeFeaturesConfig ReadRange(ConfigSection? s)
    {
        var d = new RangeFeaturesConfig();
        return s is null ? d : new RangeFeaturesConfig
        {
            Cap = s.Double("cap", d.Cap, 0.01, 1000),
            Smoothing = s.Double("smoothing", d.Smoothing, 0, 10),
            Jump = s.Double("jump", d.Jump, 0.01, 1000),
        };
    }

    private static VisionFeaturesConfig ReadVision(ConfigSection? s)
    {
        var d = new VisionFeaturesConfig();
        return s is null ? d : new VisionFeaturesConfig
        {
            Columns = (int)s.Int("columns", d.Columns, 16, 640),
            Rows = (int)s.Int("rows", d.Rows, 12, 480),
            EdgeStep = s.Double("edge_step", d.EdgeStep, 0.1, 255),
            Smoothing = s.Double("smoothing", d.Smoothing, 0, 10),
            TimeCap = s.Double("time_cap", d.TimeCap, 0.1, 60),
        };
    }

    private static DepthFeaturesConfig ReadDepth(ConfigSection? s)
    {
        var d = new DepthFeaturesConfig();
        DepthFeaturesConfig read = s is null ? d : new DepthFeaturesConfig
        {
            Sectors = (int)s.Int("sectors", d.Sectors, 1, 64),
            Cap = s.Double("cap", d.Cap, 0.1, 100),
            MinRange = s.Double("min_range", d.MinRange, 0, 10),
            Quantile = s.Double("quantile", d.Quantile, 0, 0.5),
            Top = s.Double("top", d.Top, 0, 1),
            Bottom = s.Double("bottom", d.Bottom, 0, 1),
        };
        return read.Top < read.Bottom && read.MinRange < read.Cap ? read
            : throw s!.Error(read.Top < read.Bottom ? "min_range" : "top", read.Top < read.Bottom ? "is not less than cap" : "is not above bottom: rows count from the image's upper edge");
    }
}
