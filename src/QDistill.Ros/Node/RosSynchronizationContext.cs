namespace QDistill.Ros;

/// <summary>Brings the continuations of an <c>await</c> in a callback back to the thread that spins.</summary>
internal sealed class RosSynchronizationContext(Executor executor) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state) => executor.Post(() => d(state));

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (executor.SpinningThread == Thread.CurrentThread)
        {
            d(state);
            return;
        }

        using var done = new ManualResetEventSlim();
        executor.Post(() =>
        {
            try
            {
                d(state);
            }
            finally
            {
                done.Set();
            }
        });
        done.Wait();
    }

    public override SynchronizationContext CreateCopy() => this;
}
