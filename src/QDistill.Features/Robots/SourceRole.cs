namespace QDistill.Features;

/// <summary>What a topic is for. The role decides which message types are understood and which feature groups read it.</summary>
public enum SourceRole
{
    /// <summary>Planar lidar: <c>sensor_msgs/msg/LaserScan</c>.</summary>
    Scan,

    /// <summary>Wheel, visual or fused odometry: <c>nav_msgs/msg/Odometry</c>.</summary>
    Odom,

    /// <summary>Inertial unit: <c>sensor_msgs/msg/Imu</c>, or a custom type whose acceleration (and rate) fields are named.</summary>
    Imu,

    /// <summary>Velocity command: <c>geometry_msgs/msg/Twist</c> or <c>TwistStamped</c>.</summary>
    CmdVel,

    /// <summary>Contact (bumper): <c>std_msgs/msg/Bool</c>, or any type whose fields are named.</summary>
    Contact,

    /// <summary>Pose of a drone or of a tracked body: <c>geometry_msgs/msg/PoseStamped</c>, <c>Pose</c> or <c>PoseWithCovarianceStamped</c>, or a custom type whose fields are named.</summary>
    Pose,

    /// <summary>Where the vehicle is asked to be: <c>PoseStamped</c>, <c>Pose</c>, <c>PointStamped</c> or <c>Point</c>, or a custom type whose fields are named.</summary>
    SetPoint,

    /// <summary>Single-beam distance: <c>sensor_msgs/msg/Range</c>, or a custom type whose distance field is named.</summary>
    Range,

    /// <summary>Battery: <c>sensor_msgs/msg/BatteryState</c>, or a custom type whose fields are named.</summary>
    Battery,

    /// <summary>Camera image: <c>sensor_msgs/msg/Image</c> in mono8, mono16, rgb8, bgr8, rgba8, bgra8 or a Bayer pattern, or <c>sensor_msgs/msg/CompressedImage</c> in JPEG.</summary>
    Image,

    /// <summary>Depth image: <c>sensor_msgs/msg/Image</c> in 16UC1 (mm) or 32FC1 (m).</summary>
    Depth,
}
