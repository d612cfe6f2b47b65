using System.Globalization;
using System.Text;
using QDistill.Configuration;
using QDistill.Ros;

namespace QDistill.Bags.Metadata;

/// <summary>
/// Offered QoS in the YAML of rosbag2: numbers (until metadata version 8) or words (since 9), as a list or as a text that holds the list's YAML.
/// </summary>
internal static class QoSYaml
{
    /// <summary>The key's profiles, in either form.</summary>
    /// <exception cref="UserErrorException">A value is not one of rosbag2's; file and line are named.</exception>
    public static IReadOnlyList<OfferedQoS> Read(ConfigSection section, string key) => section.IsList(key)
        ? [.. section.Sections(key).Select(One)]
        : Parse(section.String(key, string.Empty), section.File + ", " + key);

    /// <summary>The profiles of a text; empty for an empty one.</summary>
    /// <exception cref="UserErrorException">The text is not such YAML.</exception>
    public static IReadOnlyList<OfferedQoS> Parse(string text, string name)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return [];
        }

        // A list may stand at the indentation of its key, so that the text needs no change.
        ConfigSection section = ConfigFile.Parse("profiles:\n" + text, name);
        return [.. section.Sections("profiles").Select(One)];
    }

    /// <summary>The current form (metadata version 9): a list with words, each line led by <paramref name="indent"/>.</summary>
    public static string Write(IEnumerable<OfferedQoS> profiles, string indent)
    {
        var text = new StringBuilder();
        foreach (OfferedQoS q in profiles)
        {
            text.Append(CultureInfo.InvariantCulture, $"{indent}- history: {QoSPolicyNames.NameOf(q.History)}\n");
            text.Append(CultureInfo.InvariantCulture, $"{indent}  depth: {q.Depth}\n");
            text.Append(CultureInfo.InvariantCulture, $"{indent}  reliability: {QoSPolicyNames.NameOf(q.Reliability)}\n");
            text.Append(CultureInfo.InvariantCulture, $"{indent}  durability: {QoSPolicyNames.NameOf(q.Durability)}\n");
            Duration(text, indent, "deadline", q.DeadlineNs);
            Duration(text, indent, "lifespan", q.LifespanNs);
            text.Append(CultureInfo.InvariantCulture, $"{indent}  liveliness: {QoSPolicyNames.NameOf(q.Liveliness)}\n");
            Duration(text, indent, "liveliness_lease_duration", q.LivelinessLeaseNs);
            text.Append(CultureInfo.InvariantCulture, $"{indent}  avoid_ros_namespace_conventions: {(q.AvoidRosNamespaceConventions ? "true" : "false")}\n");
        }

        return text.ToString();
    }

    private static void Duration(StringBuilder text, string indent, string key, long ns) => text.Append(
        CultureInfo.InvariantCulture, $"{indent}  {key}:\n{indent}    sec: {ns / 1_000_000_000}\n{indent}    nsec: {ns % 1_000_000_000}\n");

    private static OfferedQoS One(ConfigSection s) => new()
    {
        History = Word<HistoryPolicy>(s, "history"),
        Depth = (int)s.Int("depth", 0, 0, int.MaxValue),
        Reliability = Word<ReliabilityPolicy>(s, "reliability"),
        Durability = Word<DurabilityPolicy>(s, "durability"),
        DeadlineNs = Duration(s, "deadline"),
        LifespanNs = Duration(s, "lifespan"),
        Liveliness = Word<LivelinessPolicy>(s, "liveliness"),
        LivelinessLeaseNs = Duration(s, "liveliness_lease_duration"),
        AvoidRosNamespaceConventions = s.Bool("avoid_ros_namespace_conventions", false),
    };

    private static T Word<T>(ConfigSection s, string key)
        where T : struct, Enum
    {
        IReadOnlyList<string> words = QoSPolicyNames.All<T>();
        string value = s.String(key, "0");
        int index = words.TakeWhile(w => w != value).Count();
        if (index < words.Count || (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out index) && index < words.Count))
        {
            return (T)Enum.ToObject(typeof(T), index);
        }

        throw s.Error(key, $"'{value}' is neither one of {string.Join(", ", words)} nor a number below {words.Count}");
    }

    private static long Duration(ConfigSection s, string key)
    {
        if (s.OptionalSection(key) is not { } d)
        {
            return 0;
        }

        long seconds = d.Int("sec", 0), rest = d.Int("nsec", 0);

        // DDS writes infinity as (2^31 - 1, 2^32 - 1); rmw as the largest int64 of ns.
        if (seconds >= int.MaxValue && rest is uint.MaxValue or int.MaxValue)
        {
            return long.MaxValue;
        }

        Int128 ns = ((Int128)seconds * 1_000_000_000) + rest;
        return ns > long.MaxValue ? long.MaxValue : ns < 0 ? 0 : (long)ns;
    }
}
