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
    private const long LongestTimer = uint.MaxValue - 1;  // ms; it is set again then

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Centuries = TimeSpan.FromDays(100_000);

    private readonly Lock gate = new();
    private readonly Dictionary<long, PendingCall> pending = [];
    private readonly System.Threading.Timer limits;
    private readonly CancellationTokenRegistration shutDown;
    private long nextLimit = long.MaxValue;

    internal Client(Node node, string name, QoSProfile qos, CallbackGroup? group)
        : base(node, name, TService.Type, group)
    {
        NativeQoS native = qos.ToNative();
        Open(NativeMethods.qd_client_create(node.Handle, name, Type.Name, Type.Request.Hash, Type.Response.Hash, native, out nint entity), entity);
        limits = new System.Threading.Timer(static client => ((Client<TService, TRequest, TResponse>)client!).EndLateCalls(), this, Timeout.Infinite, Timeout.Infinite);
        shutDown = node.Context.ShutdownToken.UnsafeRegister(
            static (client, token) =>
            {
                foreach (PendingCall call in ((Client<TService, TRequest, TResponse>)client!).TakeAll())
                {
                    call.TrySetCanceled(token);
                }
            },
            this);
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
    public Task<TResponse> CallAsync(TRequest request, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        try
        {
            byte[] payload = Cdr.Serialize(request);
            cancellation.ThrowIfCancellationRequested();
            return IsServiceReady ? Send(payload, timeout, timeout, cancellation) : CallLater(payload, timeout, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return Task.FromCanceled<TResponse>(cancellation);
        }
        catch (Exception e)
        {
            return Task.FromException<TResponse>(e);
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
        if (Take(sample.Request.Sequence) is not { } call)
        {
            return;
        }

        try
        {
            call.TrySetResult(Cdr.Deserialize<TResponse>(sample.Payload));
        }
        catch (CdrException e)
        {
            call.TrySetException(e);
            throw;
        }
    }

    private protected override void Closed()
    {
        shutDown.Unregister();
        limits.Dispose();

        // Not here: whoever disposes must not find himself in what awaits the call.
        foreach (PendingCall call in TakeAll())
        {
            ThreadPool.UnsafeQueueUserWorkItem(static c => c.Call.TrySetException(new ObjectDisposedException(c.Name, "the client was disposed before the reply came")), (Call: call, Name), preferLocal: false);
        }
    }

    private async Task<TResponse> CallLater(byte[] payload, TimeSpan? timeout, CancellationToken cancellation)
    {
        long start = Clock.SteadyNow;
        if (!await WaitForServiceAsync(timeout ?? Timeout.InfiniteTimeSpan, cancellation).ConfigureAwait(false))
        {
            throw new TimeoutException($"no server of '{Name}' came within {timeout!.Value.TotalSeconds:G3} s");
        }

        TimeSpan? left = timeout - TimeSpan.FromTicks((Clock.SteadyNow - start) / TimeSpan.NanosecondsPerTick);
        return await Send(payload, timeout, left, cancellation).ConfigureAwait(false);
    }

    private unsafe Task<TResponse> Send(byte[] payload, TimeSpan? timeout, TimeSpan? left, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        var call = new PendingCall { Timeout = timeout };
        if (left is { } limit && limit != Timeout.InfiniteTimeSpan)
        {
            call.Deadline = Clock.SteadyNow + (Math.Clamp(limit.Ticks, 0, Centuries.Ticks) * TimeSpan.NanosecondsPerTick);
        }

        // The lock keeps a quick reply out until its number is known.
        lock (gate)
        {
            fixed (byte* p = payload)
            {
                NativeMethods.Check(NativeMethods.qd_send_request(Entity, p, (nuint)payload.Length, out long sequence));
                call.Sequence = sequence;
                pending.Add(sequence, call);
            }

            Watch(call.Deadline);
        }

        if (cancellation.CanBeCanceled)
        {
            call.WatchCancellation(this, cancellation);
        }

        // Whoever ended the client or the context in between did not see this call.
        if (IsDisposed && Take(call.Sequence) is not null)
        {
            call.TrySetException(new ObjectDisposedException(Name, "the client was disposed before the reply came"));
        }
        else if (Node.Context.ShutdownToken.IsCancellationRequested && Take(call.Sequence) is not null)
        {
            call.TrySetCanceled(Node.Context.ShutdownToken);
        }

        return call.Task;
    }

    /// <summary>One timer serves all calls: most end long before their limit, and calls with equal limits end in order. The gate is held.</summary>
    private void Watch(long deadline)
    {
        if (deadline < nextLimit)
        {
            nextLimit = deadline;
            long ms = Math.Max(0, deadline - Clock.SteadyNow + 999_999) / 1_000_000;
            limits.Change(Math.Min(ms, LongestTimer), Timeout.Infinite);
        }
    }

    private void EndLateCalls()
    {
        var late = new List<PendingCall>();
        lock (gate)
        {
            long now = Clock.SteadyNow;
            nextLimit = long.MaxValue;
            late.AddRange(pending.Values.Where(c => c.Deadline <= now));
            foreach (PendingCall call in late)
            {
                pending.Remove(call.Sequence);
            }

            if (pending.Count > 0 && !IsDisposed)
            {
                Watch(pending.Values.Min(c => c.Deadline));
            }
        }

        foreach (PendingCall call in late)
        {
            call.End().TrySetException(new TimeoutException($"'{Name}' did not answer within {call.Timeout!.Value.TotalSeconds:G3} s"));
        }
    }

    private PendingCall? Take(long sequence)
    {
        lock (gate)
        {
            pending.Remove(sequence, out PendingCall? call);
            return call?.End();
        }
    }

    private PendingCall[] TakeAll()
    {
        lock (gate)
        {
            PendingCall[] calls = [.. pending.Values.Select(c => c.End())];
            pending.Clear();
            return calls;
        }
    }

    /// <summary>
    /// A call under way. Whoever takes it out of the table completes it. A reply does so on the thread that spins: an await in a callback goes on there at
    /// once, others go on on the thread pool, because .NET runs nothing foreign inline under a synchronization context.
    /// </summary>
    private sealed class PendingCall : TaskCompletionSource<TResponse>
    {
        private CancellationTokenRegistration cancelled;

        public long Sequence { get; set; }

        public TimeSpan? Timeout { get; init; }

        /// <summary>On the steady clock, ns.</summary>
        public long Deadline { get; set; } = long.MaxValue;

        public void WatchCancellation(Client<TService, TRequest, TResponse> client, CancellationToken cancellation)
        {
            CancellationTokenRegistration registration = cancellation.UnsafeRegister(
                static (state, token) =>
                {
                    (Client<TService, TRequest, TResponse> client, PendingCall call) = ((Client<TService, TRequest, TResponse>, PendingCall))state!;
                    client.Take(call.Sequence)?.TrySetCanceled(token);
                },
                (client, this));
            lock (client.gate)
            {
                cancelled = registration;
                if (client.pending.ContainsKey(Sequence))
                {
                    return;
                }
            }

            registration.Unregister();
        }

        /// <summary>Lets go of the token. Not by Dispose, which would wait for a callback that runs: it may be the one that ends this call.</summary>
        public PendingCall End()
        {
            cancelled.Unregister();
            return this;
        }
    }
}
