using QDistill.Distillation.Labelling;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;

namespace QDistill.Cli.Tests;

/// <summary>An offline node as a process, driven by an action as an operator does, beside the verb that does the same.</summary>
[Collection(nameof(SmallFlow))]
public sealed class OfflineNodeTests(SmallFlow flow)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void A_bag_labelled_over_ros_is_the_one_that_the_verb_makes()
    {
        using var domain = new TestDomain();
        using var context = new RosContext(new RosContextOptions { DomainId = domain.Id, DiscoveryRange = DiscoveryRange.Localhost, StaticPeers = [] });
        Node node = context.CreateNode("operator");
        using CommandLine labeling = CommandLine.Start(domain.Id, "node", "teacher_labeling", "--namespace", "/lab", "--robot", "simulated_agv");
        ActionClient<LabelBag, LabelBag.Goal, LabelBag.Result, LabelBag.Feedback> client =
            node.CreateActionClient<LabelBag, LabelBag.Goal, LabelBag.Result, LabelBag.Feedback>("/lab/teacher_labeling/label_bag");
        Assert.True(context.SpinUntilComplete(client.WaitForServerAsync(Patience), Patience), labeling.Said);
        string output = flow["labelled_over_ros"];
        var goal = new LabelBag.Goal { Bag = flow.Bag(1), Teacher = flow.Teacher, Output = output };
        ClientGoalHandle<LabelBag.Result>? handle = context.SpinUntilComplete(client.SendGoalAsync(goal, null, Patience), Patience);
        GoalResult<LabelBag.Result> result = context.SpinUntilComplete(handle!.GetResultAsync(Patience), Patience);
        Assert.True(result.Result.Success, result.Result.Message + labeling.Said);
        LabelledBag ours = LabelledBag.Read(output), verb = LabelledBag.Read(Path.Combine(flow.LabelledBags, "run_1"));
        Assert.Equal(verb.Info.ToYaml(), ours.Info.ToYaml());
        Assert.Equal(verb.Data.Teacher!.Probabilities, ours.Data.Teacher!.Probabilities);
        Assert.Equal(verb.Ledger!.Circuits, ours.Ledger!.Circuits);
        labeling.Signal("INT");
        Assert.Equal(0, labeling.Wait().ExitCode);
        Assert.Contains("teacher_labeling ready: serves /lab/teacher_labeling/label_bag", labeling.Said);
    }
}
