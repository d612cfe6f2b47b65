using QDistill.Ros.Transport;

namespace QDistill.Ros;

/// <summary>Calls a service. Replies are received while the context spins; in a callback, await the call instead of blocking.</summary>
/// <typeparam name="TService">The generated service class.</typeparam>
/// <typeparam name="TRequest">Its request class.</typeparam>
/// <typeparam name="TResponse">Its response class.</typeparam>
public sealed class Client<TService, TRequest, TResponse> : ServiceEndpoint
    where TService : IService<TRequest, TResponse>
    where TRequest : class, IMessage<TRequest>, new()
    where TResponse : class, IMessage<TResponse>, new()
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(2);

    private readonly Lock gate = new();
    private readonly Dictionary<long, TaskCompletionSource<TResponse>> pending = [];

    internal Client(Node node, string name, QoSProfile qos, CallbackGroup? group)
        : base(node, name, TService.Type, group)
    {
        NativeQoS native = qos.ToNative();
        Open(NativeMethods.qd_client_create(node.Handle, name, Type.Name, Type.Request.Hash, Type.Response.Hash, native, out nint entity), entity);
    }

    /// <summary>Whether a server is there and its endpoints and ours are in step, so that a request sent now is not lost.</summary>
    public bool IsServiceReady => !IsDisposed && NativeMethods.Check(NativeMethods.qd_service_available(Entity)) == 1;

    /// <summary>Calls that wait for their reply.</summary>
    public int PendingCount
    {
        get
        {
            lock (gate)
            {
                return pending.Count;
            }
        }
    }

    /// <summary>Waits until <see cref="IsServiceReady"/>; needs no spinning.</summary>
    /// <returns>False on time-out.</returns>
    public async Task<bool> WaitForServiceAsync(TimeSpan timeout, CancellationToken cancellation = default)
    {
        long end = timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : Clock.SteadyNow + (timeout.Ticks * TimeSpan.NanosecondsPerTick);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, Node.Context.ShutdownToken);
        while (!IsServiceReady)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            if (Clock.SteadyNow >= end)
            {
                return false;
            }

            await Task.Delay(Poll, both.Token).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Waits for the server, sends the request and waits for the reply.</summary>
    /// <param name="request">The request; it may be changed as soon as the task is awaited.</param>
    /// <param name="timeout">For all of it; null: no limit.</param>
    /// <param name="cancellation">Gives the call up; a reply that still comes is dropped.</param>
    /// <exception cref="TimeoutException">No server or no reply in time.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, or the context shut down.</exception>
    public async Task<TResponse> CallAsync(TRequest request, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        long start = Clock.SteadyNow;
        TimeSpan limit = timeout ?? Timeout.InfiniteTimeSpan;
        byte[] payload = Cdr.Serialize(request);
        if (!IsServiceReady && !await WaitForServiceAsync(limit, cancellation).ConfigureAwait(false))
        {
            throw new TimeoutException($"no server of '{Name}' came within {limit.TotalSeconds:G3} s");
        }

        (long sequence, Task<TResponse> reply) = Send(payload);
        try
        {
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, Node.Context.ShutdownToken);
            if (timeout is null)
            {
                return await reply.WaitAsync(both.Token).ConfigureAwait(false);
            }

            TimeSpan left = limit - TimeSpan.FromTicks((Clock.SteadyNow - start) / TimeSpan.NanosecondsPerTick);
            return await reply.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, both.Token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"'{Name}' did not answer within {limit.TotalSeconds:G3} s");
        }
        finally
        {
            lock (gate)
            {
                pending.Remove(sequence);
            }
        }
    }

    /// <summary>
    /// Calls and waits: spins the context when nobody does, otherwise waits for the thread that does. A callback may wait like this only with several
    /// <see cref="RosContextOptions.ExecutorThreads"/>, and not for a service of its own mutually exclusive group.
    /// </summary>
    /// <exception cref="InvalidOperationException">Called from a callback that would wait for itself: await <see cref="CallAsync"/> there.</exception>
    /// <exception cref="TimeoutException">No server or no reply in time.</exception>
    public TResponse Call(TRequest request, TimeSpan timeout)
    {
        Executor executor = Node.Context.Executor;
        Thread? spinning = executor.SpinningThread;
        if (spinning == Thread.CurrentThread)
        {
            throw new InvalidOperationException($"a callback must not block on '{Name}': its reply could never be received; await CallAsync instead, or give the context several executor threads");
        }

        if (CallbackGroup.Current is { Type: CallbackGroupType.MutuallyExclusive } group && executor.Serves(Name, group))
        {
            throw new InvalidOperationException($"a callback must not block on '{Name}', which its own mutually exclusive callback group serves; await CallAsync instead, or serve it in another group");
        }

        using CallbackThreads.Blocking blocking = executor.Block();

        Task<TResponse> task = CallAsync(request, timeout);
        return spinning is null ? Node.Context.SpinUntilComplete(task, timeout + TimeSpan.FromSeconds(1)) : task.GetAwaiter().GetResult();
    }

    internal override bool RunsNoCallback => true;

    internal override bool IsServer => false;

    private protected override void Receive(in NativeSample sample)
    {
        TaskCompletionSource<TResponse>? waiting;
        lock (gate)
        {
            pending.Remove(sample.Request.Sequence, out waiting);
        }

        if (waiting is null)
        {
            return;
        }

        try
        {
            waiting.TrySetResult(Cdr.Deserialize<TResponse>(sample.Payload));
        }
        catch (CdrException e)
        {
            waiting.TrySetException(e);
            throw;
        }
    }

    private protected override void Closed()
    {
        lock (gate)
        {
            foreach (TaskCompletionSource<TResponse> waiting in pending.Values)
            {
                waiting.TrySetException(new ObjectDisposedException(Name, "the client was disposed before the reply came"));
            }

            pending.Clear();
        }
    }

    private unsafe (long Sequence, Task<TResponse> Reply) Send(byte[] payload)
    {
        var waiting = new TaskCompletionSource<TResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
        ObjectDisposedException.ThrowIf(IsDisposed, this);

        // The lock keeps a quick reply out until its number is known.
        lock (gate)
        {
            fixed (byte* p = payload)
            {
                NativeMethods.Check(NativeMethods.qd_send_request(Entity, p, (nuint)payload.Length, out long sequence));
                pending.Add(sequence, waiting);
                return (sequence, waiting.Task);
            }
        }
    }
}
