using QDistill.Configuration;

namespace QDistill.Ros;

/// <summary>The rules of ROS 2 for names of nodes, topics and services, and their expansion (relative, private <c>~/</c>, absolute, <c>{node}</c>, <c>{ns}</c>).</summary>
public static class RosName
{
    private const int MaxLength = 255;

    /// <summary>Checks a node's name.</summary>
    /// <exception cref="UserErrorException">It is empty, too long, or holds more than letters, digits and underscores, or begins with a digit.</exception>
    public static void ValidateNode(string name)
    {
        string? problem = name.Length == 0 ? "node name must not be empty"
            : name.Length > MaxLength ? $"node name length should not exceed '{MaxLength}'"
            : name.Any(c => !IsWord(c)) ? "node name must not contain characters other than alphanumerics or '_'"
            : char.IsAsciiDigit(name[0]) ? "node name must not start with a number"
            : null;
        ThrowIf(problem, name);
    }

    /// <summary>Makes a namespace absolute and checks it: <c>""</c> and <c>"/"</c> are the root, <c>"a/b"</c> becomes <c>"/a/b"</c>.</summary>
    /// <exception cref="UserErrorException">It is not a namespace.</exception>
    public static string ResolveNamespace(string? name)
    {
        string full = string.IsNullOrEmpty(name) ? "/" : name[0] == '/' ? name : "/" + name;
        if (full != "/")
        {
            ThrowIf(Problem(full, "namespace"), full);
        }

        return full;
    }

    /// <summary>The node's name with its namespace, such as <c>/ns/talker</c>.</summary>
    public static string FullyQualified(string nameSpace, string name) => nameSpace == "/" ? "/" + name : $"{nameSpace}/{name}";

    /// <summary>Expands and checks a topic's or service's name.</summary>
    /// <param name="name">The name as the programmer or a file gave it.</param>
    /// <param name="nodeNamespace">The node's absolute namespace.</param>
    /// <param name="nodeName">The node's name.</param>
    /// <param name="kind">The word for error messages: topic or service.</param>
    /// <returns>The absolute name.</returns>
    /// <exception cref="UserErrorException">It is not a name; the rule that it breaks is named.</exception>
    public static string Expand(string name, string nodeNamespace, string nodeName, string kind = "topic")
    {
        ThrowIf(
            name.Length == 0 ? $"{kind} name must not be empty string"
            : name[0] == '~' && name.Length > 1 && name[1] != '/' ? $"{kind} name must not have tilde '~' unless it is the first character and followed by '/'"
            : name.IndexOf('~', 1) >= 0 ? $"{kind} name must not contain tilde '~' unless it is the first character"
            : null,
            name);
        string expanded = Substitute(name, nodeNamespace, nodeName, kind);
        if (expanded[0] == '~')
        {
            expanded = FullyQualified(nodeNamespace, nodeName) + expanded[1..];
        }
        else if (expanded[0] != '/')
        {
            expanded = nodeNamespace == "/" ? "/" + expanded : $"{nodeNamespace}/{expanded}";
        }

        ThrowIf(Problem(expanded, $"{kind} name"), name);
        return expanded;
    }

    private static string Substitute(string name, string nodeNamespace, string nodeName, string kind)
    {
        int open;
        while ((open = name.IndexOf('{', StringComparison.Ordinal)) >= 0)
        {
            int close = name.IndexOf('}', open);
            string word = close < 0 ? string.Empty : name[(open + 1)..close];
            string? value = word switch
            {
                "node" => nodeName,
                "ns" or "namespace" => nodeNamespace == "/" ? string.Empty : nodeNamespace,
                _ => null,
            };
            ThrowIf(
                close < 0 ? $"{kind} name has an unmatched curly brace" : value is null ? $"{kind} name holds the unknown substitution '{{{word}}}'" : null, name);
            name = string.Concat(name.AsSpan(0, open), value, name.AsSpan(close + 1));
            ThrowIf(name.Length == 0 ? $"{kind} name must not be empty string" : null, name);
        }

        return name;
    }

    /// <summary>The rule that an absolute name breaks, or null.</summary>
    internal static string? Problem(string full, string what)
    {
        if (full.Length == 0 || full[0] != '/')
        {
            return $"{what} must be absolute, it must lead with a '/'";
        }

        if (full.Length == 1 || full[^1] == '/')
        {
            return $"{what} must not end with '/'";
        }

        for (int i = 1; i < full.Length; i++)
        {
            char c = full[i];
            if (c == '/' ? full[i - 1] == '/' : !IsWord(c))
            {
                return c == '/' ? $"{what} must not contain repeated '/'" : $"{what} must not contain characters other than alphanumerics, '_', or '/'";
            }

            if (full[i - 1] == '/' && char.IsAsciiDigit(c))
            {
                return $"{what} must not have a token that starts with a number";
            }
        }

        return full.Length > MaxLength ? $"{what} should not exceed '{MaxLength}' characters" : null;
    }

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private static void ThrowIf(string? problem, string name)
    {
        if (problem is not null)
        {
            throw new UserErrorException(problem, $"'{name}'");
        }
    }
}
