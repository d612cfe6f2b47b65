using QDistill.Msgs.ActionMsgs;
using QDistill.Msgs.ExampleInterfaces;

namespace QDistill.Ros.Tests;

/// <summary>The other side of the golden transcripts: plain service clients and subscriptions with the generated classes, no action client.</summary>
internal sealed class Peer : IDisposable
{
    private readonly TestNodes ros;
    private readonly Node node;
    private readonly Client<Fibonacci.SendGoal, Fibonacci.SendGoal.Request, Fibonacci.SendGoal.Response> sendGoal;
    private readonly Client<Fibonacci.GetResult, Fibonacci.GetResult.Request, Fibonacci.GetResult.Response> getResult;
    private readonly Client<CancelGoal, CancelGoal.Request, CancelGoal.Response> cancelGoal;

    public Peer(TestNodes ros)
    {
        this.ros = ros;
        node = ros.Open().CreateNode("peer");
        node.CreateSubscription<Fibonacci.FeedbackMessage>("/fib/_action/feedback", QoSProfile.KeepLast(100), m =>
            Feedback.Add($"{GoalId.From(m.GoalId)} {string.Join(',', m.Feedback.Sequence.ToArray())}"));
        node.CreateSubscription<GoalStatusArray>("/fib/_action/status", ActionQoS.StatusDefault with { Depth = 100 }, OnStatus);
        sendGoal = node.CreateClient<Fibonacci.SendGoal, Fibonacci.SendGoal.Request, Fibonacci.SendGoal.Response>("/fib/_action/send_goal");
        getResult = node.CreateClient<Fibonacci.GetResult, Fibonacci.GetResult.Request, Fibonacci.GetResult.Response>("/fib/_action/get_result");
        cancelGoal = node.CreateClient<CancelGoal, CancelGoal.Request, CancelGoal.Response>("/fib/_action/cancel_goal");
    }

    public List<string> Feedback { get; } = [];

    /// <summary>The succession of states of each goal.</summary>
    public Dictionary<string, List<int>> States { get; } = [];

    public void AwaitServer() => TestNodes.Await(() => sendGoal.IsServiceReady && getResult.IsServiceReady && cancelGoal.IsServiceReady, "the server is there");

    public void Await(Func<bool> condition) => node.Context.SpinUntil(condition, TestNodes.Patience);

    public T Complete<T>(Task<T> task) => node.Context.SpinUntilComplete(task, TestNodes.Patience);

    public bool SendGoal(GoalId id, int order)
    {
        var request = new Fibonacci.SendGoal.Request { Goal = { Order = order } };
        id.CopyTo(request.GoalId);
        Fibonacci.SendGoal.Response reply = sendGoal.Call(request, TestNodes.Patience);
        Assert.Equal(0, reply.Stamp.ToNanoseconds());
        return reply.Accepted;
    }

    public async Task<(int Status, int[] Sequence)> GetResult(GoalId id)
    {
        var request = new Fibonacci.GetResult.Request();
        id.CopyTo(request.GoalId);
        Fibonacci.GetResult.Response reply = await getResult.CallAsync(request, TestNodes.Patience);
        return (reply.Status, reply.Result.Sequence.ToArray());
    }

    public (int Code, string[] Canceling) Cancel(GoalId id, long stamp = 0)
    {
        var request = new CancelGoal.Request();
        id.CopyTo(request.GoalInfo.GoalId);
        request.GoalInfo.Stamp.SetNanoseconds(stamp);
        CancelGoal.Response reply = cancelGoal.Call(request, TestNodes.Patience);
        Assert.All(reply.GoalsCanceling.ToArray(), g => Assert.NotEqual(0, g.Stamp.ToNanoseconds()));
        return (reply.ReturnCode, [.. reply.GoalsCanceling.ToArray().Select(g => GoalId.From(g.GoalId).ToString())]);
    }

    public void ExpectLateStatus((string Goal, int Status)[] wanted)
    {
        Node late = ros.Open().CreateNode("late");
        (string Goal, int Status)[]? got = null;
        late.CreateSubscription<GoalStatusArray>("/fib/_action/status", ActionQoS.StatusDefault, m => got = [.. m.StatusList.ToArray().Select(s => (GoalId.From(s.GoalInfo.GoalId).ToString(), (int)s.Status))]);
        Assert.True(late.Context.SpinUntil(() => got is not null, TestNodes.Patience));
        Assert.Equal(wanted, got!.Where(g => wanted.Any(w => w.Goal == g.Goal)));
        Assert.All(got!.Where(g => wanted.All(w => w.Goal != g.Goal)), g => Assert.InRange(g.Status, 4, 6));
    }

    public void Dispose() => node.Dispose();

    private void OnStatus(GoalStatusArray message)
    {
        foreach (Msgs.ActionMsgs.GoalStatus status in message.StatusList)
        {
            GoldenActionTests.Append(States, GoalId.From(status.GoalInfo.GoalId).ToString(), status.Status);
        }
    }
}
