namespace QDistill.Ros;

/// <summary>
/// Calls back every period on the executor's thread. Late calls are not caught up: after a delay the next call comes at the next multiple of the period.
/// On ROS time a forward jump gives one call, and a backward jump restarts the period.
/// </summary>
public sealed class Timer : IDisposable, ICallbackWork
{
    private readonly Node node;
    private readonly Action callback;
    private readonly Lock gate = new();
    private long period;
    private long last;
    private long next;
    private bool canceled;
    private bool queued;

    internal Timer(Node node, TimeSpan period, Action callback, Clock clock, CallbackGroup? group)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(period, TimeSpan.Zero);
        this.node = node;
        this.callback = callback;
        this.period = period.Ticks * TimeSpan.NanosecondsPerTick;
        Clock = clock;
        Group = node.Own(group);
        Reset();
        if (clock.Type == ClockType.Ros)
        {
            clock.Jumped += OnJump;
        }
    }

    /// <summary>The clock that it follows.</summary>
    public Clock Clock { get; }

    /// <summary>The callback group.</summary>
    public CallbackGroup Group { get; }

    /// <summary>Whether <see cref="Cancel"/> was called since the last <see cref="Reset"/>.</summary>
    public bool IsCanceled
    {
        get
        {
            lock (gate)
            {
                return canceled;
            }
        }
    }

    /// <summary>The period; a new one counts from now.</summary>
    public TimeSpan Period
    {
        get
        {
            lock (gate)
            {
                return TimeSpan.FromTicks(period / TimeSpan.NanosecondsPerTick);
            }
        }

        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            lock (gate)
            {
                period = value.Ticks * TimeSpan.NanosecondsPerTick;
            }

            Reset();
        }
    }

    /// <summary>How long until the next call; negative when it is late, null when cancelled.</summary>
    public TimeSpan? TimeUntilNextCall
    {
        get
        {
            lock (gate)
            {
                return canceled ? null : TimeSpan.FromTicks((next - Clock.Now) / TimeSpan.NanosecondsPerTick);
            }
        }
    }

    /// <summary>ns until a steady or system timer is due; a timer on simulated time is due or not, and the executor is woken by /clock.</summary>
    internal long NanosecondsUntilReady
    {
        get
        {
            lock (gate)
            {
                if (canceled || queued)
                {
                    return long.MaxValue;
                }

                long left = next - Clock.Now;
                return left > 0 && Clock.IsSimulated ? long.MaxValue : left;
            }
        }
    }

    /// <summary>Stops calling until <see cref="Reset"/>.</summary>
    public void Cancel()
    {
        lock (gate)
        {
            canceled = true;
        }
    }

    /// <summary>Starts the period anew, also after <see cref="Cancel"/>.</summary>
    public void Reset()
    {
        lock (gate)
        {
            last = Clock.Now;
            next = last + period;
            canceled = false;
        }

        node.Context.Executor.Wake();
    }

    /// <summary>Ends the timer.</summary>
    public void Dispose()
    {
        Cancel();
        Clock.Jumped -= OnJump;
        node.Remove(this);
    }

    internal bool Execute()
    {
        if (!Begin())
        {
            return false;
        }

        callback();
        return true;
    }

    /// <summary>True when it is due and does not wait for a thread already.</summary>
    internal bool TryQueue()
    {
        lock (gate)
        {
            if (canceled || queued || Clock.Now < next)
            {
                return false;
            }

            queued = true;
            return true;
        }
    }

    bool ICallbackWork.Run()
    {
        bool due = Begin();

        // The executor did not count with this timer while it was queued.
        node.Context.Executor.Wake();
        if (due)
        {
            callback();
        }

        return due;
    }

    private bool Begin()
    {
        lock (gate)
        {
            queued = false;
            long now = Clock.Now;
            if (canceled || now < next)
            {
                return false;
            }

            last = now;
            next += period;
            if (next <= now)
            {
                // Skip what was missed but keep the phase.
                next = period == 0 ? now : next + (((now - next) / period) + 1) * period;
            }

            return true;
        }
    }

    /// <summary>As rcl's timers: a backward jump beyond the last call restarts the period; when the source changes, the part of the period that is over counts in the new time too.</summary>
    private void OnJump(TimeJump jump)
    {
        lock (gate)
        {
            if (jump.SourceChanged)
            {
                // Time 0 is not started yet, and nothing can be carried over from or to it.
                if (jump.From != 0 && jump.To != 0)
                {
                    last = jump.To - (next - jump.From);
                    next = last + period;
                }
            }
            else if (next > jump.To && jump.To < last)
            {
                last = jump.To;
                next = jump.To + period;
            }
        }

        node.Context.Executor.Wake();
    }
}
