using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using QDistill.Ros.Transport;

namespace QDistill.Ros;

/// <summary>Receives serialized messages.</summary>
/// <param name="payload">Encapsulation header and CDR, with 0 to 3 bytes of padding at the end; valid during the call only.</param>
/// <param name="info">What came with it.</param>
public delegate void PayloadHandler(ReadOnlySpan<byte> payload, in MessageInfo info);

/// <summary>What subscriptions of all kinds have. Callbacks run on the spinning thread, in the order of reception.</summary>
public abstract class SubscriptionBase : Endpoint
{
    private protected const int Batch = 16;

    private readonly MalformedSamples malformed = new();
    private readonly TopicStatistics? statistics;

    private protected SubscriptionBase(Node node, string topic, MessageType type, QoSProfile qos, SubscriptionOptions options)
        : base(node, topic, type, qos, options.CallbackGroup)
    {
        Options = options;
        statistics = options.TopicStatistics is { } wanted ? new TopicStatistics(node, wanted, options.CallbackGroup) : null;
    }

    /// <summary>Raised when no message came within the deadline asked for.</summary>
    public event Action<CountStatus>? RequestedDeadlineMissed;

    /// <summary>Raised when a publisher became alive or silent.</summary>
    public event Action<LivelinessChangedStatus>? LivelinessChanged;

    /// <summary>Raised when the middleware says that messages were lost. Cyclone DDS 0.10 does not say so of best-effort messages that the network dropped.</summary>
    public event Action<CountStatus>? MessagesLost;

    /// <summary>The options given.</summary>
    public SubscriptionOptions Options { get; }

    /// <summary>Messages received so far whose bytes do not fit the type; each source of them is logged once.</summary>
    public long MalformedCount => malformed.Count;

    internal sealed override unsafe bool Execute()
    {
        bool ran = ExecuteHandedOver();
        if (!IsOpen)
        {
            return ran;
        }

        ran |= RaiseEvents();
        NativeSample* samples = stackalloc NativeSample[Batch];

        // Callbacks that may overlap take one message each: what is left makes the wait set report again.
        int count = NativeMethods.Check(NativeMethods.qd_take(Entity, samples, IsReentrant ? 1 : Batch));
        try
        {
            for (int i = 0; i < count && !IsDisposed; i++)
            {
                try
                {
                    MessageInfo info = samples[i].Info;
                    Receive(samples[i].Payload, in info);
                }
                catch (Exception e)
                {
                    Node.Context.ReportCallbackFailure(e, Topic);
                }
            }
        }
        finally
        {
            NativeMethods.qd_release(samples, count);
        }

        return ran || count > 0;
    }

    /// <summary>The last step of construction: from here on another thread may call <see cref="Receive"/>.</summary>
    private protected void Open()
    {
        NativeQoS native = QoS.ToNative();
        Open(NativeMethods.qd_subscription_create(Node.Handle, Topic, MessageType.Name, MessageType.Hash, native, Options.IgnoreLocalPublications ? 1 : 0, out nint entity), entity);
    }

    /// <summary>Counts a message that a callback will see.</summary>
    private protected void Count(in MessageInfo info) => statistics?.OnReceived(info.SourceTimestamp, Clock.SystemNow);

    private protected override void Closing() => statistics?.Dispose();

    /// <summary>Runs callbacks for what was handed over within the process.</summary>
    private protected virtual bool ExecuteHandedOver() => false;

    private protected abstract void Receive(ReadOnlySpan<byte> payload, in MessageInfo info);

    private protected void ReportMalformed(CdrException e, in MessageInfo info)
    {
        if (malformed.Add(info.PublisherGid))
        {
            Node.Logger.LogError("A message on '{Topic}' from {Publisher} is malformed and was dropped: {Reason}", Topic, info.PublisherGid, e.Message);
        }
    }

    private protected override bool RaiseOther(int kind, in NativeEvent e) => kind switch
    {
        DeadlineMissed => Raise(RequestedDeadlineMissed, new CountStatus(e.Total, e.TotalChange)),
        Liveliness => Raise(LivelinessChanged, new LivelinessChangedStatus(e.Total, e.Current, e.TotalChange, e.CurrentChange)),
        MessageLost => Raise(MessagesLost, new CountStatus(e.Total, e.TotalChange)),
        _ => false,
    };

    private protected override void WarnIncompatible(string policy) => Node.Logger.LogWarning(
        "New publisher discovered on topic '{Topic}', offering incompatible QoS. No messages will be sent to it. Last incompatible policy: {Policy}", Topic, policy);
}

/// <summary>Receives messages of a generated type. Instances are reused, one for each callback that runs at the same time, so that receiving allocates nothing.</summary>
/// <typeparam name="T">The message class.</typeparam>
public sealed class Subscription<T> : SubscriptionBase
    where T : class, IMessage<T>, new()
{
    private readonly Action<T, MessageInfo> callback;
    private readonly MessagePool<T> pool = new();
    private readonly IntraProcessQueue<T>? handedOver;
    private readonly ConcurrentDictionary<Gid, bool>? sources;

    internal Subscription(Node node, string topic, QoSProfile qos, Action<T, MessageInfo> callback, SubscriptionOptions options)
        : base(node, topic, T.Type, qos, options)
    {
        this.callback = callback;
        if (options.IgnoreLocalPublications || !node.UsesIntraProcess(options.UseIntraProcess, qos, topic))
        {
            Open();
            return;
        }

        handedOver = new IntraProcessQueue<T>(Math.Max(qos.Depth, 1), pool);
        sources = new ConcurrentDictionary<Gid, bool>();
        node.Context.IntraProcess.Add(this);
        try
        {
            Open();
        }
        catch
        {
            node.Context.IntraProcess.Remove(this);
            throw;
        }

        node.Context.IntraProcess.Opened(this);
    }

    /// <summary>Whether the middleware's endpoint is there. Guarded by the hub's lock.</summary>
    internal bool IsOnWire { get; set; }

    /// <summary>From here on, messages of this publisher that come over the network have been handed over too.</summary>
    internal void AddSource(Gid publisher) => sources!.TryAdd(publisher, true);

    /// <summary>Takes a copy of a message and has the executor call back.</summary>
    internal void HandOver(T message, in MessageInfo info, long expires)
    {
        handedOver!.Enqueue(message, in info, expires);
        Node.Context.Executor.Signal(this);
    }

    /// <summary>Takes copies of what a publisher has latched.</summary>
    internal void HandOver(IntraProcessQueue<T> history)
    {
        history.CopyTo(handedOver!);
        Node.Context.Executor.Signal(this);
    }

    private protected override bool ExecuteHandedOver()
    {
        bool ran = false;
        for (int left = IsReentrant ? 1 : Batch; handedOver is not null && left > 0 && !IsDisposed && handedOver.TryDequeue(out IntraProcessQueue<T>.Entry entry, out bool more); left--)
        {
            ran = true;
            if (more && left == 1)
            {
                Node.Context.Executor.Signal(this);
            }

            try
            {
                Count(in entry.Info);
                callback(entry.Message!, entry.Info);
            }
            catch (Exception e)
            {
                Node.Context.ReportCallbackFailure(e, Topic);
            }
            finally
            {
                pool.Return(entry.Message!);
            }
        }

        return ran;
    }

    private protected override void Closing()
    {
        base.Closing();
        if (handedOver is not null)
        {
            Node.Context.IntraProcess.Remove(this);
        }
    }

    private protected override void Receive(ReadOnlySpan<byte> payload, in MessageInfo info)
    {
        if (sources is not null && sources.ContainsKey(info.PublisherGid))
        {
            return;
        }

        T message = pool.Rent();
        try
        {
            Receive(payload, message, in info);
        }
        finally
        {
            pool.Return(message);
        }
    }

    private void Receive(ReadOnlySpan<byte> payload, T message, in MessageInfo info)
    {
        try
        {
            Cdr.Deserialize(payload, message);
        }
        catch (CdrException e)
        {
            ReportMalformed(e, in info);
            return;
        }

        Count(in info);
        callback(message, info);
    }
}

/// <summary>Receives serialized messages of any type.</summary>
public sealed class GenericSubscription : SubscriptionBase
{
    private readonly PayloadHandler handler;

    internal GenericSubscription(Node node, string topic, MessageType type, QoSProfile qos, PayloadHandler handler, SubscriptionOptions options)
        : base(node, topic, type, qos, options)
    {
        this.handler = handler;
        Open();
    }

    private protected override void Receive(ReadOnlySpan<byte> payload, in MessageInfo info)
    {
        Count(in info);
        handler(payload, in info);
    }
}
