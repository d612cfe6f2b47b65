namespace QDistill.Features;

/// <summary>
/// The operator's rule: how soon would the robot touch what the lidar sees if it kept to its arc? No learning. It is the control beside which every risk figure is shown.
/// </summary>
public sealed class TtcRule
{
    private readonly int commanded, measured;
    private readonly double halfRiskTime;

    /// <summary>Prepares the rule for a robot.</summary>
    /// <exception cref="Configuration.UserErrorException">The robot has no lidar features with a command or odometry.</exception>
    public TtcRule(RobotConfig robot)
    {
        commanded = robot.Schema.IndexOf("lidar.ttc");
        measured = robot.Schema.IndexOf("lidar.motion_ttc");
        halfRiskTime = robot.Horizon;
        if (!Applies(robot.Schema))
        {
            throw new Configuration.UserErrorException("the time-to-collision rule needs lidar features and a command or odometry source", robot.File);
        }
    }

    /// <summary>Whether the rule can be computed from a schema's features.</summary>
    public static bool Applies(FeatureSchema schema) => schema.IndexOf("lidar.ttc") >= 0 || schema.IndexOf("lidar.motion_ttc") >= 0;

    /// <summary>The risk of a vector.</summary>
    public float Score(FeatureVector features) => Score(features.Values, features.Validity);

    /// <summary>
    /// The risk in [0, 1]: 2^−(ttc/H)², which falls with the shorter of the times to collision along the commanded and the measured arc, is 1 at contact and 1/2 at the
    /// horizon H. When neither time is known the rule is blind and says 1, as an operator would stop.
    /// </summary>
    public float Score(ReadOnlySpan<float> values, ReadOnlySpan<byte> validity)
    {
        double ttc = Math.Min(Time(commanded, values, validity), Time(measured, values, validity));
        double ratio = ttc / halfRiskTime;
        return double.IsPositiveInfinity(ttc) ? 1 : (float)Math.Pow(2, -(ratio * ratio));
    }

    private static double Time(int i, ReadOnlySpan<float> values, ReadOnlySpan<byte> validity) =>
        i >= 0 && (validity[i >> 3] & (1 << (i & 7))) != 0 ? values[i] : double.PositiveInfinity;
}
