using Microsoft.Extensions.Logging;
using QDistill.Ros.Transport;

namespace QDistill.Ros;

/// <summary>What services and clients share: the name, the type, and the counting of what cannot be read.</summary>
public abstract class ServiceEndpoint : Waitable
{
    private protected const int Batch = 16;

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

    /// <summary>Requests or replies received so far whose bytes do not fit the type.</summary>
    public long MalformedCount { get; private set; }

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
                    if (MalformedCount++ == 0)
                    {
                        Node.Logger.LogError("A message of service '{Name}' is malformed and was dropped: {Reason}", Name, e.Message);
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

        return count > 0;
    }
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
