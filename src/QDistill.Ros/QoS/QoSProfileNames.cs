using QDistill.Configuration;

namespace QDistill.Ros;

/// <summary>ROS's stock profiles by the names that its tools and parameter files use (<c>ros2 topic pub --qos-profile sensor_data</c>).</summary>
public static class QoSProfileNames
{
    private static readonly (string Name, QoSProfile Profile)[] Known =
    [
        ("default", QoSProfile.Default),
        ("sensor_data", QoSProfile.SensorData),
        ("system_default", QoSProfile.SystemDefault),
        ("services_default", QoSProfile.Services),
        ("parameters", QoSProfile.Parameters),
        ("parameter_events", QoSProfile.ParameterEvents),
        ("action_status_default", QoSProfile.ActionStatus),
        ("best_available", QoSProfile.BestAvailable),
        ("rosout_default", QoSProfile.RosOut),
        ("clock", QoSProfile.Clock),
    ];

    /// <summary>The names.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Known.Select(k => k.Name)];

    /// <summary>The profile of a name.</summary>
    /// <param name="name">One of <see cref="All"/>.</param>
    /// <param name="where">Where the name stands, for the error.</param>
    /// <exception cref="UserErrorException">There is no such profile; the nearest name is given.</exception>
    public static QoSProfile Parse(string name, string? where = null)
    {
        int i = Array.FindIndex(Known, k => k.Name == name);
        return i >= 0 ? Known[i].Profile : throw new UserErrorException($"'{name}' is no QoS profile of ROS", where, NearestKey.Hint(name, All));
    }

    /// <summary>The name of a stock profile; null for any other.</summary>
    public static string? NameOf(QoSProfile profile) => Known.FirstOrDefault(k => k.Profile == profile).Name;
}
