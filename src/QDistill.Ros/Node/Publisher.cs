using Microsoft.Extensions.Logging;
using QDistill.Ros.Transport;

namespace QDistill.Ros;

/// <summary>What publishers of all kinds have. Publishing is thread-safe and allocates nothing once its buffers have grown to the largest message.</summary>
public abstract class PublisherBase : Endpoint
{
    private protected PublisherBase(Node node, string topic, MessageType type, QoSProfile qos, PublisherOptions? options)
        : base(node, topic, type, qos, options?.CallbackGroup)
    {
        NativeQoS native = qos.ToNative();
        Open(NativeMethods.qd_publisher_create(node.Handle, topic, type.Name, type.Hash, native, out nint entity), entity);
    }

    /// <summary>Raised when this publisher was slower than the deadline that it offers.</summary>
    public event Action<CountStatus>? OfferedDeadlineMissed;

    /// <summary>Raised when this publisher failed to show that it is alive.</summary>
    public event Action<CountStatus>? LivelinessLost;

    /// <summary>Waits until every matched reliable subscription has acknowledged what was published.</summary>
    /// <returns>False on time-out.</returns>
    public bool WaitForAcknowledgment(TimeSpan timeout)
    {
        int result = NativeMethods.qd_wait_for_acknowledgment(Entity, timeout == Timeout.InfiniteTimeSpan ? -1 : timeout.Ticks * TimeSpan.NanosecondsPerTick);
        return result == NativeMethods.TimedOut ? false : NativeMethods.Check(result) == NativeMethods.Ok;
    }

    /// <summary>Shows that this publisher is alive, for <see cref="LivelinessPolicy.ManualByTopic"/>.</summary>
    public void AssertLiveliness() => NativeMethods.Check(NativeMethods.qd_assert_liveliness(Entity));

    internal override bool Execute() => RaiseEvents();

    /// <summary>Sends a payload (encapsulation header included).</summary>
    private protected unsafe void Send(ReadOnlySpan<byte> payload, long sourceTimestamp)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        fixed (byte* p = payload)
        {
            NativeMethods.Check(NativeMethods.qd_publish(Entity, p, (nuint)payload.Length, sourceTimestamp));
        }
    }

    private protected override bool RaiseOther(int kind, in NativeEvent e) => kind switch
    {
        DeadlineMissed => Raise(OfferedDeadlineMissed, new CountStatus(e.Total, e.TotalChange)),
        Liveliness => Raise(LivelinessLost, new CountStatus(e.Total, e.TotalChange)),
        _ => false,
    };

    private protected override void WarnIncompatible(string policy) => Node.Logger.LogWarning(
        "New subscription discovered on topic '{Topic}', requesting incompatible QoS. No messages will be sent to it. Last incompatible policy: {Policy}", Topic, policy);
}

/// <summary>Publishes messages of a generated type.</summary>
/// <typeparam name="T">The message class.</typeparam>
public sealed class Publisher<T> : PublisherBase
    where T : class, IMessage<T>, new()
{
    private readonly IntraProcessSource<T>? source;

    internal Publisher(Node node, string topic, QoSProfile qos, PublisherOptions? options)
        : base(node, topic, T.Type, qos, options)
    {
        if (node.UsesIntraProcess(options?.UseIntraProcess, qos, topic))
        {
            source = new IntraProcessSource<T>(this);
            node.Context.IntraProcess.Add(source);
        }
    }

    /// <summary>Publishes a message; it may be changed and published again as soon as this returns.</summary>
    /// <param name="message">The message.</param>
    /// <param name="sourceTimestamp">Its time of publication, ns since the Unix epoch; 0: now.</param>
    /// <exception cref="CdrException">A string or sequence exceeds its bound.</exception>
    /// <exception cref="TransportException">The middleware refused.</exception>
    public void Publish(T message, long sourceTimestamp = 0)
    {
        if (source is not null)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            sourceTimestamp = sourceTimestamp == 0 ? Clock.SystemNow : sourceTimestamp;
            if (!source.Publish(message, sourceTimestamp))
            {
                return;
            }
        }

        Send(Cdr.SerializeInPassing(message), sourceTimestamp);
    }

    private protected override void Closed()
    {
        if (source is not null)
        {
            Node.Context.IntraProcess.Remove(source);
        }
    }
}

/// <summary>Publishes serialized messages of any type.</summary>
public sealed class GenericPublisher : PublisherBase
{
    internal GenericPublisher(Node node, string topic, MessageType type, QoSProfile qos, PublisherOptions? options = null)
        : base(node, topic, type, qos, options)
    {
    }

    /// <summary>Publishes a payload: 4-byte encapsulation header, then CDR.</summary>
    /// <param name="payload">The bytes, as a bag holds them.</param>
    /// <param name="sourceTimestamp">The time of publication, ns since the Unix epoch; 0: now.</param>
    public void Publish(ReadOnlySpan<byte> payload, long sourceTimestamp = 0) => Send(payload, sourceTimestamp);
}
