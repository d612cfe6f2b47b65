namespace QDistill.Ros;

/// <summary>What the graph tells of actions. An action is known by its feedback topic, as in rcl_action: whoever publishes it is a server, whoever receives it a client.</summary>
public static class ActionGraph
{
    private const string Topic = "/_action/feedback";
    private const string Suffix = "_FeedbackMessage";

    /// <summary>All actions with their types, by name.</summary>
    public static IReadOnlyList<NameAndTypes> ActionNamesAndTypes(this GraphSnapshot graph) => Actions(graph.TopicNamesAndTypes());

    /// <summary>The actions that a node serves.</summary>
    public static IReadOnlyList<NameAndTypes> ActionServersByNode(this GraphSnapshot graph, string fullName) => Actions(graph.NamesAndTypesByNode(fullName, EndpointKind.Publisher));

    /// <summary>The actions that a node is a client of.</summary>
    public static IReadOnlyList<NameAndTypes> ActionClientsByNode(this GraphSnapshot graph, string fullName) => Actions(graph.NamesAndTypesByNode(fullName, EndpointKind.Subscription));

    private static NameAndTypes[] Actions(IEnumerable<NameAndTypes> topics) =>
    [
        .. topics.Where(t => t.Name.EndsWith(Topic, StringComparison.Ordinal)).Select(t => new NameAndTypes(
            t.Name[..^Topic.Length], [.. t.Types.Select(type => type.EndsWith(Suffix, StringComparison.Ordinal) ? type[..^Suffix.Length] : type)])),
    ];
}
