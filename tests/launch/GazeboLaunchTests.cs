using System.Text.Json;
using System.Xml.Linq;
using QDistill.Bags;
using QDistill.Features;

namespace QDistill.Launch.Tests;

/// <summary>The bridge and the launch files of <c>qdistill_gazebo</c> against the robot files that read what they yield.</summary>
public sealed class GazeboLaunchTests
{
    [Theory]
    [InlineData("agv_bridge")]
    [InlineData("drone_bridge")]
    public void Every_entry_of_a_bridge_is_one_that_the_bridge_understands(string config) => Assert.All(Bridge(config), entry =>
    {
        Assert.All(entry.EnumerateObject(), p => Assert.Contains(p.Name, GazeboFacts.BridgeKeys));
        Assert.Contains((entry.GetProperty("ros_type_name").GetString()!, entry.GetProperty("gz_type_name").GetString()!), GazeboFacts.Bridged);
        Assert.Contains(entry.GetProperty("direction").GetString(), new[] { "GZ_TO_ROS", "ROS_TO_GZ" });
    });

    [Fact]
    public void The_bridge_of_the_AGV_carries_every_topic_of_the_AGV_and_of_the_people_and_no_other()
    {
        Dictionary<string, (string, bool)> topics = GazeboPackage.Topics(GazeboPackage.Model("qdistill_agv"), "agv");
        foreach (XElement person in GazeboPackage.World("warehouse").Elements("include"))
        {
            Assert.Equal("model://qdistill_person", person.Text("uri"));
            foreach ((string topic, (string, bool) value) in GazeboPackage.Topics(GazeboPackage.Model("qdistill_person"), person.Text("name")))
            {
                topics.Add(topic, value);
            }
        }

        Carries("agv_bridge", topics);
    }

    [Fact]
    public void The_bridge_of_the_drone_carries_every_topic_of_the_drone_and_no_other() =>
        Carries("drone_bridge", GazeboPackage.Topics(GazeboPackage.Model("qdistill_quadcopter"), "drone"));

    [Theory]
    [InlineData("gazebo_agv", "agv_bridge", "/agv/bumper_pressed")]
    [InlineData("gazebo_x500", "drone_bridge", "/drone/setpoint", "/drone/battery")]
    public void A_robot_file_finds_every_topic_with_its_type(string robotName, string config, params string[] ofNodes)
    {
        RobotConfig robot = RobotConfig.Load(Tools.Repository("robots", robotName + ".yaml"));
        Dictionary<string, string?> bridged = Bridge(config).ToDictionary(e => e.GetProperty("ros_topic_name").GetString()!, e => e.GetProperty("ros_type_name").GetString());
        Assert.Contains("/clock", bridged);
        Assert.All(robot.Sources, s =>
        {
            if (!ofNodes.Contains(s.Topic))
            {
                Assert.Equal(s.Type, bridged[s.Topic]);
            }
        });
        Assert.All(ofNodes, t => Assert.DoesNotContain(t, bridged.Keys));
    }

    [Fact]
    public void The_drone_of_the_worlds_has_the_features_hazards_and_constraints_of_the_X500()
    {
        RobotConfig real = RobotConfig.Load(Tools.Repository("robots", "x500.yaml")), simulated = RobotConfig.Load(Tools.Repository("robots", "gazebo_x500.yaml"));
        Assert.Equal(real.Schema.Id, simulated.Schema.Id);
        Assert.Equal(real.Constraints, simulated.Constraints);
        Assert.Equal(real.Hazard, simulated.Hazard);
        Assert.Equal(real.Limits, simulated.Limits);
        Assert.Equal(simulated.Schema.Id, new FeatureExtractor(simulated).Schema.Id);
    }

    [DataFact("bags/gazebo_agv/gazebo_agv_1")]
    public void The_AGVs_topics_are_those_of_its_recordings_by_type_and_quality_of_service()
    {
        using BagReader reader = BagReader.Open(SharedData.PathOf("bags/gazebo_agv/gazebo_agv_1"));
        Dictionary<string, string?> bridged = Bridge("agv_bridge").ToDictionary(e => e.GetProperty("ros_topic_name").GetString()!, e => e.GetProperty("ros_type_name").GetString());
        Assert.All(reader.Info.Topics.Where(t => t.Name != "/agv/bumper_pressed"), t =>
        {
            // Fortress's package was called ros_ign_interfaces.
            Assert.Equal(t.Type.Replace("ros_ign_interfaces", "ros_gz_interfaces", StringComparison.Ordinal), Assert.Contains(t.Name, bridged));
            // What ros_gz_bridge offers unless told otherwise, which these files do not.
            Assert.All(t.OfferedQoS, q => Assert.Equal("reliable volatile keep_last 10", $"{q.Reliability} {q.Durability} {q.History} {q.Depth}".ToLowerInvariant().Replace("keeplast", "keep_last", StringComparison.Ordinal)));
        });
        Assert.All(Bridge("agv_bridge").Concat(Bridge("drone_bridge")), e => Assert.False(e.TryGetProperty("publisher_queue", out _)));
    }

    [Theory]
    [InlineData("agv", "gazebo_agv")]
    [InlineData("drone", "gazebo_x500")]
    public void A_recording_holds_what_the_robot_file_reads_and_the_clock(string launch, string robotName)
    {
        using var folder = new TempDirectory();
        RobotConfig robot = RobotConfig.Load(Tools.Repository("robots", robotName + ".yaml"));
        string[] command = [.. Launch(launch, "record:=" + folder["bag"]).GetProperty("processes").EnumerateArray().Single(p => p.TryGetProperty("command", out _)).GetProperty("command").EnumerateArray().Select(w => w.GetString()!)];
        Assert.Contains("--use-sim-time", command);
        Assert.Equal(robot.Sources.Select(s => s.Topic).Append("/clock").Order(StringComparer.Ordinal), command[(Array.IndexOf(command, "--topics") + 1)..].Order(StringComparer.Ordinal));
    }

    [Fact]
    public void By_default_a_launch_starts_Gazebo_with_its_window_the_AGV_the_bridge_the_driver_and_the_people()
    {
        JsonElement found = Launch("agv");
        Assert.Equal(
            ["ros_gz_sim/create", "ros_gz_bridge/parameter_bridge", "tf2_ros/static_transform_publisher", "tf2_ros/static_transform_publisher", "qdistill_gazebo/bumper", "qdistill_gazebo/driver", "qdistill_gazebo/people"],
            Nodes(found));
        JsonElement gazebo = Assert.Single(found.GetProperty("included").EnumerateArray());
        Assert.EndsWith("ros_gz_sim/launch/gz_sim.launch.py", gazebo.GetProperty("file").GetString());
        Assert.Equal($"-r --seed 1 '{GazeboPackage.File("worlds", "warehouse.sdf")}'", gazebo.GetProperty("arguments").GetProperty("gz_args").GetString());
        Assert.All(found.GetProperty("processes").EnumerateArray().Where(p => p.GetProperty("package").GetString() != "ros_gz_sim"), p => Assert.True(p.GetProperty("parameters").GetProperty("use_sim_time").GetBoolean()));
        Assert.All(found.GetProperty("arguments").EnumerateArray(), a => Assert.NotEqual(string.Empty, a.GetProperty("description").GetString()));
    }

    [Theory]
    [InlineData("-r --seed 7 -s --headless-rendering ", "headless:=true", "seed:=7")]
    [InlineData("-r --seed 1 -s ", "gui:=false")]
    public void Without_a_window_only_the_server_runs(string expected, params string[] arguments) =>
        Assert.StartsWith(expected, Launch("agv", arguments).GetProperty("included")[0].GetProperty("arguments").GetProperty("gz_args").GetString());

    [Fact]
    public void A_model_is_flown_on_simulated_time_and_the_governor_stands_between_driver_and_AGV()
    {
        JsonElement found = Launch("agv", "model:=/m", "governor:=true");
        JsonElement[] processes = [.. found.GetProperty("processes").EnumerateArray()];
        JsonElement Node(string name) => processes.Single(p => p.GetProperty("name").GetString() == name);
        JsonElement onboard = Node("onboard").GetProperty("parameters");
        Assert.Equal("/m", onboard.GetProperty("model").GetString());
        Assert.EndsWith("robots/gazebo_agv.yaml", onboard.GetProperty("robot").GetString());
        Assert.True(onboard.GetProperty("use_sim_time").GetBoolean());
        Assert.Equal("agv", Node("onboard").GetProperty("namespace").GetString());
        Assert.Equal([Tools.Repository("launch", "params", "onboard.param.yaml")], Node("onboard").GetProperty("params_files").EnumerateArray().Select(f => f.GetString()));
        Assert.Equal("""[["cmd_vel","cmd_vel_raw"]]""", Node("driver").GetProperty("remappings").ToString().Replace(" ", "", StringComparison.Ordinal));
        Assert.Contains("/agv/cmd_vel_raw", Node("velocity_governor").GetProperty("remappings").ToString());
        Assert.Contains("\"/agv/cmd_vel\"", Node("velocity_governor").GetProperty("remappings").ToString());
    }

    [Fact]
    public void The_frames_of_the_sensors_are_where_the_model_has_them()
    {
        string[][] transforms = [.. Launch("drone").GetProperty("processes").EnumerateArray()
            .Where(p => p.GetProperty("package").GetString() == "tf2_ros").Select(p => p.GetProperty("arguments").EnumerateArray().Select(a => a.GetString()!).ToArray())];
        Assert.Equal(
            ["--x 0 --y 0 --z 0.25 --roll 0 --pitch 0 --yaw 0 --frame-id base_link --child-frame-id drone/base_link/imu",
             "--x 0.1 --y 0 --z 0.22 --roll 0 --pitch 1.5707963267948966 --yaw 0 --frame-id base_link --child-frame-id drone/base_link/range"],
            transforms.Select(t => string.Join(' ', t)));
    }

    [Theory]
    [InlineData("there is no world 'warehous'; known are airfield, warehouse", "world:=warehous")]
    [InlineData("world file '/none.sdf' does not exist", "world:=/none.sdf")]
    [InlineData("governor:=true needs a model", "governor:=true")]
    [InlineData("exists already", "record:=/tmp")]
    public void A_wrong_argument_is_refused_in_one_sentence(string expected, string argument)
    {
        (int code, _, string errors) = Tools.Run("/usr/bin/python3", "-B", Path.Combine(AppContext.BaseDirectory, "read_launch_file.py"), LaunchFile("agv"), argument);
        Assert.NotEqual(0, code);
        Assert.Contains(expected, errors);
    }

    private static void Carries(string config, Dictionary<string, (string Type, bool Publishes)> topics)
    {
        topics.Add("/clock", ("gz.msgs.Clock", true));
        Assert.Equal(
            topics.Select(t => $"{t.Key} {t.Value.Type} {(t.Value.Publishes ? "GZ_TO_ROS" : "ROS_TO_GZ")}").Order(StringComparer.Ordinal),
            Bridge(config).Select(e => $"{e.GetProperty("gz_topic_name").GetString()} {e.GetProperty("gz_type_name").GetString()} {e.GetProperty("direction").GetString()}").Order(StringComparer.Ordinal));
    }

    private static JsonElement[] Bridge(string config) => [.. Tools.PythonJson("yaml_to_json.py", GazeboPackage.File("config", config + ".yaml")).EnumerateArray()];

    private static string LaunchFile(string name) => GazeboPackage.File("launch", name + ".launch.py");

    private static JsonElement Launch(string name, params string[] arguments) => Tools.PythonJson("read_launch_file.py", [LaunchFile(name), .. arguments]);

    private static IEnumerable<string> Nodes(JsonElement found) => found.GetProperty("processes").EnumerateArray().Select(p => $"{p.GetProperty("package").GetString()}/{p.GetProperty("executable").GetString()}");
}
