namespace QDistill.Ros;

public sealed partial class Node
{
    /// <summary>All nodes' full names, hidden ones (name beginning with _) included, sorted.</summary>
    public IReadOnlyList<string> GetNodeNames() => [.. Context.GetGraph().Nodes.Select(n => n.FullName).Order(StringComparer.Ordinal)];

    /// <summary>All topics with their types.</summary>
    public IReadOnlyList<NameAndTypes> GetTopicNamesAndTypes() => Context.GetGraph().TopicNamesAndTypes();

    /// <summary>All services with their types.</summary>
    public IReadOnlyList<NameAndTypes> GetServiceNamesAndTypes() => Context.GetGraph().ServiceNamesAndTypes();

    /// <summary>The publishers of a topic with node, type, hash, QoS and gid.</summary>
    public IReadOnlyList<GraphEndpoint> GetPublishersInfoByTopic(string topic) => Context.GetGraph().PublishersOf(ResolveTopicName(topic));

    /// <summary>The subscriptions of a topic with node, type, hash, QoS and gid.</summary>
    public IReadOnlyList<GraphEndpoint> GetSubscriptionsInfoByTopic(string topic) => Context.GetGraph().SubscriptionsOf(ResolveTopicName(topic));

    /// <summary>How many publishers a topic has.</summary>
    public int CountPublishers(string topic) => GetPublishersInfoByTopic(topic).Count;

    /// <summary>How many subscriptions a topic has.</summary>
    public int CountSubscribers(string topic) => GetSubscriptionsInfoByTopic(topic).Count;

    /// <summary>Takes overrides from parameters, and replaces "best available" by what the endpoints known now allow: a subscription adapts to its publishers, a publisher offers the most.</summary>
    private QoSProfile Resolve(QoSProfile? qos, string topic, EndpointKind kind, QoSOverridingOptions? overriding)
    {
        qos ??= QoSProfile.Default;
        if (overriding is not null)
        {
            qos = Parameters.OverrideQoS(topic, kind, qos, overriding);
            Parameters.DeclareQoS(topic, kind, qos, overriding);
        }

        if (qos.Reliability != ReliabilityPolicy.BestAvailable && qos.Durability != DurabilityPolicy.BestAvailable && qos.Liveliness != LivelinessPolicy.BestAvailable)
        {
            return qos;
        }

        IReadOnlyList<GraphEndpoint> publishers = kind == EndpointKind.Subscription ? Context.GetGraph().PublishersOf(topic) : [];
        bool reliable = publishers.All(p => p.QoS.Reliability == ReliabilityPolicy.Reliable);
        bool latched = publishers.All(p => p.QoS.Durability == DurabilityPolicy.TransientLocal);
        bool manual = publishers.All(p => p.QoS.Liveliness == LivelinessPolicy.ManualByTopic);
        return qos with
        {
            Reliability = qos.Reliability != ReliabilityPolicy.BestAvailable ? qos.Reliability : reliable ? ReliabilityPolicy.Reliable : ReliabilityPolicy.BestEffort,
            Durability = qos.Durability != DurabilityPolicy.BestAvailable ? qos.Durability : latched ? DurabilityPolicy.TransientLocal : DurabilityPolicy.Volatile,
            Liveliness = qos.Liveliness != LivelinessPolicy.BestAvailable ? qos.Liveliness : manual ? LivelinessPolicy.ManualByTopic : LivelinessPolicy.Automatic,
        };
    }
}
