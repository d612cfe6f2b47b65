namespace QDistill.Ros;

/// <summary>
/// The threads that run callbacks while a context with several <see cref="RosContextOptions.ExecutorThreads"/> spins. They live as long as the spin; what has not
/// begun when it ends stays queued for the next one. A thread that blocks on a service call is replaced while it does, so that calls cannot use up all of them.
/// </summary>
internal sealed class CallbackThreads(Executor executor, int count)
{
    private readonly object gate = new();

    // Groups with a callback that may run now; a reentrant group stands here once for each.
    private readonly Queue<CallbackGroup> ready = new();
    private int alive;
    private int blocked;
    private int number;
    private bool running;

    /// <summary>Threads that have not ended.</summary>
    public int Alive
    {
        get
        {
            lock (gate)
            {
                return alive;
            }
        }
    }

    /// <summary>Whether something waits to run that no thread has begun.</summary>
    public bool HasReady
    {
        get
        {
            lock (gate)
            {
                return ready.Count > 0;
            }
        }
    }

    public void Start()
    {
        lock (gate)
        {
            running = true;
            for (int i = 0; i < count; i++)
            {
                StartOne();
            }
        }
    }

    /// <summary>Lets every thread end after the callback that it runs now; the executor is woken by each.</summary>
    public void Stop()
    {
        lock (gate)
        {
            running = false;
            Monitor.PulseAll(gate);
        }
    }

    public void Submit(CallbackGroup group, ICallbackWork work)
    {
        lock (gate)
        {
            group.Waiting.Enqueue(work);
            if (group.Type == CallbackGroupType.Reentrant || !group.IsActive)
            {
                group.IsActive = true;
                ready.Enqueue(group);
                Monitor.Pulse(gate);
            }
        }
    }

    /// <summary>Runs what is queued on the calling thread, when no threads run.</summary>
    /// <returns>Whether a callback ran.</returns>
    public bool RunHere()
    {
        bool ran = false;
        for (int left = Count(); left > 0 && TryTake(wait: false, out CallbackGroup? group, out ICallbackWork? work); left--)
        {
            try
            {
                ran |= executor.RunGuarded(work);
            }
            finally
            {
                Finish(group);
            }
        }

        return ran;
    }

    /// <summary>While the result is not disposed, another thread stands in for the calling one.</summary>
    public Blocking Block()
    {
        lock (gate)
        {
            blocked++;
            if (running && alive - blocked < count)
            {
                StartOne();
            }
        }

        return new Blocking(this);
    }

    private int Count()
    {
        lock (gate)
        {
            return ready.Count;
        }
    }

    private void StartOne()
    {
        alive++;
        new Thread(Loop) { IsBackground = true, Name = $"ros callbacks {++number}" }.Start();
    }

    private void Loop()
    {
        while (TryTake(wait: true, out CallbackGroup? group, out ICallbackWork? work))
        {
            CallbackGroup.Current = group;
            SynchronizationContext.SetSynchronizationContext(group.SynchronizationContext);
            executor.RunOnThread(work);
            CallbackGroup.Current = null;
            Finish(group);
        }

        // The executor leaves Spin when it sees none alive.
        executor.Wake();
    }

    private bool TryTake(bool wait, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out CallbackGroup? group, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ICallbackWork? work)
    {
        lock (gate)
        {
            while (wait && running && ready.Count == 0 && alive - blocked <= count)
            {
                Monitor.Wait(gate);
            }

            if (ready.Count > 0 && (!wait || (running && !executor.IsStopping && alive - blocked <= count)))
            {
                group = ready.Dequeue();
                work = group.Waiting.Dequeue();
                return true;
            }

            alive -= wait ? 1 : 0;
            group = null;
            work = null;
            return false;
        }
    }

    private void Finish(CallbackGroup group)
    {
        if (group.Type == CallbackGroupType.Reentrant)
        {
            return;
        }

        lock (gate)
        {
            group.IsActive = group.Waiting.Count > 0;
            if (group.IsActive)
            {
                ready.Enqueue(group);
                Monitor.Pulse(gate);
            }
        }
    }

    /// <summary>Ends <see cref="Block"/>.</summary>
    internal readonly struct Blocking(CallbackThreads? threads) : IDisposable
    {
        public void Dispose()
        {
            if (threads is not null)
            {
                lock (threads.gate)
                {
                    threads.blocked--;
                    Monitor.PulseAll(threads.gate);
                }
            }
        }
    }
}
