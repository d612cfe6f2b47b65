using QDistill.Configuration;

namespace QDistill.Onboard;

/// <summary>
/// A ROS parameter file for the onboard nodes: <c>node_name: ros__parameters: …</c>. Keys that no parameter has are refused with file, line and the nearest one.
/// </summary>
public static class ParameterFile
{
    private static readonly string[] Nodes = ["feature_fusion", "risk_inference", "onboard", "velocity_governor"];

    /// <summary>Reads one node's parameters.</summary>
    /// <param name="path">The file.</param>
    /// <param name="node">The node's name.</param>
    /// <param name="read">Makes the options; every key that it asks for is known.</param>
    /// <exception cref="UserErrorException">The file cannot be read, has no section for the node, or says something that is not known or out of range.</exception>
    public static T Read<T>(string path, string node, Func<ConfigSection, T> read) => Read(ConfigFile.Load(path), node, read);

    /// <summary>Reads one node's parameters from text; <paramref name="name"/> stands for the file in errors.</summary>
    /// <exception cref="UserErrorException">As for the file.</exception>
    public static T Parse<T>(string text, string name, string node, Func<ConfigSection, T> read) => Read(ConfigFile.Parse(text, name), node, read);

    private static T Read<T>(ConfigSection top, string node, Func<ConfigSection, T> read)
    {
        foreach (string key in top.Keys)
        {
            if (!Nodes.Contains(key.TrimStart('/')))
            {
                throw top.Error(key, "is not one of the onboard nodes", NearestKey.Hint(key.TrimStart('/'), Nodes));
            }
        }

        string found = top.Keys.FirstOrDefault(k => k.TrimStart('/') == node)
            ?? throw new UserErrorException($"has no parameters for node {node}", top.File, $"add a section '{node}:' with 'ros__parameters:' in it");
        ConfigSection section = top.Section(found);
        T options = read(section.Section("ros__parameters"));
        section.RejectUnknownKeys();
        return options;
    }

    /// <summary>A file's path as given where that exists, else below the installation.</summary>
    public static string Resolve(string path) =>
        Path.IsPathRooted(path) || Path.Exists(path) || Installation.Root is null || !Path.Exists(Installation.PathOf(path)) ? path : Installation.PathOf(path);

    internal static long Nanoseconds(double seconds) => (long)Math.Round(seconds * 1e9);

    /// <summary>A duration given in seconds.</summary>
    internal static long Seconds(this ConfigSection section, string key, long otherwise, double min, double max) =>
        Nanoseconds(section.Double(key, otherwise * 1e-9, min, max));
}
