using QDistill.Distillation.Labelling;
using QDistill.Msgs.DiagnosticMsgs;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;
using LabelClient = QDistill.Ros.ActionClient<QDistill.Msgs.QdistillMsgs.LabelBag, QDistill.Msgs.QdistillMsgs.LabelBag.Goal, QDistill.Msgs.QdistillMsgs.LabelBag.Result, QDistill.Msgs.QdistillMsgs.LabelBag.Feedback>;
using LabelHandle = QDistill.Ros.ClientGoalHandle<QDistill.Msgs.QdistillMsgs.LabelBag.Result>;

namespace QDistill.Offline.Tests;

[Collection(nameof(OfflineData))]
public sealed class TeacherLabelingNodeTests(OfflineData data) : IDisposable
{
    private const int Chunk = 1024; // windows that the labeller asks for at once
    private readonly TempDirectory folder = new();

    [Fact]
    public void A_goal_cancelled_half_way_and_resumed_gives_the_labels_of_the_command_line()
    {
        using TestNode<TeacherLabelingNode> node = Start(("teacher", data.Teacher));
        using var reached = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        node.Offline.Stepped = (stage, fraction) =>
        {
            if (stage.StartsWith("labelling", StringComparison.Ordinal) && fraction < 1)
            {
                reached.Set();
                goOn.Wait(TestNode<TeacherLabelingNode>.Patience);
            }
        };
        LabelClient client = NewClient(node);
        var feedback = new List<(string Stage, ulong Done, ulong Total)>();
        var progress = new List<(string Task, string Stage)>();
        node.Peer.CreateSubscription<TaskProgress>("/teacher_labeling/debug/progress", QoSProfile.KeepLast(100), m => progress.Add((m.Task, m.Stage)));
        LabelHandle first = Send(node, client, new LabelBag.Goal { Bag = data.Bag, Output = folder["out"] }, f => feedback.Add((f.Stage, f.Done, f.Total)));
        node.Await(() => reached.IsSet, "the first chunk is labelled");
        Assert.Equal(CancelReturnCode.None, node.Await(first.CancelAsync()).ReturnCode);
        goOn.Set();
        GoalResult<LabelBag.Result> cut = node.Await(first.GetResultAsync());
        Assert.Equal((GoalStatus.Canceled, false), (cut.Status, cut.Result.Success));
        Assert.Contains("resume", cut.Result.Message);
        Assert.False(Path.Exists(folder["out"]));
        Assert.Contains(feedback, f => f.Stage.StartsWith("reading", StringComparison.Ordinal));
        Assert.Contains(feedback, f => f.Stage.StartsWith("labelling", StringComparison.Ordinal) && f.Total > 2 * Chunk);
        node.Await(() => progress.Any(p => p.Task == first.GoalId.ToString() && p.Stage.StartsWith("labelling", StringComparison.Ordinal)) && progress[^1].Stage.Length == 0, "the progress topic says that it is over");

        node.Offline.Stepped = null;
        GoalResult<LabelBag.Result> whole = node.Await(Send(node, client, new LabelBag.Goal { Bag = data.Bag, Output = folder["out"], Resume = true }).GetResultAsync());
        Assert.True(whole.Result.Success, whole.Result.Message);
        Assert.Equal(GoalStatus.Succeeded, whole.Status);
        Assert.Equal((ulong)Chunk, whole.Result.Resumed);
        Assert.Equal([folder["out"]], whole.Result.Outputs.ToArray());
        Assert.Equal(data.Labels.TeacherId, whole.Result.TeacherId);
        LabelledBag ours = LabelledBag.Read(folder["out"]), reference = LabelledBag.Read(data.Labelled);
        Assert.Equal((ulong)ours.Data.Count, whole.Result.Windows);
        Assert.Equal(reference.Info.ToYaml(), ours.Info.ToYaml());
        Assert.Equal(reference.Data.Stamps, ours.Data.Stamps);
        Assert.Equal(reference.Data.Teacher!.Probabilities, ours.Data.Teacher!.Probabilities);
    }

    [Fact]
    public void What_cannot_be_done_aborts_the_goal_with_a_sentence_in_the_goals_own_words()
    {
        using TestNode<TeacherLabelingNode> node = Start();
        LabelClient client = NewClient(node);
        string taken = folder["taken"];
        Directory.CreateDirectory(taken);
        foreach ((LabelBag.Goal goal, string sentence) in new[]
        {
            (new LabelBag.Goal { Output = folder["x"] }, "the goal names no bag; fill in its field 'bag'."),
            (new LabelBag.Goal { Bag = data.Bag }, "the goal names no output; fill in its field 'output', the labelled bag's folder."),
            (new LabelBag.Goal { Bag = folder["none"], Output = folder["x"] }, $"{folder["none"]}: does not exist; give a bag's folder, a .mcap or .db3 file, or a folder of bags."),
            (new LabelBag.Goal { Bag = data.Bag, Output = taken }, $"{taken}: exists already; give another output, or overwrite, or resume."),
            (new LabelBag.Goal { Bag = data.Bag, Robot = "simulated_agvv", Output = folder["x"] }, "robot: there is no robot 'simulated_agvv'; did you mean 'simulated_agv'."),
            (new LabelBag.Goal { Bag = data.Bag, Backend = "noisy", Output = folder["x"] }, "backend: the back end 'noisy' needs a noise model; give one with noise FILE (see docs/quantum.md)."),
        })
        {
            GoalResult<LabelBag.Result> result = node.Await(Send(node, client, goal).GetResultAsync());
            Assert.Equal((GoalStatus.Aborted, false, sentence), (result.Status, result.Result.Success, result.Result.Message));
        }

        DiagnosticArray? diagnostics = null;
        node.Peer.CreateSubscription<DiagnosticArray>("/diagnostics", null, m => diagnostics = m);
        node.Await(() => diagnostics is not null, "diagnostics come");
        DiagnosticStatus status = Assert.Single(diagnostics!.Status.ToArray());
        Assert.Equal(("teacher_labeling: work", DiagnosticStatus.WARN), (status.Name, status.Level));
        Assert.StartsWith("the last run failed: backend", status.Message);
        Assert.Equal("6", status.Values.ToArray().Single(v => v.Key == "failed").Value);
    }

    [Fact]
    public void Goals_are_done_one_after_the_other_and_a_node_that_ends_leaves_what_can_be_resumed()
    {
        using TestNode<TeacherLabelingNode> node = Start(("teacher", data.Teacher));
        using var reached = new ManualResetEventSlim();
        node.Offline.Stepped = (stage, fraction) =>
        {
            // Holds the run until it is told to end: the node's own end must do that.
            if (stage.StartsWith("labelling", StringComparison.Ordinal) && fraction < 1)
            {
                reached.Set();
                Thread.Sleep(20);
            }
        };
        LabelClient client = NewClient(node);
        var waiting = new List<string>();
        LabelHandle first = Send(node, client, new LabelBag.Goal { Bag = data.Bag, Output = folder["first"] });
        LabelHandle second = Send(node, client, new LabelBag.Goal { Bag = data.Bag, Output = folder["second"] }, f => waiting.Add(f.Stage));
        node.Await(() => waiting.Count > 0, "the second goal has said what it does");
        Assert.Equal("waiting for the run before it", waiting[0]);
        Assert.Equal(CancelReturnCode.None, node.Await(second.CancelAsync()).ReturnCode);
        Assert.Equal(GoalStatus.Canceled, node.Await(second.GetResultAsync()).Status);
        Assert.False(Directory.Exists(folder[".second.part"]));
        node.Await(() => reached.IsSet, "the first chunk is labelled");
        node.Offline.Dispose();
        Assert.True(Directory.Exists(folder["first"]) || Directory.Exists(folder[".first.part"]));
        Assert.NotNull(first);
    }

    [Fact]
    public void Parameters_are_described_within_limits_and_a_wrong_back_end_is_refused()
    {
        using TestNode<TeacherLabelingNode> node = Start(("backend", "sampled"), ("shots", 64L));
        NodeParameters p = node.Offline.Node.Parameters;
        Assert.Equal("sampled", p.Get<string>("backend"));
        Assert.Equal("Parameter {shots} doesn't comply with integer range.", p.Set("shots", -1L));
        Assert.Equal("there is no back end 'statevektor', only statevector, sampled, noisy, qsharp, azure", p.Set("backend", "statevektor"));
        Assert.All(p.Describe(p.List([], 0).Names), d => Assert.True(d.Description.Length > 0 || d.Name == "use_sim_time", d.Name));
        Assert.Contains("/teacher_labeling/get_type_description", node.Offline.Node.GetServiceNamesAndTypes().Select(s => s.Name));
        Assert.Contains("/teacher_labeling/label_bag", node.Offline.Node.GetActionNamesAndTypes().Select(a => a.Name));
        Assert.Equal("serves /teacher_labeling/label_bag (qdistill_msgs/action/LabelBag)", node.Offline.Summary);
    }

    public void Dispose() => folder.Dispose();

    private static TestNode<TeacherLabelingNode> Start(params (string Name, ParameterValue Value)[] parameters) =>
        new((context, start) => new TeacherLabelingNode(context, start), parameters);

    private static LabelClient NewClient(TestNode<TeacherLabelingNode> node)
    {
        LabelClient client = node.Peer.CreateActionClient<LabelBag, LabelBag.Goal, LabelBag.Result, LabelBag.Feedback>("/teacher_labeling/label_bag");
        Assert.True(node.Await(client.WaitForServerAsync(TestNode<TeacherLabelingNode>.Patience)));
        return client;
    }

    private static LabelHandle Send(TestNode<TeacherLabelingNode> node, LabelClient client, LabelBag.Goal goal, Action<LabelBag.Feedback>? feedback = null)
    {
        LabelHandle? handle = node.Await(client.SendGoalAsync(goal, feedback));
        Assert.NotNull(handle);
        return handle;
    }
}
