using QDistill.Features;

namespace QDistill.Evaluation.Conditions;

/// <summary>One setting by which a sensor can be disturbed.</summary>
/// <param name="Key">Its key in a condition file.</param>
/// <param name="Most">The greatest value; the least is 0, or −<paramref name="Most"/> when <paramref name="Signed"/>.</param>
/// <param name="Meaning">What it does, with its unit.</param>
/// <param name="Signed">Whether it may be negative.</param>
/// <param name="IsMagnitude">Whether a condition's strength multiplies it; what describes another sensor (beams, range) it does not.</param>
internal sealed record SensorKnob(string Key, double Most, string Meaning, bool Signed = false, bool IsMagnitude = true)
{
    private static readonly SensorKnob[] Any =
    [
        new("dropout", 1, "share of messages lost"),
        new("dropout_length", 1e6, "mean number of messages lost in a row (Gilbert's channel); left out: losses are independent", IsMagnitude: false),
        new("latency", 60, "every message comes later by so many seconds; its header stamp stays"),
        new("jitter", 60, "and by up to so many seconds more, uniformly"),
    ];

    private static readonly SensorKnob[] Scan =
    [
        .. Any,
        new("noise", 100, "standard deviation of each range [m]"),
        new("noise_relative", 1, "standard deviation as a share of the range"),
        new("bias", 100, "added to each range [m]", Signed: true),
        new("scale", 0.9, "each range is longer by this share", Signed: true),
        new("beam_loss", 1, "share of beams lost anew in each scan (NaN: no measurement)"),
        new("dead_beams", 1, "share of beams lost for the whole recording"),
        new("sector_from", 360, "beams from this angle [deg, in the sensor's frame, counter-clockwise] …", Signed: true, IsMagnitude: false),
        new("sector_width", 360, "… over so many degrees are lost", IsMagnitude: false),
        new("beams", 1e6, "re-sampled to so many beams over the same field of view", IsMagnitude: false),
        new("range_max", 1e6, "nothing is seen beyond [m]", IsMagnitude: false),
        new("resolution", 10, "ranges are rounded to multiples of this [m]", IsMagnitude: false),
    ];

    private static readonly SensorKnob[] Odom =
    [
        .. Any,
        new("speed_noise", 100, "standard deviation of the linear velocity [m/s]"),
        new("speed_scale", 0.9, "speeds are greater by this share (a wrong wheel radius)", Signed: true),
        new("yaw_rate_noise", 100, "standard deviation of the yaw rate [rad/s]"),
        new("yaw_rate_bias", 100, "added to the yaw rate [rad/s]", Signed: true),
        new("position_noise", 100, "standard deviation of the position [m]"),
    ];

    private static readonly SensorKnob[] Imu =
    [
        .. Any,
        new("acceleration_noise", 1000, "standard deviation of each axis [m/s²]"),
        new("acceleration_bias", 1000, "added to each axis [m/s²]", Signed: true),
        new("rate_noise", 100, "standard deviation of each angular rate [rad/s]"),
        new("rate_bias", 100, "added to each angular rate [rad/s]", Signed: true),
    ];

    private static readonly SensorKnob[] Command =
    [
        .. Any,
        new("speed_noise", 100, "standard deviation of the commanded speed [m/s]"),
        new("yaw_rate_noise", 100, "standard deviation of the commanded yaw rate [rad/s]"),
    ];

    private static readonly SensorKnob[] Range =
    [
        .. Any,
        new("noise", 100, "standard deviation [m]"),
        new("bias", 100, "added to the distance [m]", Signed: true),
        new("scale", 0.9, "distances are longer by this share", Signed: true),
        new("range_max", 1e6, "nothing is seen beyond [m]", IsMagnitude: false),
    ];

    private static readonly SensorKnob[] Image =
    [
        .. Any,
        new("noise", 255, "standard deviation of each sample [grey levels of 255]"),
        new("brightness", 255, "added to each sample [grey levels of 255]", Signed: true),
        new("blur", 64, "radius of a box blur [pixels, rounded]"),
    ];

    private static readonly SensorKnob[] Depth =
    [
        .. Any,
        new("noise", 100, "standard deviation of each depth [m]"),
        new("bias", 100, "added to each depth [m]", Signed: true),
        new("pixel_loss", 1, "share of pixels lost"),
        new("range_max", 1e6, "nothing is seen beyond [m]", IsMagnitude: false),
    ];

    private static readonly SensorKnob[] Pose = [.. Any, new("position_noise", 100, "standard deviation of each coordinate [m]")];

    private static readonly SensorKnob[] Force =
    [
        new("dropout", 1, "share of readings lost"),
        new("dropout_length", 1e6, "mean number of readings lost in a row (Gilbert's channel); left out: losses are independent", IsMagnitude: false),
        new("force_noise", 1e6, "standard deviation of each force [the data's unit]"),
        new("force_bias", 1e6, "added to each force [the data's unit]", Signed: true),
        new("torque_noise", 1e6, "standard deviation of each torque [the data's unit]"),
        new("torque_bias", 1e6, "added to each torque [the data's unit]", Signed: true),
    ];

    private static readonly Dictionary<string, SourceRole> Roles = new()
    {
        ["scan"] = SourceRole.Scan, ["odom"] = SourceRole.Odom, ["imu"] = SourceRole.Imu, ["cmd_vel"] = SourceRole.CmdVel, ["range"] = SourceRole.Range,
        ["image"] = SourceRole.Image, ["depth"] = SourceRole.Depth, ["pose"] = SourceRole.Pose, ["battery"] = SourceRole.Battery,
    };

    /// <summary>The sensors that can be disturbed, by their key in a condition file. Contacts are the truth and stay; <c>force</c> is there in a data set only.</summary>
    public static IReadOnlyList<string> Sensors { get; } = [.. Roles.Keys, "force"];

    /// <summary>The key of a role; null for those that stay as they are.</summary>
    public static string? KeyOf(SourceRole role) => Roles.FirstOrDefault(r => r.Value == role).Key;

    /// <summary>The settings of a sensor.</summary>
    public static IReadOnlyList<SensorKnob> Of(string sensor) => sensor switch
    {
        "scan" => Scan,
        "odom" => Odom,
        "imu" => Imu,
        "cmd_vel" => Command,
        "range" => Range,
        "image" => Image,
        "depth" => Depth,
        "pose" => Pose,
        "force" => Force,
        _ => Any,
    };
}
