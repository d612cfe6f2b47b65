using Microsoft.Extensions.Logging;
using QDistill.Ros.Transport;

namespace QDistill.Ros;

/// <summary>What services and clients share: the name, the type, and the counting of what cannot be read.</summary>
public abstract class ServiceEndpoint : Waitable
{
    private protected const int Batch = 16;

    private readonly MalformedSamples malformed = new();
    private long malformedHeaders;

    private protected ServiceEndpoint(Node node, string name, ServiceType type, CallbackGroup? group)
        : base(node, group)
    {
        Name = name;
        Type = type;
    }

    /// <summary>The absolute name, after renaming.</summary>
    public string Name { get; }

    /// <summary>The service's type.</summary>
    public ServiceType Type { get; }

    /// <summary>Requests or replies received so far whose header or bytes do not fit; each source of them is logged once.</summary>
    public long MalformedCount => malformed.Count + Interlocked.Read(ref malformedHeaders);

    /// <summary>Whether it answers (or asks).</summary>
    internal abstract bool IsServer { get; }

    private protected abstract void Receive(in NativeSample sample);

    internal sealed override unsafe bool Execute()
    {
        NativeSample* samples = stackalloc NativeSample[Batch];
        int count = NativeMethods.Check(NativeMethods.qd_take(Entity, samples, IsReentrant ? 1 : Batch));
        try
        {
            for (int i = 0; i < count && !IsDisposed; i++)
            {
                try
                {
                    Receive(in samples[i]);
                }
                catch (CdrException e)
                {
                    if (malformed.Add(samples[i].PublisherGid))
                    {
                        Report(samples[i].PublisherGid, e.Message);
                    }
                }
                catch (Exception e)
                {
                    Node.Context.ReportCallbackFailure(e, Name);
                }
            }
        }
        finally
        {
            NativeMethods.qd_release(samples, count);
        }

        ReportHeaders();
        return count > 0;
    }

    // Those without a whole header do not come up with the others.
    private unsafe void ReportHeaders()
    {
        Gid* sources = stackalloc Gid[Batch];
        int count = NativeMethods.Check(NativeMethods.qd_take_malformed(Entity, out ulong total, sources, Batch));
        Volatile.Write(ref malformedHeaders, (long)total);
        for (int i = 0; i < count; i++)
        {
            if (malformed.IsFirst(sources[i]))
            {
                Report(sources[i], "its header is cut short or of another encoding, as that of a client on another middleware (RMW_IMPLEMENTATION) would be");
            }
        }
    }

    private void Report(Gid source, string reason) =>
        Node.Logger.LogError("A message of service '{Name}' from {Source} is malformed and was dropped: {Reason}", Name, source, reason);
}

/// <summary>Answers requests.</summary>
/// <typeparam name="TService">The generated service class.</typeparam>
/// <typeparam name="TRequest">Its request class.</typeparam>
/// <typeparam name="TResponse">Its response class.</typeparam>
public sealed class Service<TService, TRequest, TResponse> : ServiceEndpoint
    where TService : IService<TRequest, TResponse>
    where TRequest : class, IMessage<TRequest>, new()
    where TResponse : class, IMessage<TResponse>, new()
{
    private readonly Func<TRequest, Task<TResponse>> handler;

    internal Service(Node node, string name, QoSProfile qos, Func<TRequest, Task<TResponse>> handler, CallbackGroup? group)
        : base(node, name, TService.Type, group)
    {
        this.handler = handler;
        NativeQoS native = qos.ToNative();
        Open(NativeMethods.qd_service_create(node.Handle, name, Type.Name, Type.Request.Hash, Type.Response.Hash, native, out nint entity), entity);
    }

    internal override bool IsServer => true;

    private protected override void Receive(in NativeSample sample)
    {
        TRequest request = Cdr.Deserialize<TRequest>(sample.Payload);
        NativeRequestId id = sample.Request;
        Task<TResponse> answer = handler(request);
        if (answer.IsCompleted)
        {
            Reply(id, answer.GetAwaiter().GetResult());
        }
        else
        {
            _ = ReplyLater(id, answer);
        }
    }

    private async Task ReplyLater(NativeRequestId id, Task<TResponse> answer)
    {
        try
        {
            Reply(id, await answer.ConfigureAwait(false));
        }
        catch (Exception e) when (e is not CdrException || !IsDisposed)
        {
            Node.Logger.LogError(e, "A request to service '{Name}' failed: {Message}", Name, e.Message);
        }
    }

    private unsafe void Reply(NativeRequestId id, TResponse response)
    {
        if (IsDisposed)
        {
            return;
        }

        byte[] payload = Cdr.Serialize(response);
        int result;
        fixed (byte* p = payload)
        {
            result = NativeMethods.qd_send_reply(Entity, id, p, (nuint)payload.Length);
        }

        // As with ROS's own services, a client that has gone gets no answer, and nobody is troubled.
        if (result == NativeMethods.TimedOut)
        {
            Node.Logger.LogWarning("failed to send response to {Name} (timeout): {Reason}", Name, NativeMethods.LastError);
        }
        else if (result != NativeMethods.Gone)
        {
            NativeMethods.Check(result);
        }
    }
}
