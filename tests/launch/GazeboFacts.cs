namespace QDistill.Launch.Tests;

/// <summary>
/// What Gazebo Harmonic and the bridge of ROS 2 Jazzy understand, looked up in their sources (gz-sim 8.14: each system's header, its registration and its CMake target; ros_gz 1.0:
/// the table of types in ros_gz_bridge's README and its reader of configuration files). Neither can be had on a machine without Ubuntu's packages, so that this is what files are held against.
/// </summary>
internal static class GazeboFacts
{
    /// <summary>By file name of a system: its class and the parameters that it reads.</summary>
    public static readonly IReadOnlyDictionary<string, (string Class, string[] Parameters)> Systems = new Dictionary<string, (string, string[])>
    {
        ["gz-sim-physics-system"] = ("gz::sim::systems::Physics", []),
        ["gz-sim-user-commands-system"] = ("gz::sim::systems::UserCommands", []),
        ["gz-sim-scene-broadcaster-system"] = ("gz::sim::systems::SceneBroadcaster", []),
        ["gz-sim-sensors-system"] = ("gz::sim::systems::Sensors", ["render_engine"]),
        ["gz-sim-imu-system"] = ("gz::sim::systems::Imu", []),
        ["gz-sim-contact-system"] = ("gz::sim::systems::Contact", []),
        ["gz-sim-diff-drive-system"] = ("gz::sim::systems::DiffDrive",
        [
            "left_joint", "right_joint", "wheel_separation", "wheel_radius", "odom_publish_frequency", "topic", "odom_topic", "tf_topic", "frame_id", "child_frame_id",
            "min_linear_velocity", "max_linear_velocity", "min_angular_velocity", "max_angular_velocity",
            "min_linear_acceleration", "max_linear_acceleration", "min_angular_acceleration", "max_angular_acceleration",
        ]),
        ["gz-sim-joint-position-controller-system"] = ("gz::sim::systems::JointPositionController", ["joint_name", "sub_topic", "use_velocity_commands", "cmd_max", "cmd_min"]),
        ["gz-sim-multicopter-motor-model-system"] = ("gz::sim::systems::MulticopterMotorModel",
        [
            "robotNamespace", "jointName", "linkName", "actuator_number", "turningDirection", "motorType", "commandSubTopic", "rotorDragCoefficient", "rollingMomentCoefficient",
            "maxRotVelocity", "motorConstant", "momentConstant", "timeConstantUp", "timeConstantDown", "rotorVelocitySlowdownSim",
        ]),
        ["gz-sim-multicopter-control-system"] = ("gz::sim::systems::MulticopterVelocityControl",
        [
            "robotNamespace", "commandSubTopic", "enableSubTopic", "comLinkName", "velocityGain", "attitudeGain", "angularRateGain", "maximumLinearAcceleration", "maximumLinearVelocity",
            "rotorConfiguration", "rotorConfiguration/rotor", "rotorConfiguration/rotor/jointName", "rotorConfiguration/rotor/forceConstant", "rotorConfiguration/rotor/momentConstant",
            "rotorConfiguration/rotor/direction",
        ]),
        ["gz-sim-odometry-publisher-system"] = ("gz::sim::systems::OdometryPublisher", ["dimensions", "odom_frame", "robot_base_frame", "odom_topic", "tf_topic", "odom_publish_frequency", "gaussian_noise"]),
        ["gz-sim-linearbatteryplugin-system"] = ("gz::sim::systems::LinearBatteryPlugin",
        [
            "battery_name", "voltage", "open_circuit_voltage_constant_coef", "open_circuit_voltage_linear_coef", "initial_charge", "capacity", "resistance", "smooth_current_tau",
            "power_load", "fix_issue_225", "invert_current_sign", "start_draining",
        ]),
    };

    /// <summary>The type that a sensor of each kind publishes on its topic, and the system of the world that it needs.</summary>
    public static readonly IReadOnlyDictionary<string, (string Type, string System)> Sensors = new Dictionary<string, (string, string)>
    {
        ["gpu_lidar"] = ("gz.msgs.LaserScan", "gz-sim-sensors-system"),
        ["imu"] = ("gz.msgs.IMU", "gz-sim-imu-system"),
        ["contact"] = ("gz.msgs.Contacts", "gz-sim-contact-system"),
    };

    /// <summary>Pairs of types that the bridge converts.</summary>
    public static readonly IReadOnlySet<(string Ros, string Gazebo)> Bridged = new HashSet<(string, string)>
    {
        ("rosgraph_msgs/msg/Clock", "gz.msgs.Clock"),
        ("sensor_msgs/msg/LaserScan", "gz.msgs.LaserScan"),
        ("sensor_msgs/msg/Imu", "gz.msgs.IMU"),
        ("sensor_msgs/msg/BatteryState", "gz.msgs.BatteryState"),
        ("nav_msgs/msg/Odometry", "gz.msgs.Odometry"),
        ("geometry_msgs/msg/Twist", "gz.msgs.Twist"),
        ("ros_gz_interfaces/msg/Contacts", "gz.msgs.Contacts"),
        ("std_msgs/msg/Bool", "gz.msgs.Boolean"),
        ("std_msgs/msg/Float64", "gz.msgs.Double"),
        ("tf2_msgs/msg/TFMessage", "gz.msgs.Pose_V"),
    };

    /// <summary>The keys of an entry of the bridge's configuration file.</summary>
    public static readonly IReadOnlySet<string> BridgeKeys = new HashSet<string>
    {
        "topic_name", "ros_topic_name", "gz_topic_name", "ros_type_name", "gz_type_name", "direction", "publisher_queue", "subscriber_queue", "lazy",
    };
}
