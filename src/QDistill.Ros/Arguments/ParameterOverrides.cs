using QDistill.Configuration;

namespace QDistill.Ros;

/// <summary>
/// Values for parameters, by scope: a node's name or a pattern in which <c>*</c> stands for one part of a name and <c>**</c> for any number. Scopes keep the order in
/// which they first appeared, and the last that fits a node wins. Within one scope a later value takes the place of an earlier one of the same type; of values of
/// different types stays the simplest (bool, integer, double, string, then arrays), as in rcl.
/// </summary>
public sealed class ParameterOverrides
{
    private readonly List<Scope> scopes = [];

    internal ParameterOverrides()
    {
    }

    /// <summary>No values.</summary>
    public static ParameterOverrides None { get; } = new();

    /// <summary>The scopes, in the order in which they first appeared.</summary>
    public IReadOnlyList<string> Scopes => [.. scopes.Select(s => s.Pattern)];

    /// <summary>The values for a node, sorted by name.</summary>
    /// <param name="node">The node's full name, such as <c>/ns/talker</c>.</param>
    public IReadOnlyList<ParameterOverride> For(string node)
    {
        var values = new SortedDictionary<string, ParameterOverride>(StringComparer.Ordinal);
        foreach (Scope scope in scopes)
        {
            if (!Matches(scope.Pattern, node))
            {
                continue;
            }

            foreach ((string name, SortedList<ParameterType, ParameterOverride> byType) in scope.Parameters)
            {
                // An empty list is a value only where there is no other.
                values[name] = byType.Values.FirstOrDefault(v => v.Value.Type != ParameterType.NotSet) ?? byType.Values[0];
            }
        }

        return [.. values.Values];
    }

    /// <summary>A node's values from the process's arguments, from its own, and from the program; each wins over those before it.</summary>
    internal static IReadOnlyDictionary<string, ParameterOverride> Merge(
        string node, ParameterOverrides global, ParameterOverrides local, IReadOnlyDictionary<string, ParameterValue> program)
    {
        var merged = new SortedDictionary<string, ParameterOverride>(StringComparer.Ordinal);
        foreach (ParameterOverride given in global.For(node).Concat(local.For(node)))
        {
            merged[given.Name] = given.Value.Type != ParameterType.NotSet
                ? given
                : throw new UserErrorException($"parameter '{given.Name}' has no value: an empty list has no type", given.Origin.ToString(), "leave it out, or give it a value");
        }

        foreach ((string name, ParameterValue value) in program)
        {
            merged[name] = new ParameterOverride(name, value, node, ParameterOrigin.Program);
        }

        return merged;
    }

    internal void Set(string pattern, string name, ParameterValue value, ParameterOrigin origin)
    {
        Scope? scope = scopes.Find(s => s.Pattern == pattern);
        if (scope is null)
        {
            scopes.Add(scope = new Scope(pattern));
        }

        if (!scope.Parameters.TryGetValue(name, out SortedList<ParameterType, ParameterOverride>? byType))
        {
            scope.Parameters[name] = byType = [];
        }

        byType[value.Type] = new ParameterOverride(name, value, pattern, origin);
    }

    internal static bool Matches(string pattern, string node) => Matches(pattern.TrimStart('/').Split('/'), node[1..].Split('/'));

    private static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> parts)
    {
        while (!pattern.IsEmpty)
        {
            if (pattern[0] == "**")
            {
                for (int skipped = 0; skipped <= parts.Length; skipped++)
                {
                    if (Matches(pattern[1..], parts[skipped..]))
                    {
                        return true;
                    }
                }

                return false;
            }

            if (parts.IsEmpty || (pattern[0] != "*" && pattern[0] != parts[0]))
            {
                return false;
            }

            pattern = pattern[1..];
            parts = parts[1..];
        }

        return parts.IsEmpty;
    }

    private sealed record Scope(string Pattern)
    {
        public Dictionary<string, SortedList<ParameterType, ParameterOverride>> Parameters { get; } = new(StringComparer.Ordinal);
    }
}
