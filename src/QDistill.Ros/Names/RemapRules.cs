namespace QDistill.Ros;

/// <summary>One renaming, such as <c>chatter:=/talk</c> or <c>talker:chatter:=/talk</c>.</summary>
/// <param name="Node">The node that it is for, or null for all.</param>
/// <param name="From">The name to replace, as given (it is expanded in the node before it is compared), or <c>__node</c>, <c>__ns</c>.</param>
/// <param name="To">What stands in its place.</param>
public sealed record RemapRule(string? Node, string From, string To);

/// <summary>Renamings of topics, services and nodes: the first rule that fits wins, and its result is not renamed again.</summary>
public sealed class RemapRules(IReadOnlyList<RemapRule> rules)
{
    /// <summary>No renaming.</summary>
    public static RemapRules None { get; } = new([]);

    /// <summary>The rules in their order.</summary>
    public IReadOnlyList<RemapRule> Rules { get; } = rules;

    internal string Node(string name) => Rules.FirstOrDefault(r => r.From == "__node" && (r.Node is null || r.Node == name))?.To ?? name;

    internal string? Namespace(string? nameSpace, string node) => Rules.FirstOrDefault(r => r.From == "__ns" && (r.Node is null || r.Node == node))?.To ?? nameSpace;

    /// <param name="absolute">The expanded name.</param>
    /// <param name="node">The node's name.</param>
    /// <param name="expand">Expands a rule's name in the node.</param>
    internal string Topic(string absolute, string node, Func<string, string> expand)
    {
        foreach (RemapRule rule in Rules)
        {
            if (!rule.From.StartsWith("__", StringComparison.Ordinal) && (rule.Node is null || rule.Node == node) && expand(rule.From) == absolute)
            {
                return expand(rule.To);
            }
        }

        return absolute;
    }
}
