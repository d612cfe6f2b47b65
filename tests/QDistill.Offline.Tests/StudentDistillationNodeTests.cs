using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;
using DistillClient = QDistill.Ros.ActionClient<QDistill.Msgs.QdistillMsgs.Distill, QDistill.Msgs.QdistillMsgs.Distill.Goal, QDistill.Msgs.QdistillMsgs.Distill.Result, QDistill.Msgs.QdistillMsgs.Distill.Feedback>;

namespace QDistill.Offline.Tests;

[Collection(nameof(OfflineData))]
public sealed class StudentDistillationNodeTests(OfflineData data) : IDisposable
{
    private readonly TempDirectory folder = new();

    [Fact]
    public void A_goal_gives_the_model_of_the_command_line_with_every_epoch_told()
    {
        using TestNode<StudentDistillationNode> node = Start(("seed", 5L), ("recipe", data.Recipe), ("progress_rate", 50.0));
        DistillClient client = NewClient(node);
        var feedback = new List<(string Stage, uint Epoch, uint Epochs, float Loss)>();
        var goal = new Distill.Goal { LabelledBags = { data.Labelled }, Output = folder["model"] };
        ClientGoalHandle<Distill.Result> handle = node.Await(client.SendGoalAsync(goal, f => feedback.Add((f.Stage, f.Epoch, f.Epochs, f.Loss))))!;
        GoalResult<Distill.Result> result = node.Await(handle.GetResultAsync());
        Assert.True(result.Result.Success, result.Result.Message);
        Assert.Equal((GoalStatus.Succeeded, folder["model"]), (result.Status, result.Result.Output));
        Assert.Equal(data.Model.ModelId, result.Result.ModelId);
        Assert.Contains($"best_epoch: {data.Model.BestEpoch}\n", result.Result.Metrics);
        Assert.Equal(File.ReadAllBytes(Path.Combine(data.Model.Model, "student.onnx")), File.ReadAllBytes(Path.Combine(folder["model"], "student.onnx")));
        Assert.Contains(feedback, f => f.Stage == "distilling" && f.Epochs == 6 && f.Epoch is > 0 and <= 6 && float.IsFinite(f.Loss));
    }

    [Fact]
    public void A_cancelled_training_and_a_wrong_bag_leave_no_model()
    {
        using TestNode<StudentDistillationNode> node = Start(("recipe", data.Recipe));
        using var reached = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        node.Offline.Stepped = (stage, fraction) =>
        {
            if (stage == "distilling" && fraction < 0.9)
            {
                reached.Set();
                goOn.Wait(TestNode<StudentDistillationNode>.Patience);
            }
        };
        DistillClient client = NewClient(node);
        ClientGoalHandle<Distill.Result> handle = node.Await(client.SendGoalAsync(new Distill.Goal { LabelledBags = { data.Labelled }, Output = folder["model"] }))!;
        node.Await(() => reached.IsSet, "an epoch is over");
        Assert.Equal(CancelReturnCode.None, node.Await(handle.CancelAsync()).ReturnCode);
        goOn.Set();
        Assert.Equal(GoalStatus.Canceled, node.Await(handle.GetResultAsync()).Status);
        GoalResult<Distill.Result> wrong = node.Await(node.Await(client.SendGoalAsync(new Distill.Goal { LabelledBags = { data.Bag }, Output = folder["model"] }))!.GetResultAsync());
        Assert.Equal(GoalStatus.Aborted, wrong.Status);
        Assert.Contains("it is not a labelled bag", wrong.Result.Message);
        Assert.False(Path.Exists(folder["model"]));
    }

    public void Dispose() => folder.Dispose();

    private static TestNode<StudentDistillationNode> Start(params (string Name, ParameterValue Value)[] parameters) =>
        new((context, start) => new StudentDistillationNode(context, start), parameters);

    private static DistillClient NewClient(TestNode<StudentDistillationNode> node)
    {
        DistillClient client = node.Peer.CreateActionClient<Distill, Distill.Goal, Distill.Result, Distill.Feedback>("/student_distillation/distill");
        Assert.True(node.Await(client.WaitForServerAsync(TestNode<StudentDistillationNode>.Patience)));
        return client;
    }
}
