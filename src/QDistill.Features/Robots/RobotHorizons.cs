namespace QDistill.Features;

/// <summary>How far a robot's outputs look ahead.</summary>
public static class RobotHorizons
{
    /// <summary>The longest horizon of a robot's outputs [s]: so far apart must training and validation windows be.</summary>
    public static double LongestHorizon(this RobotConfig robot) => robot.Constraints.Select(c => c.Horizon).Append(robot.Horizon).Max();
}
