using System.Runtime.InteropServices;
using QDistill.Ros.Transport;

namespace QDistill.Ros;

/// <summary>What an endpoint of the graph is.</summary>
public enum EndpointKind
{
    /// <summary>Publishes a topic.</summary>
    Publisher = 0,

    /// <summary>Receives a topic.</summary>
    Subscription = 1,

    /// <summary>Calls a service; its request writer and its reply reader are two endpoints.</summary>
    Client = 2,

    /// <summary>Answers a service; its request reader and its reply writer are two endpoints.</summary>
    Service = 3,
}

/// <summary>A node of the graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Namespace">Its absolute namespace.</param>
/// <param name="Enclave">Its enclave.</param>
/// <param name="ParticipantGid">The participant (process or context) that it lives in.</param>
public sealed record GraphNode(string Name, string Namespace, string Enclave, Gid ParticipantGid)
{
    /// <summary>Namespace and name.</summary>
    public string FullName => RosName.FullyQualified(Namespace, Name);
}

/// <summary>An endpoint of the graph.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="IsWriter">Whether it writes or reads on the wire.</param>
/// <param name="Node">The node that owns it, or null when none has said so.</param>
/// <param name="Name">The topic's or service's ROS name; null when it is not a ROS endpoint.</param>
/// <param name="Type">The ROS type, or the middleware's when it is not a ROS type.</param>
/// <param name="TypeHash">RIHS01 hash, empty when not announced.</param>
/// <param name="QoS">What it offers or asks for.</param>
/// <param name="Gid">Its gid.</param>
/// <param name="ParticipantGid">Its participant's gid.</param>
/// <param name="WireTopic">The topic's name on the wire.</param>
/// <param name="WireType">The type's name on the wire.</param>
/// <param name="UserData">The user data announced, printable characters only.</param>
public sealed record GraphEndpoint(
    EndpointKind Kind, bool IsWriter, GraphNode? Node, string? Name, string Type, string TypeHash, QoSProfile QoS, Gid Gid, Gid ParticipantGid, string WireTopic, string WireType, string UserData);

/// <summary>A participant of the graph.</summary>
/// <param name="Gid">Its gid.</param>
/// <param name="Enclave">Its enclave; null when it is not a ROS participant.</param>
/// <param name="UserData">The user data announced.</param>
public sealed record GraphParticipant(Gid Gid, string? Enclave, string UserData);

/// <summary>A name with the types seen on it, sorted.</summary>
/// <param name="Name">The topic or service.</param>
/// <param name="Types">Its types.</param>
public sealed record NameAndTypes(string Name, IReadOnlyList<string> Types);

/// <summary>The graph at one moment.</summary>
/// <param name="Version">Grows with every change.</param>
/// <param name="Nodes">All nodes, hidden ones (name beginning with _) included.</param>
/// <param name="Endpoints">All endpoints.</param>
/// <param name="Participants">All participants, also those that are not ROS's.</param>
/// <param name="MalformedAnnouncements">Announcements from the network that could not be read.</param>
public sealed record GraphSnapshot(
    ulong Version, IReadOnlyList<GraphNode> Nodes, IReadOnlyList<GraphEndpoint> Endpoints, IReadOnlyList<GraphParticipant> Participants, ulong MalformedAnnouncements)
{
    /// <summary>All topics with their types, by name.</summary>
    public IReadOnlyList<NameAndTypes> TopicNamesAndTypes() => Names(Endpoints, e => e.Kind is EndpointKind.Publisher or EndpointKind.Subscription);

    /// <summary>All services with their types, by name.</summary>
    public IReadOnlyList<NameAndTypes> ServiceNamesAndTypes() => Names(Endpoints, e => e.Kind is EndpointKind.Service or EndpointKind.Client);

    /// <summary>The publishers of a topic, by absolute name.</summary>
    public IReadOnlyList<GraphEndpoint> PublishersOf(string topic) => [.. Endpoints.Where(e => e.Kind == EndpointKind.Publisher && e.Name == topic)];

    /// <summary>The subscriptions of a topic, by absolute name.</summary>
    public IReadOnlyList<GraphEndpoint> SubscriptionsOf(string topic) => [.. Endpoints.Where(e => e.Kind == EndpointKind.Subscription && e.Name == topic)];

    /// <summary>What a node publishes, receives, serves or calls.</summary>
    /// <param name="fullName">The node, such as <c>/ns/talker</c>.</param>
    /// <param name="kind">Which of the four.</param>
    public IReadOnlyList<NameAndTypes> NamesAndTypesByNode(string fullName, EndpointKind kind) => Names(Endpoints, e => e.Kind == kind && e.Node?.FullName == fullName);

    internal static unsafe GraphSnapshot Read(ContextHandle context)
    {
        NativeMethods.Check(NativeMethods.qd_graph_get(context, out NativeGraph* graph));
        try
        {
            var nodes = new GraphNode[graph->NodeCount];
            for (int i = 0; i < nodes.Length; i++)
            {
                ref NativeGraphNode n = ref graph->Nodes[i];
                nodes[i] = new GraphNode(Text(n.Name), Text(n.Namespace), Text(n.Enclave), n.ParticipantGid);
            }

            var endpoints = new GraphEndpoint[graph->EndpointCount];
            for (int i = 0; i < endpoints.Length; i++)
            {
                ref NativeGraphEndpoint e = ref graph->Endpoints[i];
                endpoints[i] = new GraphEndpoint(
                    (EndpointKind)e.Kind,
                    e.Writes != 0,
                    e.Node < 0 ? null : nodes[e.Node],
                    e.Name == 0 ? null : Text(e.Name),
                    Text(e.Type),
                    Text(e.TypeHash),
                    QoSProfile.From(e.QoS),
                    e.Gid,
                    e.ParticipantGid,
                    Text(e.WireTopic),
                    Text(e.WireType),
                    Text(e.UserData));
            }

            var participants = new GraphParticipant[graph->ParticipantCount];
            for (int i = 0; i < participants.Length; i++)
            {
                ref NativeGraphParticipant p = ref graph->Participants[i];
                participants[i] = new GraphParticipant(p.Gid, p.Enclave == 0 ? null : Text(p.Enclave), Text(p.UserData));
            }

            return new GraphSnapshot(graph->Version, nodes, endpoints, participants, graph->Malformed);
        }
        finally
        {
            NativeMethods.qd_graph_free(graph);
        }
    }

    private static string Text(nint utf8) => Marshal.PtrToStringUTF8(utf8) ?? string.Empty;

    private static NameAndTypes[] Names(IEnumerable<GraphEndpoint> endpoints, Func<GraphEndpoint, bool> wanted) =>
    [
        .. endpoints.Where(e => e.Name is not null && wanted(e))
            .GroupBy(e => e.Name!, StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new NameAndTypes(g.Key, [.. g.Select(e => e.Type).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)])),
    ];
}
