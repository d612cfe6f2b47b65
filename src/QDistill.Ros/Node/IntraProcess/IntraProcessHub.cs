namespace QDistill.Ros;

/// <summary>
/// Connects the publishers and subscriptions of one context that hand messages over without the middleware. Both also have their endpoints on the network, so that
/// the graph shows them and others can match: a publisher sends only while others do, and a subscription drops what comes over the network from a publisher that
/// it is connected with.
/// </summary>
internal sealed class IntraProcessHub
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, List<object>> sources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Waitable>> subscriptions = new(StringComparer.Ordinal);

    /// <summary>Adds a publisher that is open but has not published.</summary>
    public void Add<T>(IntraProcessSource<T> source)
        where T : class, IMessage<T>, new()
    {
        Publisher<T> publisher = source.Publisher;
        lock (gate)
        {
            List(sources, publisher.Topic).Add(source);
            foreach (Subscription<T> subscription in List(subscriptions, publisher.Topic).OfType<Subscription<T>>())
            {
                if (Connect(source, subscription) && subscription.IsOnWire)
                {
                    source.CountOnWire(subscription, 1);
                }
            }
        }
    }

    public void Remove<T>(IntraProcessSource<T> source)
        where T : class, IMessage<T>, new()
    {
        lock (gate)
        {
            Remove(sources, source.Publisher.Topic, source);
        }
    }

    /// <summary>Adds a subscription that is about to open: from here on nothing is missed.</summary>
    public void Add<T>(Subscription<T> subscription)
        where T : class, IMessage<T>, new()
    {
        lock (gate)
        {
            List(subscriptions, subscription.Topic).Add(subscription);
            foreach (IntraProcessSource<T> source in List(sources, subscription.Topic).OfType<IntraProcessSource<T>>())
            {
                Connect(source, subscription);
            }
        }
    }

    /// <summary>Tells that a subscription has opened.</summary>
    public void Opened<T>(Subscription<T> subscription)
        where T : class, IMessage<T>, new()
    {
        lock (gate)
        {
            subscription.IsOnWire = true;
            foreach (IntraProcessSource<T> source in List(sources, subscription.Topic).OfType<IntraProcessSource<T>>())
            {
                source.CountOnWire(subscription, 1);
            }
        }
    }

    /// <summary>Removes a subscription that is about to close.</summary>
    public void Remove<T>(Subscription<T> subscription)
        where T : class, IMessage<T>, new()
    {
        lock (gate)
        {
            foreach (IntraProcessSource<T> source in List(sources, subscription.Topic).OfType<IntraProcessSource<T>>())
            {
                source.CountOnWire(subscription, subscription.IsOnWire ? -1 : 0);
                source.Disconnect(subscription);
            }

            Remove(subscriptions, subscription.Topic, subscription);
        }
    }

    private static bool Connect<T>(IntraProcessSource<T> source, Subscription<T> subscription)
        where T : class, IMessage<T>, new()
    {
        if (QoSCompatibility.FirstConflict(source.Publisher.QoS, subscription.QoS) is not null)
        {
            return false;
        }

        subscription.AddSource(source.Publisher.Gid);
        source.Connect(subscription);
        return true;
    }

    private static List<TItem> List<TItem>(Dictionary<string, List<TItem>> lists, string topic)
    {
        if (!lists.TryGetValue(topic, out List<TItem>? list))
        {
            lists[topic] = list = [];
        }

        return list;
    }

    private static void Remove<TItem>(Dictionary<string, List<TItem>> lists, string topic, TItem item)
    {
        if (lists.TryGetValue(topic, out List<TItem>? list) && list.Remove(item) && list.Count == 0)
        {
            lists.Remove(topic);
        }
    }
}
