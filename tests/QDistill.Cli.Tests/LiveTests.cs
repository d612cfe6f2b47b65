using System.Diagnostics;
using System.Text.Json;
using QDistill.Features;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;

namespace QDistill.Cli.Tests;

/// <summary>The nodes as processes over DDS, as an operator starts them.</summary>
[Collection(nameof(SmallFlow))]
public sealed class LiveTests(SmallFlow flow)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // As the programs that CommandLine starts: ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST.
    private static RosContextOptions Here(TestDomain domain) => new() { DomainId = domain.Id, DiscoveryRange = DiscoveryRange.Localhost, StaticPeers = [] };

    [Fact]
    public void Player_fusion_and_inference_publish_predictions_and_end_in_order()
    {
        using var domain = new TestDomain();
        using var context = new RosContext(Here(domain));
        Node node = context.CreateNode("probe");
        int good = 0, latencies = 0, violations = 0;
        node.CreateSubscription<CollisionRisk>("/risk_inference/output/collision_risk", QoSProfile.KeepLast(100), (m, _) =>
        {
            if (m.Status is CollisionRisk.OK or CollisionRisk.DEGRADED or CollisionRisk.OUT_OF_DISTRIBUTION)
            {
                Assert.InRange(m.Probability, 0f, 1f);
                good++;
            }
        });
        node.CreateSubscription<InferenceLatency>("/risk_inference/debug/latency", QoSProfile.KeepLast(100), (_, _) => latencies++);
        node.CreateSubscription<ConstraintViolations>("/risk_inference/output/constraint_violations", QoSProfile.KeepLast(100), (m, _) => violations += m.Violations.Count);
        using CommandLine fusion = CommandLine.Start(domain.Id, "node", "feature_fusion", "--robot", "simulated_agv");
        using CommandLine inference = CommandLine.Start(domain.Id, "node", "risk_inference", "--model", flow.Model, "--remap", "~/input/features:=/feature_fusion/output/features");
        using CommandLine player = CommandLine.Start(domain.Id, "play", flow.Bag(3), "--wait-for", "/agv/scan", "/agv/odom", "--loop");
        Assert.True(context.SpinUntil(() => good >= 10 && latencies >= 10 && violations >= 20, Patience), $"{good} predictions\n{fusion.Said}\n{inference.Said}\n{player.Said}");
        foreach (CommandLine program in (CommandLine[])[player, inference, fusion])
        {
            program.Signal("INT");
            Assert.Equal(0, program.Wait().ExitCode);
        }

        Assert.Contains("risk_inference active: model ", inference.Said);
    }

    [Fact]
    public void One_composed_process_with_a_remapped_player_at_twice_the_pace()
    {
        using var domain = new TestDomain();
        using var context = new RosContext(Here(domain));
        Node node = context.CreateNode("probe");
        int good = 0, clocks = 0;
        node.CreateSubscription<CollisionRisk>("/onboard/output/collision_risk", QoSProfile.KeepLast(100), (m, _) => good += m.Status is CollisionRisk.OK or CollisionRisk.DEGRADED or CollisionRisk.OUT_OF_DISTRIBUTION ? 1 : 0);
        node.CreateSubscription<Msgs.RosgraphMsgs.Clock>("/clock", QoSProfile.Clock, (_, _) => clocks++);
        using CommandLine onboard = CommandLine.Start(domain.Id, "node", "onboard", "--robot", "simulated_agv", "--model", flow.Model, "--use-sim-time", "--remap", "/agv/scan:=/front/scan");
        Assert.True(context.SpinUntil(() => node.CountPublishers("/onboard/output/collision_risk") > 0, Patience), onboard.Said);
        using CommandLine player = CommandLine.Start(domain.Id, "play", flow.Bag(3), "--rate", "2", "--clock", "100", "--remap", "/agv/scan:=/front/scan", "--wait-for", "/agv/odom");
        Assert.True(context.SpinUntil(() => good >= 10 && clocks >= 100, Patience), $"{good} predictions, {clocks} clocks\n{onboard.Said}\n{player.Said}");
        player.Signal("INT");
        Assert.Equal(130, player.Wait().ExitCode);
        Assert.Contains("/front/scan", player.Said);

        // Twice, as from a terminal, which signals the whole process group, and from the launcher within it.
        onboard.Signal("INT");
        onboard.Signal("INT");
        Assert.Equal(0, onboard.Wait().ExitCode);
    }

    [Fact]
    public void Features_that_no_model_should_judge_are_answered_with_a_status()
    {
        using var domain = new TestDomain();
        using var context = new RosContext(Here(domain));
        Node node = context.CreateNode("probe");
        RobotConfig robot = RobotConfig.Load(Path.Combine(SharedData.Repository, "robots", "simulated_agv.yaml"));
        CollisionRisk? heard = null;
        node.CreateSubscription<CollisionRisk>("/risk_inference/output/collision_risk", QoSProfile.KeepLast(100), (m, _) =>
            heard = m.Header.Stamp.ToNanoseconds() == 0 ? heard : new CollisionRisk { Status = m.Status, Probability = m.Probability, ModelId = m.ModelId });
        Publisher<FusedFeatures> features = node.CreatePublisher<FusedFeatures>("/risk_inference/input/features", QoSProfile.Default);
        using CommandLine inference = CommandLine.Start(domain.Id, "node", "risk_inference", "--model", flow.Model);
        Assert.True(context.SpinUntil(() => features.MatchedCount > 0, Patience), inference.Said);
        float[] means = Means();

        CollisionRisk Ask(Action<FusedFeatures> change, byte status)
        {
            long start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start) < Patience)
            {
                heard = null;
                var message = new FusedFeatures { SchemaId = robot.Schema.Id };
                message.Values.Resize(robot.Schema.Count);
                means.CopyTo(message.Values.Span);
                message.Validity.Resize((robot.Schema.Count + 7) / 8);
                message.Validity.Span.Fill(0xFF);
                message.Header.Stamp.SetNanoseconds(node.Clock.Now);
                message.OldestSource.SetNanoseconds(node.Clock.Now);
                change(message);
                features.Publish(message);
                context.SpinUntil(() => heard?.Status == status, TimeSpan.FromSeconds(0.3));
                if (heard?.Status == status)
                {
                    return heard;
                }
            }

            throw new Xunit.Sdk.XunitException($"status {status} never came, but {heard?.Status}\n{inference.Said}");
        }

        CollisionRisk good = Ask(_ => { }, CollisionRisk.OK);
        Assert.InRange(good.Probability, 0f, 0.999f);
        Assert.Matches("^[0-9a-f]{12}$", good.ModelId);
        foreach (Action<FusedFeatures> wrong in (Action<FusedFeatures>[])
            [m => m.Values.Span[3] = float.NaN, m => m.Values.Resize(3), m => m.Validity.Resize(1), m => m.SchemaId = new string('2', 64)])
        {
            CollisionRisk bad = Ask(wrong, CollisionRisk.INVALID_INPUT);
            Assert.Equal(1f, bad.Probability);
            Ask(_ => { }, CollisionRisk.OK);
        }

        inference.Signal("TERM");
        Assert.Equal(0, inference.Wait().ExitCode);
    }

    [Fact]
    public void When_the_fusion_process_is_killed_the_inference_says_so_and_recovers_with_its_successor()
    {
        using var domain = new TestDomain();
        using var context = new RosContext(Here(domain));
        Node node = context.CreateNode("probe");
        CollisionRisk? last = null;
        node.CreateSubscription<CollisionRisk>("/risk_inference/output/collision_risk", QoSProfile.KeepLast(100), (m, _) => last = new CollisionRisk { Status = m.Status, Probability = m.Probability });
        using CommandLine inference = CommandLine.Start(domain.Id, "node", "risk_inference", "--model", flow.Model, "--remap", "~/input/features:=/feature_fusion/output/features");
        using CommandLine player = CommandLine.Start(domain.Id, "play", flow.Bag(3), "--wait-for", "/agv/scan", "/agv/odom", "--loop");
        using (CommandLine fusion = CommandLine.Start(domain.Id, "node", "feature_fusion", "--robot", "simulated_agv"))
        {
            Assert.True(context.SpinUntil(Judged, Patience), $"{last?.Status}\n{fusion.Said}\n{inference.Said}\n{player.Said}");
            fusion.Signal("KILL");
            Assert.True(context.SpinUntil(() => last!.Status == CollisionRisk.STALE_INPUT, Patience), inference.Said);
            Assert.Equal(1f, last!.Probability);
        }

        using CommandLine successor = CommandLine.Start(domain.Id, "node", "feature_fusion", "--robot", "simulated_agv");
        Assert.True(context.SpinUntil(Judged, Patience), $"{last.Status}\n{successor.Said}\n{inference.Said}");
        inference.Signal("TERM");
        Assert.Equal(0, inference.Wait().ExitCode);

        bool Judged() => last?.Status is CollisionRisk.OK or CollisionRisk.DEGRADED or CollisionRisk.OUT_OF_DISTRIBUTION;
    }

    // The medians the flow's first bag shows: values a model trained on it must take for ordinary.
    private float[] Means()
    {
        using JsonDocument json = JsonDocument.Parse(flow.Features.Output);
        return [.. json.RootElement.GetProperty("features").EnumerateArray().Select(f => f.GetProperty("median").GetSingle())];
    }
}
