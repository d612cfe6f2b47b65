namespace QDistill.Ros;

/// <summary>Brings the continuations of an <c>await</c> in a callback back to the thread that spins or, with several executor threads, to the callback's group.</summary>
/// <param name="executor">The executor.</param>
/// <param name="group">The group; null: the thread that spins.</param>
internal sealed class CallbackSynchronizationContext(Executor executor, CallbackGroup? group) : SynchronizationContext
{
    private bool IsHere => group is null ? executor.SpinningThread == Thread.CurrentThread : CallbackGroup.Current == group;

    public bool BelongsTo(Executor other) => executor == other;

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (group is null)
        {
            executor.Post(() => d(state));
        }
        else
        {
            executor.Submit(group, new PostedWork(d, state));
        }
    }

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (IsHere)
        {
            d(state);
            return;
        }

        using var done = new ManualResetEventSlim();
        Post(
            _ =>
            {
                try
                {
                    d(state);
                }
                finally
                {
                    done.Set();
                }
            },
            null);
        done.Wait();
    }

    public override SynchronizationContext CreateCopy() => this;
}
