using QDistill.Configuration;

namespace QDistill.Simulation;

/// <summary>Everything about the simulated world and vehicle that can be chosen; each default is the demo's. Lengths in m, times in s, angles in rad.</summary>
public sealed record SimulationConfig
{
    /// <summary>Side lengths of the hall are drawn between these [m].</summary>
    public (double Least, double Most) RoomSize { get; init; } = (7, 11);

    /// <summary>Free-standing walls (partitions) with passages beside them.</summary>
    public int Partitions { get; init; } = 3;

    /// <summary>Boxes and crates of any orientation.</summary>
    public int Boxes { get; init; } = 6;

    /// <summary>Thin posts.</summary>
    public int Posts { get; init; } = 4;

    /// <summary>In one world of twenty: obstacles lower than the lidar's plane (pallets, forks): never seen, but on rough floor, which the inertial unit feels.</summary>
    public int LowObstacles { get; init; } = 1;

    /// <summary>People who walk about.</summary>
    public int People { get; init; } = 2;

    /// <summary>Walking speeds are drawn between these [m/s].</summary>
    public (double Least, double Most) WalkingSpeed { get; init; } = (0.3, 0.9);

    /// <summary>The share of people who do not look out for the vehicle.</summary>
    public double HeedlessShare { get; init; } = 0.05;

    /// <summary>Vehicle length [m].</summary>
    public double Length { get; init; } = 0.6;

    /// <summary>Vehicle width [m].</summary>
    public double Width { get; init; } = 0.4;

    /// <summary>Greatest speed that the driver asks for [m/s].</summary>
    public double MaxSpeed { get; init; } = 0.8;

    /// <summary>Greatest yaw rate that the driver asks for [rad/s].</summary>
    public double MaxYawRate { get; init; } = 1.4;

    /// <summary>Greatest acceleration of the wheels [m/s²].</summary>
    public double Acceleration { get; init; } = 0.8;

    /// <summary>Greatest deceleration of the wheels [m/s²].</summary>
    public double Deceleration { get; init; } = 1.2;

    /// <summary>Greatest yaw acceleration [rad/s²].</summary>
    public double YawAcceleration { get; init; } = 3;

    /// <summary>From a command to its first effect [s].</summary>
    public double ActuationDelay { get; init; } = 0.1;

    /// <summary>Standard deviation of wheel slip, as a share of speed.</summary>
    public double Slip { get; init; } = 0.02;

    /// <summary>Mean length of attentive driving [s].</summary>
    public double AttentiveSpan { get; init; } = 2.5;

    /// <summary>How much an attentive hand corrects, standard deviation at full speed [rad/s].</summary>
    public double Corrections { get; init; } = 0.15;

    /// <summary>Thoughts wander only while the way is free for more than this [m].</summary>
    public double ClearWay { get; init; } = 1.4;

    /// <summary>Mean length of distraction: the command is held whatever comes [s].</summary>
    public double DistractedSpan { get; init; } = 4;

    /// <summary>Mean length of haste: faster, with thin margins and late looks [s].</summary>
    public double HastySpan { get; init; } = 8;

    /// <summary>The share of lapses that are haste rather than distraction.</summary>
    public double HastyShare { get; init; } = 0.35;

    /// <summary>The share of goals that are driven right up to, as when docking: short time to collision without a collision.</summary>
    public double DockingShare { get; init; } = 0.45;

    /// <summary>Beams of the lidar, over a full turn.</summary>
    public int Beams { get; init; } = 360;

    /// <summary>Reach of the lidar [m].</summary>
    public double LidarRange { get; init; } = 8;

    /// <summary>Standard deviation of a range [m].</summary>
    public double LidarNoise { get; init; } = 0.01;

    /// <summary>Chance that a beam returns nothing.</summary>
    public double LidarDropout { get; init; } = 0.005;

    /// <summary>Rates of the topics [Hz].</summary>
    public double ScanRate { get; init; } = 10;

    /// <summary>Odometry rate [Hz].</summary>
    public double OdometryRate { get; init; } = 50;

    /// <summary>Inertial rate [Hz].</summary>
    public double ImuRate { get; init; } = 100;

    /// <summary>Command and bumper rate [Hz].</summary>
    public double CommandRate { get; init; } = 20;

    /// <summary>Relative standard deviation of the odometry's fixed scale error.</summary>
    public double OdometryScaleError { get; init; } = 0.02;

    /// <summary>Standard deviation of the accelerometer's noise at rest [m/s²].</summary>
    public double AccelerometerNoise { get; init; } = 0.05;

    /// <summary>Standard deviation of the accelerometer's fixed bias [m/s²].</summary>
    public double AccelerometerBias { get; init; } = 0.08;

    /// <summary>Standard deviation of the gyroscope's noise [rad/s].</summary>
    public double GyroscopeNoise { get; init; } = 0.004;

    /// <summary>Standard deviation of the gyroscope's fixed bias [rad/s].</summary>
    public double GyroscopeBias { get; init; } = 0.003;

    /// <summary>Vibration at 1 m/s on smooth floor, standard deviation [m/s²].</summary>
    public double Vibration { get; init; } = 0.35;

    /// <summary>How much stronger vibration is on rough floor.</summary>
    public double RoughFloor { get; init; } = 5;

    /// <summary>Whether /clock is published (100 Hz).</summary>
    public bool Clock { get; init; }

    /// <summary>The time of the first message [ns since the epoch].</summary>
    public long StartNs { get; init; } = 1_767_225_600_000_000_000;

    /// <summary>Loads a YAML file; keys that are absent keep their defaults, unknown ones are refused.</summary>
    /// <exception cref="UserErrorException">The file is unreadable or a value is unknown or out of range.</exception>
    public static SimulationConfig Load(string path) => Read(ConfigFile.Load(path));

    /// <summary>Parses YAML text; <paramref name="name"/> stands for the file in errors.</summary>
    /// <exception cref="UserErrorException">As for <see cref="Load"/>.</exception>
    public static SimulationConfig Parse(string yaml, string name = "simulation.yaml") => Read(ConfigFile.Parse(yaml, name));

    private static SimulationConfig Read(ConfigSection top)
    {
        var d = new SimulationConfig();
        ConfigSection? world = top.OptionalSection("world"), vehicle = top.OptionalSection("vehicle"), driver = top.OptionalSection("driver"), sensors = top.OptionalSection("sensors");
        double At(ConfigSection? s, string key, double otherwise, double min, double max) => s?.Double(key, otherwise, min, max) ?? otherwise;
        (double, double) Between(ConfigSection? s, string key, (double Least, double Most) otherwise, double min, double max)
        {
            if (s is null || !s.Has(key))
            {
                _ = s?.Doubles(key);
                return otherwise;
            }

            IReadOnlyList<double> pair = s.Doubles(key);
            return pair.Count == 2 && pair[0] >= min && pair[1] <= max && pair[0] <= pair[1]
                ? (pair[0], pair[1])
                : throw s.Error(key, $"must be two numbers [least, most] within {min} and {max}");
        }

        var config = new SimulationConfig
        {
            RoomSize = Between(world, "room_size", d.RoomSize, 4, 200),
            Partitions = (int)(world?.Int("partitions", d.Partitions, 0, 100) ?? d.Partitions),
            Boxes = (int)(world?.Int("boxes", d.Boxes, 0, 1000) ?? d.Boxes),
            Posts = (int)(world?.Int("posts", d.Posts, 0, 1000) ?? d.Posts),
            LowObstacles = (int)(world?.Int("low_obstacles", d.LowObstacles, 0, 1000) ?? d.LowObstacles),
            People = (int)(world?.Int("people", d.People, 0, 200) ?? d.People),
            WalkingSpeed = Between(world, "walking_speed", d.WalkingSpeed, 0, 3),
            HeedlessShare = At(world, "heedless_share", d.HeedlessShare, 0, 1),
            RoughFloor = At(world, "rough_floor", d.RoughFloor, 1, 100),
            Length = At(vehicle, "length", d.Length, 0.1, 5),
            Width = At(vehicle, "width", d.Width, 0.1, 5),
            MaxSpeed = At(vehicle, "max_speed", d.MaxSpeed, 0.1, 5),
            MaxYawRate = At(vehicle, "max_yaw_rate", d.MaxYawRate, 0.1, 10),
            Acceleration = At(vehicle, "acceleration", d.Acceleration, 0.05, 20),
            Deceleration = At(vehicle, "deceleration", d.Deceleration, 0.05, 20),
            YawAcceleration = At(vehicle, "yaw_acceleration", d.YawAcceleration, 0.05, 100),
            ActuationDelay = At(vehicle, "actuation_delay", d.ActuationDelay, 0, 2),
            Slip = At(vehicle, "slip", d.Slip, 0, 0.5),
            AttentiveSpan = At(driver, "attentive_span", d.AttentiveSpan, 0.1, 1e6),
            Corrections = At(driver, "corrections", d.Corrections, 0, 1),
            ClearWay = At(driver, "clear_way", d.ClearWay, 0, 2),
            DistractedSpan = At(driver, "distracted_span", d.DistractedSpan, 0.1, 1e6),
            HastySpan = At(driver, "hasty_span", d.HastySpan, 0.1, 1e6),
            HastyShare = At(driver, "hasty_share", d.HastyShare, 0, 1),
            DockingShare = At(driver, "docking_share", d.DockingShare, 0, 1),
            Beams = (int)(sensors?.Int("beams", d.Beams, 4, 10000) ?? d.Beams),
            LidarRange = At(sensors, "lidar_range", d.LidarRange, 0.5, 200),
            LidarNoise = At(sensors, "lidar_noise", d.LidarNoise, 0, 1),
            LidarDropout = At(sensors, "lidar_dropout", d.LidarDropout, 0, 1),
            ScanRate = At(sensors, "scan_rate", d.ScanRate, 0.5, 100),
            OdometryRate = At(sensors, "odometry_rate", d.OdometryRate, 1, 200),
            ImuRate = At(sensors, "imu_rate", d.ImuRate, 1, 200),
            CommandRate = At(sensors, "command_rate", d.CommandRate, 1, 100),
            OdometryScaleError = At(sensors, "odometry_scale_error", d.OdometryScaleError, 0, 0.5),
            AccelerometerNoise = At(sensors, "accelerometer_noise", d.AccelerometerNoise, 0, 10),
            AccelerometerBias = At(sensors, "accelerometer_bias", d.AccelerometerBias, 0, 10),
            GyroscopeNoise = At(sensors, "gyroscope_noise", d.GyroscopeNoise, 0, 1),
            GyroscopeBias = At(sensors, "gyroscope_bias", d.GyroscopeBias, 0, 1),
            Vibration = At(sensors, "vibration", d.Vibration, 0, 20),
            Clock = top.Bool("clock", d.Clock),
            StartNs = top.Int("start_ns", d.StartNs, 0),
        };
        top.RejectUnknownKeys();
        return config;
    }
}
