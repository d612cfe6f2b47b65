using QDistill.Ros.Transport;

namespace QDistill.Ros;

/// <summary>A publisher's side of the hand-over: the matching subscriptions of its context, and what late ones of them get.</summary>
internal sealed class IntraProcessSource<T>
    where T : class, IMessage<T>, new()
{
    private readonly Publisher<T> publisher;
    private readonly IntraProcessQueue<T>? history;
    private readonly Lock order = new();
    private readonly long lifespan;
    private readonly bool alwaysSends;
    private Subscription<T>[] targets = [];
    private int onWire;

    public IntraProcessSource(Publisher<T> publisher)
    {
        this.publisher = publisher;
        QoSProfile qos = publisher.QoS;
        bool latched = qos.Durability == DurabilityPolicy.TransientLocal;
        history = latched ? new IntraProcessQueue<T>(Math.Max(qos.Depth, 1), new MessagePool<T>()) : null;
        NativeQoS native = qos.ToNative();
        lifespan = native.LifespanNs;

        // Others may come later and want what was latched; deadlines and asserted liveliness are watched by the middleware.
        alwaysSends = latched || native.DeadlineNs != long.MaxValue || qos.Liveliness == LivelinessPolicy.ManualByTopic;
    }

    public Publisher<T> Publisher => publisher;

    /// <summary>Hands a message over.</summary>
    /// <returns>Whether it must also be sent, because someone else listens.</returns>
    public bool Publish(T message, long sourceTimestamp)
    {
        var info = new MessageInfo(sourceTimestamp, Clock.SystemNow, publisher.Gid) { FromIntraProcess = true };
        long expires = lifespan == long.MaxValue ? long.MaxValue : sourceTimestamp + lifespan;
        if (history is not null)
        {
            lock (order)
            {
                history.Enqueue(message, in info, expires);
                HandOver(message, in info, expires);
            }
        }
        else
        {
            HandOver(message, in info, expires);
        }

        return alwaysSends || publisher.MatchedCount > Volatile.Read(ref onWire);
    }

    /// <summary>Connects a subscription and gives it what is latched.</summary>
    public void Connect(Subscription<T> subscription)
    {
        lock (order)
        {
            if (history is not null && subscription.QoS.Durability == DurabilityPolicy.TransientLocal)
            {
                subscription.HandOver(history);
            }

            Volatile.Write(ref targets, [.. targets, subscription]);
        }
    }

    /// <summary>Counts a connected subscription that the middleware matches too.</summary>
    public void CountOnWire(Subscription<T> subscription, int change)
    {
        if (targets.Contains(subscription))
        {
            Interlocked.Add(ref onWire, change);
        }
    }

    public void Disconnect(Subscription<T> subscription)
    {
        lock (order)
        {
            Volatile.Write(ref targets, [.. targets.Where(t => t != subscription)]);
        }
    }

    private void HandOver(T message, in MessageInfo info, long expires)
    {
        foreach (Subscription<T> target in Volatile.Read(ref targets))
        {
            target.HandOver(message, in info, expires);
        }
    }
}
