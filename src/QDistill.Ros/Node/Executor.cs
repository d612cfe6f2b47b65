using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using QDistill.Ros.Transport;

namespace QDistill.Ros;

/// <summary>
/// Waits in one wait set and runs all callbacks of a context one after the other on the thread that spins, or, with several threads, hands them to
/// <see cref="CallbackThreads"/> by their groups. Endpoints and timers may come and go from any thread, also from callbacks.
/// </summary>
internal sealed class Executor : IDisposable
{
    private const ulong GuardToken = ulong.MaxValue;
    private const ulong GraphToken = ulong.MaxValue - 1;
    private const int Batch = 64;

    private readonly RosContext context;
    private readonly WaitSetHandle waitSet;
    private readonly EntityHandle guard;
    private readonly Lock gate = new();
    private readonly ConcurrentQueue<Action> posted = new();
    private readonly ConcurrentQueue<Waitable> signalled = new();
    private readonly CallbackSynchronizationContext synchronization;
    private readonly CallbackThreads? threads;
    private readonly CallbackGroup ownGroup;
    private readonly GraphWork graphWork;

    // A token is a slot's index and, above it, the slot's generation, so that a report for what was removed meanwhile finds nobody.
    private Waitable?[] slots = new Waitable?[16];
    private uint[] generations = new uint[16];
    private Timer[] timers = [];
    private int spinning;
    private bool threaded;
    private volatile bool stopRequested;
    private ExceptionDispatchInfo? failure;
    private Action? whenIdle;

    public Executor(RosContext context, ContextHandle handle)
    {
        this.context = context;
        synchronization = new CallbackSynchronizationContext(this, null);
        ownGroup = new CallbackGroup(this, null, CallbackGroupType.MutuallyExclusive);
        graphWork = new GraphWork(context);
        int count = context.Options.ExecutorThreads;
        ArgumentOutOfRangeException.ThrowIfNegative(count, nameof(RosContextOptions.ExecutorThreads));
        threads = count == 1 ? null : new CallbackThreads(this, count == 0 ? Math.Max(2, Environment.ProcessorCount) : count);
        NativeMethods.Check(NativeMethods.qd_wait_set_create(handle, out nint set));
        waitSet = new WaitSetHandle(set, handle);
        NativeMethods.Check(NativeMethods.qd_guard_create(handle, out nint entity));
        guard = new EntityHandle(entity, handle);
        NativeMethods.Check(NativeMethods.qd_wait_set_attach(waitSet, guard, GuardToken));
        NativeMethods.Check(NativeMethods.qd_wait_set_attach_graph(waitSet, GraphToken));
    }

    /// <summary>The thread that spins now, or null.</summary>
    public Thread? SpinningThread { get; private set; }

    public void Add(Waitable waitable)
    {
        lock (gate)
        {
            int i = Array.IndexOf(slots, null);
            if (i < 0)
            {
                i = slots.Length;
                Array.Resize(ref slots, i * 2);
                Array.Resize(ref generations, i * 2);
            }

            waitable.Token = ((ulong)++generations[i] << 32) | (uint)i;
            slots[i] = waitable;
        }

        int result = NativeMethods.qd_wait_set_attach(waitSet, waitable.Entity, waitable.Token);
        if (result < 0)
        {
            Forget(waitable);
            throw NativeMethods.Failure(result);
        }
    }

    public void Remove(Waitable waitable)
    {
        Forget(waitable);
        _ = NativeMethods.qd_wait_set_detach(waitSet, waitable.Entity);
    }

    public void Add(Timer timer)
    {
        lock (gate)
        {
            timers = [.. timers, timer];
        }

        Wake();
    }

    public void Remove(Timer timer)
    {
        lock (gate)
        {
            timers = [.. timers.Where(t => t != timer)];
        }
    }

    /// <summary>Runs an action on the spinning thread.</summary>
    public void Post(Action action)
    {
        posted.Enqueue(action);
        Wake();
    }

    /// <summary>Makes the wait set return. An await's continuation may still post here after the context is gone: nobody will run it, and nobody is troubled.</summary>
    public void Wake()
    {
        try
        {
            _ = NativeMethods.qd_guard_trigger(guard);
        }
        catch (ObjectDisposedException)
        {
        }
    }

    /// <summary>Serves a waitable soon, whatever its wait set says: something was handed to it within this process.</summary>
    public void Signal(Waitable waitable)
    {
        if (!waitable.TryQueue())
        {
            return;
        }

        if (threaded)
        {
            threads!.Submit(waitable.Group, waitable);
            return;
        }

        signalled.Enqueue(waitable);
        if (SpinningThread != Thread.CurrentThread)
        {
            Wake();
        }
    }

    /// <summary>How long a wait looks for work without sleeping [ns].</summary>
    public void SetBusyPoll(long ns) => NativeMethods.Check(NativeMethods.qd_wait_set_busy_poll(waitSet, ns));

    public void Stop()
    {
        stopRequested = true;
        Wake();
    }

    /// <summary>Serves callbacks until told to stop.</summary>
    public void Spin(CancellationToken cancellation)
    {
        using Entry entry = Enter();
        using CancellationTokenRegistration registration = cancellation.UnsafeRegister(static e => ((Executor)e!).Wake(), this);
        if (threads is not null)
        {
            SpinThreads(cancellation);
        }
        else
        {
            while (!stopRequested && !cancellation.IsCancellationRequested)
            {
                ServeOnce(Timeout.Infinite);
            }
        }

        stopRequested = false;
    }

    /// <summary>Waits up to <paramref name="timeout"/> for work and does all of what is ready then.</summary>
    /// <returns>Whether a callback ran.</returns>
    public bool SpinOnce(TimeSpan timeout)
    {
        using Entry entry = Enter();
        if (stopRequested)
        {
            stopRequested = false;
            return false;
        }

        return ServeOnce(timeout == Timeout.InfiniteTimeSpan ? Timeout.Infinite : (long)(timeout.Ticks * TimeSpan.NanosecondsPerTick));
    }

    public bool SpinUntil(Func<bool> condition, TimeSpan timeout)
    {
        using Entry entry = Enter();
        long end = timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : Clock.SteadyNow + (timeout.Ticks * TimeSpan.NanosecondsPerTick);
        while (!condition())
        {
            long left = end == long.MaxValue ? Timeout.Infinite : end - Clock.SteadyNow;
            if (stopRequested || (left <= 0 && end != long.MaxValue))
            {
                stopRequested = false;
                return condition();
            }

            ServeOnce(left);
        }

        return true;
    }

    /// <summary>Whether no further callback is to begin.</summary>
    public bool IsStopping => stopRequested || context.IsShutdown;

    /// <summary>Whether the calling thread is one of several that run callbacks.</summary>
    public bool IsOnCallbackThread => CallbackGroup.Current?.SynchronizationContext is CallbackSynchronizationContext own && own.BelongsTo(this);

    /// <summary>Hands work to the threads.</summary>
    public void Submit(CallbackGroup group, ICallbackWork work)
    {
        threads!.Submit(group, work);
        if (!threaded)
        {
            Wake();
        }
    }

    /// <summary>For a callback that is about to block until a reply comes: another thread takes its place.</summary>
    public CallbackThreads.Blocking Block() => IsOnCallbackThread ? threads!.Block() : default;

    /// <summary>Runs work on one of the threads; an exception is logged, or ends the spin.</summary>
    public void RunOnThread(ICallbackWork work)
    {
        try
        {
            RunGuarded(work);
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(e), null);
            Stop();
        }
    }

    public bool RunGuarded(ICallbackWork work) => Guarded(static w => w.Run(), work);

    /// <summary>The service of this context with this name in this group, if there is one.</summary>
    public bool Serves(string service, CallbackGroup group)
    {
        lock (gate)
        {
            return slots.Any(s => s is ServiceEndpoint { IsServer: true } e && e.Group == group && e.Name == service);
        }
    }

    /// <summary>Runs an action once the spin that runs now has ended, on the thread that spun.</summary>
    public void WhenIdle(Action action) => whenIdle = action;

    /// <summary>Waits until nobody spins any more; returns at once on the spinning thread itself.</summary>
    public void AwaitIdle()
    {
        var wait = new SpinWait();
        while (Volatile.Read(ref spinning) != 0 && SpinningThread != Thread.CurrentThread)
        {
            wait.SpinOnce();
        }
    }

    public void Dispose()
    {
        guard.Dispose();
        waitSet.Dispose();
    }

    private Entry Enter()
    {
        if (Interlocked.CompareExchange(ref spinning, 1, 0) != 0)
        {
            throw new InvalidOperationException(SpinningThread == Thread.CurrentThread
                ? "a callback must not spin the context that runs it"
                : "this context is already spinning on another thread");
        }

        SpinningThread = Thread.CurrentThread;
        return new Entry(this, SynchronizationContext.Current);
    }

    private void Forget(Waitable waitable)
    {
        lock (gate)
        {
            int i = (int)(uint)waitable.Token;
            if (slots[i] == waitable)
            {
                slots[i] = null;
            }
        }
    }

    private unsafe bool ServeOnce(long timeoutNs)
    {
        ulong* tokens = stackalloc ulong[Batch];
        long wait = posted.IsEmpty && signalled.IsEmpty && (threaded || threads is not { HasReady: true }) ? NextTimer(timeoutNs) : 0;
        int n = NativeMethods.Check(NativeMethods.qd_wait_set_wait(waitSet, wait, tokens, Batch));
        if (threaded)
        {
            return Dispatch(new ReadOnlySpan<ulong>(tokens, n));
        }

        bool ran = false;
        for (int i = 0; i < n && !stopRequested; i++)
        {
            if (tokens[i] == GraphToken)
            {
                ran |= RunGuarded(graphWork);
            }
            else if (tokens[i] != GuardToken && Find(tokens[i]) is { } waitable)
            {
                ran |= Guarded(static w => w.Serve(), waitable);
            }
        }

        ran |= !signalled.IsEmpty && ServeSignalled();

        // After the messages: a message is waited for, a timer's time has passed already, and one that watches for silence must see what has come.
        ran |= RunTimers();

        // What callbacks post now is served by the next round, so that posting cannot starve the rest.
        for (int left = posted.IsEmpty ? 0 : posted.Count; left > 0 && posted.TryDequeue(out Action? action); left--)
        {
            ran |= Guarded(
                static a =>
                {
                    a();
                    return true;
                },
                action);
        }

        return threads is null ? ran : ran | threads.RunHere();
    }

    private bool ServeSignalled()
    {
        bool ran = false;
        for (int left = signalled.Count; left > 0 && !stopRequested && signalled.TryDequeue(out Waitable? waitable); left--)
        {
            ran |= Guarded(static w => w.ServeQueued(), waitable);
        }

        return ran;
    }

    private Waitable? Find(ulong token)
    {
        Waitable?[] current = slots;
        int i = (int)(uint)token;
        Waitable? waitable = i < current.Length ? Volatile.Read(ref current[i]) : null;
        return waitable is not null && waitable.Token == token ? waitable : null;
    }

    private long NextTimer(long timeoutNs)
    {
        long wait = timeoutNs < 0 ? long.MaxValue : timeoutNs;
        foreach (Timer timer in timers)
        {
            wait = Math.Min(wait, timer.NanosecondsUntilReady);
        }

        return wait == long.MaxValue ? -1 : Math.Max(wait, 0);
    }

    private bool RunTimers()
    {
        bool ran = false;
        foreach (Timer timer in timers)
        {
            if (timer.NanosecondsUntilReady <= 0 && !stopRequested)
            {
                ran |= Guarded(static t => t.Execute(), timer);
            }
        }

        return ran;
    }

    private bool Guarded<T>(Func<T, bool> run, T subject)
    {
        try
        {
            return run(subject);
        }
        catch (Exception e) when (context.Options.CallbackExceptions == CallbackExceptionPolicy.LogAndContinue)
        {
            context.Logger.LogError(e, "A callback failed: {Message}", e.Message);
            return true;
        }
    }

    // The thread that spins only waits and hands out; replies to clients run no callback and are received here, so that a callback may wait for one.
    private bool Dispatch(ReadOnlySpan<ulong> tokens)
    {
        foreach (ulong token in tokens)
        {
            if (token == GraphToken)
            {
                threads!.Submit(ownGroup, graphWork);
            }
            else if (token != GuardToken && Find(token) is { } waitable)
            {
                if (waitable.RunsNoCallback)
                {
                    Guarded(static w => w.Serve(), waitable);
                }
                else if (waitable.TryQueue())
                {
                    threads!.Submit(waitable.Group, waitable);
                }
            }
        }

        while (signalled.TryDequeue(out Waitable? waitable))
        {
            threads!.Submit(waitable.Group, waitable);
        }

        foreach (Timer timer in timers)
        {
            if (timer.TryQueue())
            {
                threads!.Submit(timer.Group, timer);
            }
        }

        while (posted.TryDequeue(out Action? action))
        {
            threads!.Submit(ownGroup, new PostedWork(static a => ((Action)a!)(), action));
        }

        return true;
    }

    private void SpinThreads(CancellationToken cancellation)
    {
        threaded = true;
        threads!.Start();
        try
        {
            while (!stopRequested && !cancellation.IsCancellationRequested)
            {
                ServeOnce(Timeout.Infinite);
            }

            // Callbacks that still run may wait for replies.
            threads.Stop();
            while (threads.Alive > 0)
            {
                ServeOnce(Timeout.Infinite);
            }
        }
        finally
        {
            threads.Stop();
            threaded = false;
        }

        stopRequested = false;
        Interlocked.Exchange(ref failure, null)?.Throw();
    }

    private sealed class GraphWork(RosContext context) : ICallbackWork
    {
        public bool Run() => context.RaiseGraphChanged();
    }

    private readonly struct Entry : IDisposable
    {
        private readonly Executor executor;
        private readonly SynchronizationContext? previous;

        public Entry(Executor executor, SynchronizationContext? previous)
        {
            this.executor = executor;
            this.previous = previous;
            SynchronizationContext.SetSynchronizationContext(executor.synchronization);
        }

        public void Dispose()
        {
            SynchronizationContext.SetSynchronizationContext(previous);
            executor.SpinningThread = null;
            Volatile.Write(ref executor.spinning, 0);
            Interlocked.Exchange(ref executor.whenIdle, null)?.Invoke();
        }
    }
}
