using QDistill.Features;
using QDistill.Msgs.GeometryMsgs;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Msgs.SensorMsgs;
using QDistill.Ros;
using Odometry = QDistill.Msgs.NavMsgs.Odometry;

namespace QDistill.Onboard.Tests;

public sealed class OnboardNodeTests : IDisposable
{
    private static readonly string Robot = Path.Combine(SharedData.Repository, "robots", "simulated_agv.yaml");
    private readonly NodeHarness harness = new();

    [Fact]
    public void Composed_it_predicts_from_sensors_without_a_hop_and_publishes_the_features_besides()
    {
        RobotConfig robot = RobotConfig.Load(Robot);
        var model = new RecordingModel(robot.Schema);
        OnboardNode node = harness.Start(
            new OnboardNode(harness.Robot, new OnboardOptions { Fusion = new() { Robot = Robot }, Inference = new() { Model = "m", Risk = new() { InputTimeout = 30_000_000_000, MinimumValid = 0 } } }, _ => model),
            withFeatures: false);
        var features = new List<FusedFeatures>();
        harness.ProbeNode.CreateSubscription<FusedFeatures>("/onboard/output/features", QoSProfile.Default, (m, _) => features.Add(NodeHarness.Copy(m)));
        SourceConfig source = robot.Sources.First(s => s.Role == SourceRole.Scan);
        Publisher<LaserScan> scans = harness.ProbeNode.CreatePublisher<LaserScan>(source.Topic, QoSProfile.SensorData);
        harness.Until(() => scans.MatchedCount > 0 && harness.ProbeNode.CountPublishers("/onboard/output/features") > 0, "the node");

        for (int i = 0; i < 100 && (features.Count < 5 || harness.Risks.Count < 5); i++)
        {
            scans.Publish(Scan(2.0f - (0.01f * i)));
            harness.Probe.SpinUntil(() => false, TimeSpan.FromMilliseconds(50));
        }

        FusedFeatures last = features[^1];
        harness.Until(() => harness.Risks.Any(r => r.Header.Stamp.ToNanoseconds() == last.Header.Stamp.ToNanoseconds()), "the prediction from the last features");
        CollisionRisk risk = harness.Risks.Single(r => r.Header.Stamp.ToNanoseconds() == last.Header.Stamp.ToNanoseconds());
        Assert.Equal(CollisionRisk.DEGRADED, risk.Status); // only the scan is alive
        Assert.Equal(model.Answers[(int)risk.Sequence - 1], risk.Probability);
        float[] seen = model.Inputs[(int)risk.Sequence - 1];
        for (int i = 0; i < seen.Length; i++)
        {
            bool valid = (last.Validity[i >> 3] & (1 << (i & 7))) != 0;
            Assert.True(valid ? seen[i] == last.Values[i] : float.IsNaN(seen[i]), robot.Schema.Names[i]);
        }

        InferenceLatency latency = harness.Latencies[^1];
        Assert.Equal(0, latency.Queue.ToNanoseconds());
        Assert.True(latency.Fusion.ToNanoseconds() > 0);
        Assert.Equal(robot.Schema.Id, last.SchemaId);
    }

    /// <summary>The sensors come as bytes, and their statistics like those of any other subscription.</summary>
    [Fact]
    public void The_sensors_age_and_period_are_published_when_asked_for()
    {
        var heard = new List<Msgs.StatisticsMsgs.MetricsMessage>();
        harness.ProbeNode.CreateSubscription<Msgs.StatisticsMsgs.MetricsMessage>("/statistics", QoSProfile.Default, (m, _) => heard.Add(NodeHarness.Copy(m)));
        RobotConfig robot = RobotConfig.Load(Robot);
        var options = new OnboardOptions { Fusion = new() { Robot = Robot, Statistics = new() { Enabled = true, Period = 0.2 } }, Inference = new() { Model = "m" } };
        harness.Start(new OnboardNode(harness.Robot, options, _ => new RecordingModel(robot.Schema)), withFeatures: false);
        Publisher<LaserScan> scans = harness.ProbeNode.CreatePublisher<LaserScan>(robot.Source(SourceRole.Scan)!.Topic, QoSProfile.SensorData);
        harness.Repeat(
            () => scans.Publish(Scan(2)),
            () => new[] { "message_age", "message_period" }.All(n => heard.Any(m => m.MetricsSource == n && m.Unit == "ms" && m.Statistics.Any(p => p.DataType == Msgs.StatisticsMsgs.StatisticDataType.STATISTICS_DATA_TYPE_SAMPLE_COUNT && p.Data > 1))),
            "statistics of the scan");
    }

    [Theory]
    [InlineData(false, CollisionRisk.DEGRADED)]
    [InlineData(true, CollisionRisk.STALE_INPUT)]
    public void A_sensor_that_falls_silent_is_named_and_its_group_missed_until_it_is_back(bool required, byte status)
    {
        using var folder = new TempDirectory();
        string file = folder["robot.yaml"];
        File.WriteAllText(file, System.Text.RegularExpressions.Regex.Replace(File.ReadAllText(Robot), "timeout: [0-9.]+", "timeout: 1.5"));
        RobotConfig robot = RobotConfig.Load(file);
        var options = new OnboardOptions
        {
            Fusion = new() { Robot = file },
            Inference = new() { Model = "m", Risk = new() { RequiredGroups = required ? ["imu"] : [], InputTimeout = 30_000_000_000, Stamps = new() { MaxAge = 30_000_000_000 } } },
        };
        harness.Start(new OnboardNode(harness.Robot, options, _ => new RecordingModel(robot.Schema)), withFeatures: false);
        Publisher<LaserScan> scans = Publish<LaserScan>(SourceRole.Scan);
        Publisher<Odometry> odometry = Publish<Odometry>(SourceRole.Odom);
        Publisher<Imu> imu = Publish<Imu>(SourceRole.Imu);
        Publisher<Twist> commands = Publish<Twist>(SourceRole.CmdVel);
        Publisher<Msgs.StdMsgs.Bool> bumper = Publish<Msgs.StdMsgs.Bool>(SourceRole.Contact);

        string topic = robot.Source(SourceRole.Imu)!.Topic;
        Says("all alive", withImu: true, CollisionRisk.OK, 0, "all sources are alive");
        Says("the silent one", withImu: false, status, 2, $"nothing in time on {topic}");
        Says("all alive again", withImu: true, CollisionRisk.OK, 0, "all sources are alive");

        Publisher<T> Publish<T>(SourceRole role)
            where T : class, IMessage<T>, new() => harness.ProbeNode.CreatePublisher<T>(robot.Source(role)!.Topic, QoSProfile.SensorData);

        void Says(string what, bool withImu, byte expected, byte level, string message)
        {
            (int risks, int told) = (harness.Risks.Count, harness.Diagnostics.Count);
            harness.Repeat(
                () =>
                {
                    long now = Clock.System.Now;
                    var odom = new Odometry();
                    odom.Header.Stamp.SetNanoseconds(now);
                    odometry.Publish(odom);
                    commands.Publish(new Twist());
                    bumper.Publish(new Msgs.StdMsgs.Bool());
                    if (withImu)
                    {
                        var inertial = new Imu();
                        inertial.Header.Stamp.SetNanoseconds(now);
                        (inertial.LinearAcceleration.Z, inertial.Orientation.W) = (9.81, 1);
                        imu.Publish(inertial);
                    }

                    scans.Publish(Scan(2));
                },
                () => harness.Risks.Skip(risks).Any(r => r.Status == expected)
                    && harness.Diagnostics.Skip(told).Any(d => d.Status.Any(s => s.Name == "onboard: sources" && s.Level == level && s.Message == message)),
                what);
        }
    }

    [Fact]
    public void A_model_of_another_schema_fails_the_configuration_with_both_named()
    {
        using var node = new OnboardNode(harness.Robot, new OnboardOptions { Fusion = new() { Robot = Robot }, Inference = new() { Model = "m" } }, _ => new FakeModel());
        Assert.False(node.Configure());
        Assert.Contains(FakeModel.Schema, node.Problem);
        Assert.Contains(RobotConfig.Load(Robot).Schema.Id, node.Problem);
        Assert.Equal(LifecycleState.Unconfigured, node.State);
    }

    public void Dispose() => harness.Dispose();

    private static LaserScan Scan(float range)
    {
        var scan = new LaserScan { AngleMin = -MathF.PI, AngleMax = MathF.PI, AngleIncrement = 2 * MathF.PI / 360, RangeMin = 0.1f, RangeMax = 10 };
        scan.Header.Stamp.SetNanoseconds(Clock.System.Now);
        scan.Ranges.Resize(360);
        scan.Ranges.Span.Fill(range);
        return scan;
    }

    private sealed class RecordingModel(FeatureSchema schema) : IRiskModel
    {
        private bool warm;

        public List<float[]> Inputs { get; } = [];

        public List<float> Answers { get; } = [];

        public RiskModelInfo Info { get; } = new() { ModelId = "recording", SchemaId = schema.Id, FeatureNames = schema.Names, Horizon = 2 };

        public bool Predict(ReadOnlySpan<float> features, Span<float> violation, out float collision, out float uncertainty)
        {
            // All-zero input is the warm-up.
            warm |= features.ContainsAnyExcept(0f);
            (collision, uncertainty) = (0.1f + (0.01f * Answers.Count), 0);
            if (warm)
            {
                Inputs.Add(features.ToArray());
                Answers.Add(collision);
            }

            return true;
        }

        public void Dispose()
        {
        }
    }
}
