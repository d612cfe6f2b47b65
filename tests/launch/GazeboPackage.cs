using System.Globalization;
using System.Xml.Linq;

namespace QDistill.Launch.Tests;

/// <summary>The files of <c>qdistill_gazebo</c>.</summary>
internal static class GazeboPackage
{
    public static string Path { get; } = Tools.Repository("ros2_ws", "src", "qdistill_gazebo");

    public static IEnumerable<string> Models => Directory.EnumerateFiles(System.IO.Path.Combine(Path, "models"), "model.sdf", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    public static IEnumerable<string> Worlds => Directory.EnumerateFiles(System.IO.Path.Combine(Path, "worlds"), "*.sdf").Order(StringComparer.Ordinal);

    public static string File(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    public static XElement Model(string name) => XDocument.Load(File("models", name, "model.sdf")).Root!.Element("model")!;

    public static XElement World(string name) => XDocument.Load(File("worlds", name + ".sdf")).Root!.Element("world")!;

    public static double[] Numbers(this XElement element) => [.. element.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(v => double.Parse(v, CultureInfo.InvariantCulture))];

    public static double Number(this XElement element, params string[] path) => path.Aggregate(element, (e, name) => e.Element(name)!).Numbers()[0];

    public static string Text(this XElement element, params string[] path) => path.Aggregate(element, (e, name) => e.Element(name)!).Value;

    /// <summary>Every topic of a model that stands in a world under some name: its type, and whether Gazebo publishes it (or listens to it).</summary>
    public static Dictionary<string, (string Type, bool Publishes)> Topics(XElement model, string name)
    {
        var topics = new Dictionary<string, (string, bool)>();
        foreach (XElement sensor in model.Descendants("sensor"))
        {
            string kind = sensor.Attribute("type")!.Value;
            topics.Add(kind == "contact" ? sensor.Text("contact", "topic") : sensor.Text("topic"), (GazeboFacts.Sensors[kind].Type, true));
        }

        foreach (XElement plugin in model.Elements("plugin"))
        {
            switch (plugin.Attribute("filename")!.Value)
            {
                case "gz-sim-diff-drive-system":
                    topics.Add(plugin.Text("topic"), ("gz.msgs.Twist", false));
                    topics.Add(plugin.Text("odom_topic"), ("gz.msgs.Odometry", true));
                    topics.Add(plugin.Text("tf_topic"), ("gz.msgs.Pose_V", true));
                    break;
                case "gz-sim-odometry-publisher-system":
                    topics.Add(plugin.Text("odom_topic"), ("gz.msgs.Odometry", true));
                    topics.Add(plugin.Text("tf_topic"), ("gz.msgs.Pose_V", true));
                    break;
                case "gz-sim-joint-position-controller-system":
                    topics.Add($"/model/{name}/{plugin.Text("sub_topic")}", ("gz.msgs.Double", false));
                    break;
                case "gz-sim-multicopter-control-system":
                    topics.Add($"/{plugin.Text("robotNamespace")}/{plugin.Text("commandSubTopic")}", ("gz.msgs.Twist", false));
                    topics.Add($"/{plugin.Text("robotNamespace")}/{plugin.Text("enableSubTopic")}", ("gz.msgs.Boolean", false));
                    break;
                case "gz-sim-linearbatteryplugin-system":
                    topics.Add($"/model/{name}/battery/{plugin.Text("battery_name")}/state", ("gz.msgs.BatteryState", true));
                    break;
                default:
                    break;
            }
        }

        return topics;
    }
}
