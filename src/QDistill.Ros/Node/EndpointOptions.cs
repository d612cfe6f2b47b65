namespace QDistill.Ros;

/// <summary>Options of a publisher.</summary>
public sealed record PublisherOptions
{
    /// <summary>The group of its event callbacks; null: <see cref="Node.DefaultCallbackGroup"/>.</summary>
    public CallbackGroup? CallbackGroup { get; init; }

    /// <summary>The policies that parameters <c>qos_overrides.TOPIC.publisher.POLICY</c> may set; null: none.</summary>
    public QoSOverridingOptions? QoSOverriding { get; init; }

    /// <summary>
    /// Whether messages are handed over to this context's subscriptions without serialisation, see <see cref="NodeOptions.UseIntraProcess"/>; null: as the node says.
    /// </summary>
    public bool? UseIntraProcess { get; init; }
}

/// <summary>Options of a subscription.</summary>
public sealed record SubscriptionOptions
{
    /// <summary>The group of its callbacks; null: <see cref="Node.DefaultCallbackGroup"/>.</summary>
    public CallbackGroup? CallbackGroup { get; init; }

    /// <summary>The policies that parameters <c>qos_overrides.TOPIC.subscription.POLICY</c> may set; null: none.</summary>
    public QoSOverridingOptions? QoSOverriding { get; init; }

    /// <summary>
    /// Whether messages of this context's publishers are handed over without serialisation, see <see cref="NodeOptions.UseIntraProcess"/>; null: as the node says.
    /// </summary>
    public bool? UseIntraProcess { get; init; }

    /// <summary>Publishes statistics of the messages received; null: none.</summary>
    public TopicStatisticsOptions? TopicStatistics { get; init; }

    /// <summary>Whether messages of this context's own publishers are left out.</summary>
    public bool IgnoreLocalPublications { get; init; }
}
