namespace QDistill.Ros;

public sealed partial class Clock
{
    // The system's clock may be set while we wait; this is how late that is noticed.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    /// <summary>Waits until this clock shows a time. On simulated time it is /clock that ends the wait, also by a jump over that time.</summary>
    /// <param name="until">The time, ns.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>True when the time has come; false when the node's context shut down or simulated time was switched on or off meanwhile.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<bool> SleepUntilAsync(long until, CancellationToken cancellation = default)
    {
        var changed = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        void OnJump(TimeJump jump)
        {
            if (jump.SourceChanged)
            {
                changed.TrySetResult(false);
            }
            else if (jump.To >= until)
            {
                changed.TrySetResult(true);
            }
        }

        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, context?.ShutdownToken ?? CancellationToken.None);
        Jumped += OnJump;
        try
        {
            bool simulatedTime = isSimulated;
            while (Now is var now && now < until && isSimulated == simulatedTime)
            {
                TimeSpan left = simulatedTime ? Timeout.InfiniteTimeSpan : Rounded(until - now);
                Task ended = await Task.WhenAny(changed.Task, Task.Delay(left, both.Token)).ConfigureAwait(false);
                if (ended == changed.Task)
                {
                    return await changed.Task.ConfigureAwait(false);
                }

                if (both.IsCancellationRequested)
                {
                    cancellation.ThrowIfCancellationRequested();
                    return false;
                }
            }

            return isSimulated == simulatedTime;
        }
        finally
        {
            Jumped -= OnJump;

            // Ends the delay that lost the race.
            await both.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Waits for a duration of this clock's time. On simulated time that has not started it counts from 0.</summary>
    /// <param name="duration">The duration.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>As <see cref="SleepUntilAsync"/>.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<bool> SleepForAsync(TimeSpan duration, CancellationToken cancellation = default) =>
        SleepUntilAsync(Now + (duration.Ticks * TimeSpan.NanosecondsPerTick), cancellation);

    /// <summary>Blocks until this clock shows a time.</summary>
    /// <param name="until">The time, ns.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>As <see cref="SleepUntilAsync"/>.</returns>
    /// <exception cref="InvalidOperationException">Simulated time, in a callback that /clock would have to wait for.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public bool SleepUntil(long until, CancellationToken cancellation = default)
    {
        if (context is null || Now >= until)
        {
            return SleepUntilAsync(until, cancellation).GetAwaiter().GetResult();
        }

        if (isSimulated && (context.Executor.SpinningThread == Thread.CurrentThread || (FeederGroup is { } feeder && CallbackGroup.Current == feeder)))
        {
            throw new InvalidOperationException("a callback must not block on simulated time where /clock could not be received meanwhile; await SleepUntilAsync instead, or give the context several executor threads");
        }

        // Another thread takes this one's place meanwhile.
        using CallbackThreads.Blocking blocking = context.Executor.Block();
        return SleepUntilAsync(until, cancellation).GetAwaiter().GetResult();
    }

    /// <summary>Blocks for a duration of this clock's time.</summary>
    /// <param name="duration">The duration.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>As <see cref="SleepUntilAsync"/>.</returns>
    /// <exception cref="InvalidOperationException">As <see cref="SleepUntil"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public bool SleepFor(TimeSpan duration, CancellationToken cancellation = default) => SleepUntil(Now + (duration.Ticks * TimeSpan.NanosecondsPerTick), cancellation);

    // Delays have whole milliseconds; a shorter one would return early and spin.
    private static TimeSpan Rounded(long nanoseconds)
    {
        var time = TimeSpan.FromMilliseconds(Math.Ceiling(nanoseconds / 1e6));
        return time < LongestWait ? time : LongestWait;
    }
}
