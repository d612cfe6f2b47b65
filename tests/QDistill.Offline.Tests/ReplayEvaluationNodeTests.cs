using System.Text.Json.Nodes;
using QDistill.Distillation.Runs;
using QDistill.Evaluation.Replay;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;
using EvaluateClient = QDistill.Ros.ActionClient<QDistill.Msgs.QdistillMsgs.EvaluateBag, QDistill.Msgs.QdistillMsgs.EvaluateBag.Goal, QDistill.Msgs.QdistillMsgs.EvaluateBag.Result, QDistill.Msgs.QdistillMsgs.EvaluateBag.Feedback>;

namespace QDistill.Offline.Tests;

[Collection(nameof(OfflineData))]
public sealed class ReplayEvaluationNodeTests(OfflineData data) : IDisposable
{
    private readonly TempDirectory folder = new();

    [Fact]
    public void Bag_and_model_given_as_parameters_are_judged_at_the_start_and_the_metrics_stay_for_whoever_comes_late()
    {
        using var node = new TestNode<ReplayEvaluationNode>((context, start) => new ReplayEvaluationNode(context, start), ("bag", data.Bag), ("model", data.Model.Model), ("output", folder["a"]));
        node.Await(() => File.Exists(Path.Combine(folder["a"], "report.html")), "the report is written");
        string? latched = null;
        node.Peer.CreateSubscription<Msgs.StdMsgs.String>("/replay_evaluation/output/metrics", QoSProfile.Default with { Durability = DurabilityPolicy.TransientLocal }, m => latched = m.Data);
        node.Await(() => latched is not null, "the metrics come");
        Assert.Equal(File.ReadAllText(Path.Combine(folder["a"], "metrics.json")), latched);

        ReplayOutcome reference = new ReplayRun { Bags = [data.Bag], Robot = "simulated_agv", Model = data.Model.Model, Output = folder["reference"] }.Run(SilentObserver.Instance, CancellationToken.None);
        EvaluateClient client = node.Peer.CreateActionClient<EvaluateBag, EvaluateBag.Goal, EvaluateBag.Result, EvaluateBag.Feedback>("/replay_evaluation/evaluate_bag");
        Assert.True(node.Await(client.WaitForServerAsync(TestNode<ReplayEvaluationNode>.Patience)));
        var stages = new List<string>();
        GoalResult<EvaluateBag.Result> result = node.Await(node.Await(client.SendGoalAsync(new EvaluateBag.Goal { Output = folder["b"] }, f => stages.Add(f.Stage)))!.GetResultAsync());
        Assert.True(result.Result.Success, result.Result.Message);
        Assert.Equal(data.Model.ModelId, result.Result.ModelId);
        Assert.Equal(Path.Combine(folder["b"], "metrics.json"), result.Result.MetricsFile);
        Assert.Equal(["replaying", "judging"], stages.Distinct());
        JsonNode ours = JsonNode.Parse(result.Result.Metrics)!, theirs = JsonNode.Parse(reference.Report.ToJson())!;
        Assert.Equal(theirs["predictors"]!.ToJsonString(), ours["predictors"]!.ToJsonString());

        GoalResult<EvaluateBag.Result> none = node.Await(node.Await(client.SendGoalAsync(new EvaluateBag.Goal { Model = folder["nowhere"] }))!.GetResultAsync());
        Assert.Equal(GoalStatus.Aborted, none.Status);
        Assert.Contains(folder["nowhere"], none.Result.Message);
    }

    [Fact]
    public void A_kind_that_does_not_exist_is_refused_with_the_nearest()
    {
        using var domain = new TestDomain();
        using var context = new RosContext(RosContextOptions.Loopback(domain.Id));
        Configuration.UserErrorException e = Assert.Throws<Configuration.UserErrorException>(() => OfflineNodes.Create("teacher_labelling", context, new OfflineNodeStart()));
        Assert.Contains("teacher_labeling", e.Message);
        e = Assert.Throws<Configuration.UserErrorException>(() => OfflineNodes.Create("teacher_labeling", context, new OfflineNodeStart(
            Options: new NodeOptions { ParameterOverrides = new Dictionary<string, ParameterValue> { ["shots"] = -1L } })));
        Assert.Contains("shots", e.Message);
    }

    public void Dispose() => folder.Dispose();
}
