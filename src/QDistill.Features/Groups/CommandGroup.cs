namespace QDistill.Features;

/// <summary>The command in force, and commanded minus measured motion.</summary>
internal sealed class CommandGroup(bool hasOdometry) : FeatureGroup
{
    public override void Describe(SchemaBuilder schema)
    {
        schema.Add("command.linear", "m/s", "cmd_vel");
        schema.Add("command.angular", "rad/s", "cmd_vel");
        schema.Add("command.linear_activity", "m/s^2", "cmd_vel");
        schema.Add("command.angular_activity", "rad/s^2", "cmd_vel");
        if (hasOdometry)
        {
            schema.Add("command.linear_error", "m/s", "cmd_vel+odom");
            schema.Add("command.angular_error", "rad/s", "cmd_vel+odom");
        }
    }

    public override void Sample(StreamSet streams, ref FeatureWriter w)
    {
        CommandStream command = streams.Command!;
        w.Write(command.Linear, command);
        w.Write(command.Angular, command);
        w.Write(command.LinearActivity.Value, command, command.LinearActivity.Ready);
        w.Write(command.AngularActivity.Value, command, command.AngularActivity.Ready);
        if (hasOdometry)
        {
            OdometryStream odom = streams.Odometry!;
            w.Write(command.Linear - odom.Speed, command, odom);
            w.Write(command.Angular - odom.YawRate, command, odom);
        }
    }
}
