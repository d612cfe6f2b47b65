namespace QDistill.Ros;

/// <summary>What a renaming is for.</summary>
[Flags]
public enum RemapTarget
{
    /// <summary>Topics (<c>rostopic://</c>).</summary>
    Topic = 1,

    /// <summary>Services (<c>rosservice://</c>).</summary>
    Service = 2,

    /// <summary>Both.</summary>
    TopicAndService = Topic | Service,
}

/// <summary>One renaming, such as <c>chatter:=/talk</c> or <c>talker:chatter:=/talk</c>.</summary>
/// <param name="Node">The node that it is for, or null for all.</param>
/// <param name="From">The name to replace, as given (it is expanded in the node before it is compared), or <c>__node</c>, <c>__ns</c>.</param>
/// <param name="To">What stands in its place.</param>
/// <param name="Target">Whether it is for topics, services or both.</param>
public sealed record RemapRule(string? Node, string From, string To, RemapTarget Target = RemapTarget.TopicAndService);

/// <summary>Renamings of topics, services and nodes: the first rule that fits wins, and its result is not renamed again.</summary>
public sealed class RemapRules(IReadOnlyList<RemapRule> rules)
{
    /// <summary>No renaming.</summary>
    public static RemapRules None { get; } = new([]);

    /// <summary>The rules in their order.</summary>
    public IReadOnlyList<RemapRule> Rules { get; } = rules;

    /// <summary>These rules, and where none of them fits the others.</summary>
    public RemapRules Then(RemapRules others) => Rules.Count == 0 ? others : others.Rules.Count == 0 ? this : new RemapRules([.. Rules, .. others.Rules]);

    internal string Node(string name) => Rules.FirstOrDefault(r => r.From == "__node" && (r.Node is null || r.Node == name))?.To ?? name;

    internal string? Namespace(string? nameSpace, string node) => Rules.FirstOrDefault(r => r.From == "__ns" && (r.Node is null || r.Node == node))?.To ?? nameSpace;

    /// <param name="absolute">The expanded name.</param>
    /// <param name="target">What has the name.</param>
    /// <param name="node">The node's name, after renaming.</param>
    /// <param name="expand">Expands a rule's name in the node.</param>
    internal string Resource(string absolute, RemapTarget target, string node, Func<string, string> expand)
    {
        foreach (RemapRule rule in Rules)
        {
            if (rule.Target.HasFlag(target) && !rule.From.StartsWith("__", StringComparison.Ordinal) && (rule.Node is null || rule.Node == node) && expand(rule.From) == absolute)
            {
                return expand(rule.To);
            }
        }

        return absolute;
    }
}
