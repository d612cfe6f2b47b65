using System.Text;

namespace QDistill.Ros;

/// <summary>The forms in which an interface is named.</summary>
public static class InterfaceName
{
    /// <summary>
    /// The full form <c>package/msg/Type</c>. Two-part names (<c>package/Type</c>) are completed; three-part names are returned as they are.
    /// </summary>
    public static string Full(string name)
    {
        int slash = name.IndexOf('/');
        return slash >= 0 && name.IndexOf('/', slash + 1) < 0 ? string.Concat(name.AsSpan(0, slash), "/msg/", name.AsSpan(slash + 1)) : name;
    }

    /// <summary>The short form <c>package/Type</c> of concatenated definitions.</summary>
    public static string Short(string name)
    {
        int first = name.IndexOf('/'), last = name.LastIndexOf('/');
        return first == last ? name : string.Concat(name.AsSpan(0, first), name.AsSpan(last));
    }

    /// <summary>The service or action that a type is a part of by its name: <c>p/srv/S</c> for <c>p/srv/S_Request</c>, <c>p/action/A</c> for <c>p/action/A_SendGoal_Request</c>.</summary>
    public static string Whole(string name)
    {
        foreach (string suffix in new[] { "_Request", "_Response", "_Event", "_FeedbackMessage", "_Feedback", "_SendGoal", "_GetResult", "_Goal", "_Result" })
        {
            if (name.EndsWith(suffix, StringComparison.Ordinal))
            {
                name = name[..^suffix.Length];
            }
        }

        return name;
    }

    /// <summary>The DDS type name of <c>rmw</c>: <c>sensor_msgs/msg/LaserScan</c> becomes <c>sensor_msgs::msg::dds_::LaserScan_</c>.</summary>
    public static string Dds(string name)
    {
        string full = Full(name);
        int last = full.LastIndexOf('/');
        return last < 0 ? full : full[..last].Replace("/", "::", StringComparison.Ordinal) + "::dds_::" + full[(last + 1)..] + "_";
    }

    /// <summary>The ROS name behind a DDS type name, or null when the name is not one that ROS makes.</summary>
    public static string? FromDds(string ddsName)
    {
        int at = ddsName.IndexOf("::dds_::", StringComparison.Ordinal);
        return at < 0 || !ddsName.EndsWith('_') ? null : ddsName[..at].Replace("::", "/", StringComparison.Ordinal) + "/" + ddsName[(at + 8)..^1];
    }

    /// <summary>Whether the text has the form <c>package/msg/Type</c> with words of letters, digits and underscores.</summary>
    internal static bool IsFull(string name)
    {
        string[] parts = name.Split('/');
        return parts.Length == 3 && parts.All(IsWord) && parts[1] is "msg" or "srv" or "action";
    }

    internal static bool IsWord(string word) =>
        word.Length > 0 && (char.IsAsciiLetter(word[0]) || word[0] == '_') && word.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    /// <summary><c>angle_min</c> becomes <c>AngleMin</c>.</summary>
    internal static string Pascal(string snake)
    {
        var result = new StringBuilder(snake.Length);
        bool up = true;
        foreach (char c in snake)
        {
            if (c == '_')
            {
                up = true;
                continue;
            }

            result.Append(up ? char.ToUpperInvariant(c) : c);
            up = false;
        }

        return result.Length > 0 && char.IsAsciiDigit(result[0]) ? "_" + result : result.ToString();
    }
}
