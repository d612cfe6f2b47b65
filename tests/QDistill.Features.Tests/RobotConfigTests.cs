using QDistill.Configuration;

namespace QDistill.Features.Tests;

public class RobotConfigTests
{
    private static string Error(string yaml) => Assert.Throws<UserErrorException>(() => RobotConfig.Parse(yaml)).Message;

    [Theory]
    [InlineData("neato")]
    [InlineData("turtlebot3")]
    [InlineData("simulated_agv")]
    [InlineData("gazebo_agv")]
    [InlineData("gazebo_x500")]
    [InlineData("crazyflie")]
    [InlineData("x500")]
    public void Every_robot_that_ships_loads_and_builds_an_extractor(string name)
    {
        RobotConfig robot = RobotConfig.Load(Path.Combine(SharedData.Repository, "robots", name + ".yaml"));
        Assert.Equal(name, robot.Name);
        Assert.Equal(robot.Schema.Count, robot.Schema.Names.Distinct().Count());
        Assert.NotEmpty(robot.Constraints);
        Assert.Equal(robot.Schema.Id, new FeatureExtractor(robot).Schema.Id);
    }

    [Fact]
    public void The_schema_id_is_the_hash_of_its_text_and_changes_with_its_meaning_alone()
    {
        FeatureSchema schema = Rig.Robot.Schema;
        Assert.Equal(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(schema.CanonicalText))), schema.Id);
        Assert.Equal(schema.Id, RobotConfig.Parse(Rig.Yaml.Replace("/scan", "/other", StringComparison.Ordinal)).Schema.Id);
        Assert.NotEqual(schema.Id, RobotConfig.Parse(Rig.Yaml.Replace("sectors: 8", "sectors: 8, cap: 5", StringComparison.Ordinal)).Schema.Id);
    }

    [Fact]
    public void What_is_wrong_is_said_with_its_place_and_the_remedy()
    {
        Assert.Contains("did you mean 'footprint'", Error(Rig.Yaml.Replace("footprint:", "footprnt:", StringComparison.Ordinal) + "\nfootprint: {radius: 1}"));
        Assert.Contains("did you mean 'timeout'", Error(Rig.Yaml.Replace("topic: /odom", "topic: /odom, timeuot: 3", StringComparison.Ordinal)));
        Assert.Contains("'clearence' is not a signal of this robot; did you mean 'clearance'", Error(Rig.Yaml.Replace("signal: clearance", "signal: clearence", StringComparison.Ordinal)));
        Assert.Contains("does not understand", Error(Rig.Yaml.Replace("topic: /scan", "topic: /scan, type: sensor_msgs/msg/PointCloud2", StringComparison.Ordinal)));
        Assert.Contains("uses topic /odom, as does odom", Error(Rig.Yaml.Replace("imu: {topic: /imu}", "imu: {topic: /odom}", StringComparison.Ordinal)));
        Assert.Contains("no contact source", Error("name: x\nsources: {scan: {topic: /scan}}\nfootprint: {radius: 1}\nhazard: {contact: true}"));
        const string custom = "name: x\nsources: {pose: {topic: /p, type: a_msgs/msg/P, ";
        Assert.Contains("the three fields of the position", Error(custom + "fields: [x]}}"));
        Assert.Contains("must name four fields", Error(custom + "fields: [x, y, z], orientation_fields: [w]}}"));
        Assert.Contains("are only for custom types", Error("name: x\nsources: {pose: {topic: /p, fields: [x, y, z]}}"));
        Assert.Contains("lidar: needs a source of role scan", Error("name: x\nsources: {odom: {topic: /odom}}\nfeatures: {lidar: {}}"));
    }
}
