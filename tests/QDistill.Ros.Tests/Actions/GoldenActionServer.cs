using System.Collections.Concurrent;
using QDistill.Msgs.ExampleInterfaces;
using Server = QDistill.Ros.ActionServer<QDistill.Msgs.ExampleInterfaces.Fibonacci, QDistill.Msgs.ExampleInterfaces.Fibonacci.Goal, QDistill.Msgs.ExampleInterfaces.Fibonacci.Result, QDistill.Msgs.ExampleInterfaces.Fibonacci.Feedback>;
using ServerHandle = QDistill.Ros.ServerGoalHandle<QDistill.Msgs.ExampleInterfaces.Fibonacci.Goal, QDistill.Msgs.ExampleInterfaces.Fibonacci.Result, QDistill.Msgs.ExampleInterfaces.Fibonacci.Feedback>;

namespace QDistill.Ros.Tests;

/// <summary>
/// The server of the golden transcripts, with the same meaning of orders: below 0 refused, 100 aborts, 101 runs until cancelled or released, 102 refuses to be cancelled, 103
/// returns without an end, 104 throws, 105 is deferred until released, 106 waits for cancel and then succeeds, others publish feedback. Where the original waited for a
/// time, this one waits for <see cref="Release"/>, so that a busy machine changes nothing.
/// </summary>
internal sealed class GoldenActionServer
{
    private readonly ConcurrentDictionary<GoalId, TaskCompletionSource> released = [];

    public GoldenActionServer(Node node, TimeSpan? resultTimeout = null) => Server = node.CreateActionServer<Fibonacci, Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback>(
        "fib",
        new ActionCallbacks<Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback>
        {
            Goal = (_, goal) => goal.Order < 0 ? GoalResponse.Reject : goal.Order == 105 ? GoalResponse.AcceptAndDefer : GoalResponse.AcceptAndExecute,
            Cancel = handle => handle.Goal.Order == 102 ? CancelResponse.Reject : CancelResponse.Accept,
            Accepted = handle =>
            {
                if (handle.Goal.Order == 105)
                {
                    _ = Gate(handle.GoalId).Task.ContinueWith(_ => handle.Execute(), TaskScheduler.Default);
                }
            },
            Execute = ExecuteAsync,
        },
        new ActionServerOptions { ResultTimeout = resultTimeout ?? TimeSpan.FromSeconds(3) });

    public Server Server { get; }

    /// <summary>Lets a goal of order 101, 102 or 105 go on.</summary>
    public void Release(GoalId id) => Gate(id).TrySetResult();

    private TaskCompletionSource Gate(GoalId id) => released.GetOrAdd(id, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task ExecuteAsync(ServerHandle handle, CancellationToken cancellation)
    {
        switch (handle.Goal.Order)
        {
            case 100:
                handle.Abort(Result(7));
                return;
            case 101 or 102:
                await Task.WhenAny(Gate(handle.GoalId).Task, Task.Delay(Timeout.Infinite, cancellation));
                if (handle.IsCanceling)
                {
                    handle.Canceled(Result(1, 0, 1));
                }
                else if (!cancellation.IsCancellationRequested)
                {
                    handle.Succeed(Result(handle.Goal.Order));
                }

                return;
            case 103:
                return;
            case 104:
                throw new InvalidOperationException("boom");
            case 106:
                await Task.WhenAny(Task.Delay(Timeout.Infinite, cancellation));
                handle.Succeed(Result(6));
                return;
            default:
                int order = handle.Goal.Order == 105 ? 3 : handle.Goal.Order;
                var feedback = new Fibonacci.Feedback { Sequence = { 0, 1 } };
                for (int i = 1; i < order; i++)
                {
                    feedback.Sequence.Add(feedback.Sequence[i] + feedback.Sequence[i - 1]);
                    handle.PublishFeedback(feedback);
                }

                handle.Succeed(Result(feedback.Sequence.ToArray()));
                return;
        }
    }

    private static Fibonacci.Result Result(params int[] sequence)
    {
        var result = new Fibonacci.Result();
        result.Sequence.Assign(sequence);
        return result;
    }
}
