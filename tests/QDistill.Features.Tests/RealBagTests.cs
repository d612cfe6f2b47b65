using QDistill.Configuration;

namespace QDistill.Features.Tests;

public class RealBagTests
{
    private static RobotConfig Robot(string name) => RobotConfig.Load(Path.Combine(SharedData.Repository, "robots", name + ".yaml"));

    private static FeatureWindows Windows(string robot, string bag) => FeatureWindows.FromBag(SharedData.PathOf("bags/" + bag), Robot(robot));

    private static double[] Onsets(FeatureWindows w) => [.. w.Events.Select(e => (e.StartNs - w.StartNs) * 1e-9)];

    [DataFact("bags/neato/bags/finite-state-controller", "bags/neato/bags/test-bag")]
    public void The_three_bumps_of_the_real_Neato_are_found_where_they_are_known_to_be()
    {
        // The shipped file counts near contacts as hazards too; here only the switches count.
        const string margin = ", margin: {clearance: 0.1, closing: 0.05}";
        string yaml = File.ReadAllText(Path.Combine(SharedData.Repository, "robots", "neato.yaml"));
        Assert.Contains(margin, yaml);
        RobotConfig switches = RobotConfig.Parse(yaml.Replace(margin, string.Empty), "neato.yaml");
        double[] first = Onsets(FeatureWindows.FromBag(SharedData.PathOf("bags/neato/bags/finite-state-controller"), switches));
        Assert.Equal(2, first.Length);
        Assert.Equal(59.4, first[0], 0.06);
        Assert.Equal(60.6, first[1], 0.06);
        Assert.Equal(29.7, Assert.Single(Onsets(FeatureWindows.FromBag(SharedData.PathOf("bags/neato/bags/test-bag"), switches))), 0.06);
    }

    [DataFact("bags/neato/bags/finite-state-controller")]
    public void Near_contacts_count_as_hazards_where_the_robot_file_sets_a_margin()
    {
        FeatureWindows w = Windows("neato", "neato/bags/finite-state-controller");
        Assert.Contains(w.Events, e => e.Kind == HazardKind.Margin);
        Assert.Contains(w.Events, e => (e.StartNs - w.StartNs) * 1e-9 <= 59.4 && (e.EndNs - w.StartNs) * 1e-9 >= 59.4);
    }

    [DataTheory("bags/gazebo_agv/gazebo_agv_4")]
    [InlineData(1, 3)]
    [InlineData(2, 4)]
    [InlineData(3, 9)]
    [InlineData(4, 4)]
    public void Every_hit_of_the_Gazebo_bags_is_found_and_labels_the_two_seconds_before(int bag, int hits)
    {
        FeatureWindows w = Windows("gazebo_agv", $"gazebo_agv/gazebo_agv_{bag}");
        Assert.Equal(hits, w.Events.Count);
        for (int i = 0; i < w.Count; i++)
        {
            long t = w.Stamps[i];
            bool ongoing = w.Events.Any(e => e.StartNs <= t && t <= e.EndNs);
            bool soon = w.Events.Any(e => e.StartNs > t && e.StartNs <= t + 2_000_000_000);
            Assert.Equal(ongoing ? Truth.Unknown : soon ? Truth.Hazard : w.Collision[i], w.Collision[i]);
            if (!ongoing && !soon && t < w.EndNs - 2_200_000_000 && t > w.StartNs + 600_000_000)
            {
                Assert.Equal(Truth.Safe, w.Collision[i]);
            }
        }

        Assert.Equal(Truth.Unknown, w.Collision[^1]);
    }

    [DataFact("bags/turtlebot3")]
    public void The_TurtleBot3s_yaw_rate_outlier_reaches_no_feature()
    {
        FeatureWindows w = Windows("turtlebot3", "turtlebot3/rosbag2_2026_02_02-14_33_55");
        int yaw = w.Schema.IndexOf("motion.yaw_rate"), odom = w.Robot.Sources.ToList().FindIndex(s => s.Role == SourceRole.Odom);
        Assert.Equal(549, w.Count);
        Assert.Equal(1, w.Sources[odom].Rejected);
        Assert.All(Enumerable.Range(0, w.Count), i => Assert.InRange(w.Row(i)[yaw], -1, 1));
        Assert.True(Enumerable.Range(0, w.Count).Count(i => w.IsValid(i, yaw)) > 500);
        Assert.Equal("geometry_msgs/msg/TwistStamped", w.Robot.Source(SourceRole.CmdVel)!.Type);
    }

    [DataTheory("bags/crazyflie")]
    [InlineData("flybag")]
    [InlineData("pitch0bag")]
    [InlineData("rollbag")]
    [InlineData("yx4bag")]
    public void The_Crazyflies_attitude_is_read_from_its_measured_pose(string bag)
    {
        FeatureWindows w = Windows("crazyflie", "crazyflie/" + bag);
        int tilt = w.Schema.IndexOf("drone.tilt"), altitude = w.Schema.IndexOf("drone.altitude");
        Assert.True(w.Count > 80);
        Assert.All(Enumerable.Range(0, w.Count), i => Assert.True(w.IsValid(i, tilt) && w.IsValid(i, altitude)));
        Assert.InRange(Enumerable.Range(0, w.Count).Max(i => w.Row(i)[tilt]), 0.01f, 3.2f);
    }

    [DataFact("bags/neato/bags/test-bag")]
    public void What_does_not_fit_a_bag_is_said_in_one_sentence_with_the_remedy()
    {
        string bag = SharedData.PathOf("bags/neato/bags/test-bag"), yaml = File.ReadAllText(Path.Combine(SharedData.Repository, "robots", "neato.yaml"));
        string Error(string from, string to) => Assert.Throws<UserErrorException>(
            () => FeatureWindows.FromBag(bag, RobotConfig.Parse(yaml.Replace(from, to, StringComparison.Ordinal), "neato.yaml"))).Message;

        Assert.Contains("did you mean /scan", Error("topic: /scan", "topic: /scans"));
        Assert.Contains("is of type neato2_interfaces/msg/Bump", Error("type: neato2_interfaces/msg/Bump\n    fields: [left_front, left_side, right_front, right_side]", "optional: false"));
        Assert.Contains("no definition", Error("neato2_interfaces/msg/Bump: |", "neato2_interfaces/msg/Bumpy: |"));
        Assert.Contains("field 'left_frnt' cannot be read", Error("[left_front,", "[left_frnt,"));
    }
}
