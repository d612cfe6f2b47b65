using QDistill.Ros.Transport;

namespace QDistill.Ros;

/// <summary>A publisher or subscription of a node. Its events are raised on the spinning thread.</summary>
public abstract class Endpoint : Waitable
{
    private protected const int Matched = 1;
    private protected const int Incompatible = 2;
    private protected const int DeadlineMissed = 4;
    private protected const int Liveliness = 8;
    private protected const int MessageLost = 16;

    private protected Endpoint(Node node, string topic, MessageType type, QoSProfile qos, CallbackGroup? group)
        : base(node, group)
    {
        Topic = topic;
        MessageType = type;
        QoS = qos;
    }

    /// <summary>Raised after an endpoint matched or was lost.</summary>
    public event Action<MatchedStatus>? MatchedChanged;

    /// <summary>Raised after an endpoint on this topic did not match; while nobody listens, a warning is logged instead.</summary>
    public event Action<IncompatibleQoSStatus>? IncompatibleQoS;

    /// <summary>The absolute name, after renaming.</summary>
    public string Topic { get; }

    /// <summary>The message type.</summary>
    public MessageType MessageType { get; }

    /// <summary>The quality of service in use.</summary>
    public QoSProfile QoS { get; }

    /// <summary>How many endpoints of the other kind are matched now.</summary>
    public int MatchedCount => NativeMethods.Check(NativeMethods.qd_matched_count(Entity));

    /// <summary>Raises the events that are due.</summary>
    private protected bool RaiseEvents()
    {
        int pending = NativeMethods.qd_pending_events(Entity);
        return pending > 0 && RaiseEvents(pending);
    }

    private protected abstract bool RaiseOther(int kind, in NativeEvent e);

    private protected abstract void WarnIncompatible(string policy);

    private bool RaiseEvents(int pending)
    {
        bool raised = false;
        for (int kind = Matched; kind <= MessageLost; kind <<= 1)
        {
            if ((pending & kind) == 0 || NativeMethods.qd_take_event(Entity, kind, out NativeEvent e) < 0 || (e.TotalChange | e.CurrentChange) == 0)
            {
                continue;
            }

            raised |= kind switch
            {
                Matched => Raise(MatchedChanged, new MatchedStatus(e.Total, e.TotalChange, e.Current, e.CurrentChange)),
                Incompatible => RaiseIncompatible(e),
                _ => RaiseOther(kind, e),
            };
        }

        return raised;
    }

    private protected static bool Raise<T>(Action<T>? handler, T status)
    {
        handler?.Invoke(status);
        return handler is not null;
    }

    private bool RaiseIncompatible(in NativeEvent e)
    {
        var policy = (QoSPolicyKind)e.Policy;
        if (IncompatibleQoS is { } handler)
        {
            handler(new IncompatibleQoSStatus(e.Total, e.TotalChange, policy));
            return true;
        }

        WarnIncompatible($"{policy.ToString().ToUpperInvariant()}_QOS_POLICY");
        return false;
    }
}
