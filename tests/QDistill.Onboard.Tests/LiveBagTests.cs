using QDistill.Bags;
using QDistill.Features;
using QDistill.Inference;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;

namespace QDistill.Onboard.Tests;

/// <summary>A recorded bag played in real time into the nodes, as on a robot.</summary>
public sealed class LiveBagTests(OnnxModels models) : IClassFixture<OnnxModels>
{
    private static readonly RiskOptions Patient = new()
    {
        InputTimeout = 5_000_000_000,
        MinimumValid = 0.2,
        Stamps = new() { MaxAge = 5_000_000_000, FutureTolerance = 5_000_000_000 },
    };

    [DataTheory("bags/gazebo_agv/gazebo_agv_1")]
    [InlineData(false)]
    [InlineData(true)]
    public void Player_to_fusion_to_inference_gives_the_models_answer_to_the_features_published(bool composed)
    {
        string file = Path.Combine(SharedData.Repository, "robots", "gazebo_agv.yaml");
        RobotConfig robot = RobotConfig.Load(file);
        string model = models.For(robot);
        using var domain = new TestDomain();
        RosContextOptions network = RosContextOptions.Loopback(domain.Id);
        using var fusionContext = new RosContext(network);
        using var riskContext = new RosContext(network);
        using var probe = new RosContext(network);
        var simulated = new NodeOptions { UseSimTime = true };
        var fusionOptions = new FeatureFusionOptions { Robot = file, QoS = new() { InputReliable = false, InputDepth = 100 } };
        var riskOptions = new RiskInferenceOptions { Model = model, Risk = Patient, QoS = new() { InputReliable = true } };
        var nodes = new List<FlightNode>();
        if (composed)
        {
            nodes.Add(new OnboardNode(fusionContext, new OnboardOptions { Fusion = fusionOptions, Inference = riskOptions }, null, new NodeStart("onboard", null, simulated)));
        }
        else
        {
            var remaps = new RemapRules([new RemapRule(null, "~/input/features", "/feature_fusion/output/features")]);
            nodes.Add(new FeatureFusionNode(fusionContext, fusionOptions, new NodeStart("feature_fusion", null, simulated)));
            nodes.Add(new RiskInferenceNode(riskContext, riskOptions, null, new NodeStart("risk_inference", null, simulated with { Remaps = remaps })));
        }

        (string features, string risk) = composed ? ("/onboard", "/onboard") : ("/feature_fusion", "/risk_inference");
        foreach (FlightNode node in nodes)
        {
            node.Configure();
            node.Activate();
        }

        Node listener = probe.CreateNode("listener");
        var vectors = new Dictionary<long, FusedFeatures>();
        var risks = new List<CollisionRisk>();
        listener.CreateSubscription<FusedFeatures>(features + "/output/features", QoSProfile.KeepLast(1000), (m, _) => vectors[m.Header.Stamp.ToNanoseconds()] = NodeHarness.Copy(m));
        listener.CreateSubscription<CollisionRisk>(risk + "/output/collision_risk", QoSProfile.KeepLast(1000), (m, _) => risks.Add(NodeHarness.Copy(m)));
        Thread[] spinners = [.. new[] { fusionContext, riskContext }.Select(c => new Thread(() => c.Spin()))];
        foreach (Thread t in spinners)
        {
            t.Start();
        }

        using BagReader reader = BagReader.Open(SharedData.PathOf("bags/gazebo_agv/gazebo_agv_1"), new BagReadOptions { Topics = [.. robot.Sources.Select(s => s.Topic)] });
        using var player = new BagPlayer(reader, probe.CreateNode("player"), new BagPlayOptions
        {
            Rate = 2,
            StartOffset = TimeSpan.FromSeconds(10),
            EndOffset = TimeSpan.FromSeconds(18),
            ClockPerMessage = true,
            WaitFor = [.. robot.Sources.Select(s => s.Topic)],
        });
        Task playing = Task.Factory.StartNew(() => player.Play(), TaskCreationOptions.LongRunning);
        Assert.True(probe.SpinUntil(() => playing.IsCompleted, TimeSpan.FromSeconds(30)));
        playing.GetAwaiter().GetResult();
        probe.SpinUntil(() => false, TimeSpan.FromMilliseconds(300));
        fusionContext.Shutdown();
        riskContext.Shutdown();
        foreach (Thread t in spinners)
        {
            t.Join();
        }

        nodes.ForEach(n => n.Dispose());
        using RiskModel direct = RiskModel.Load(model);
        float[] input = new float[robot.Schema.Count], violations = new float[robot.Constraints.Count];
        int compared = 0;
        foreach (CollisionRisk r in risks.Where(r => r.Status is CollisionRisk.OK or CollisionRisk.DEGRADED))
        {
            if (vectors.TryGetValue(r.Header.Stamp.ToNanoseconds(), out FusedFeatures? v))
            {
                for (int i = 0; i < input.Length; i++)
                {
                    input[i] = (v.Validity[i >> 3] & (1 << (i & 7))) != 0 ? v.Values[i] : float.NaN;
                }

                Assert.Equal(InferenceStatus.Ok, direct.Predict(input, violations, out float collision, out _));
                Assert.Equal(collision, r.Probability);
                compared++;
            }
        }

        // 8 s of bag at 10 Hz; a busy machine may lose a few best-effort messages.
        Assert.True(compared >= 40, $"{compared} predictions of {risks.Count} for {vectors.Count} vectors");
        Assert.Contains(risks, r => r.Status == CollisionRisk.OK);
    }
}
