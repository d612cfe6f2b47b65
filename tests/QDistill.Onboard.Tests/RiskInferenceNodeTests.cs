using QDistill.Configuration;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;

namespace QDistill.Onboard.Tests;

/// <summary>The node over DDS, with a model whose answers are known in closed form.</summary>
public sealed class RiskInferenceNodeTests : IDisposable
{
    private const long Second = 1_000_000_000;
    private const long Hour = 3600 * Second;
    private readonly NodeHarness harness = new();
    private readonly List<FakeModel> loaded = [];

    [Fact]
    public void Predictions_carry_the_models_answer_the_features_stamp_and_the_model_id()
    {
        Start();
        FusedFeatures sent = NodeHarness.Vector([0.25f, 0.5f, 0.1f, -0.2f]);
        CollisionRisk risk = harness.Ask(sent);
        Assert.Equal((CollisionRisk.OK, 0.25f, 0.25f, 2f, false, "fake:a.onnx", "base_link"), (risk.Status, risk.Probability, risk.Uncertainty, risk.Horizon, risk.Alarm, risk.ModelId, risk.Header.FrameId));
        harness.Until(() => harness.Violations.Any(v => v.Sequence == risk.Sequence), "the violations");
        ConstraintViolations violations = harness.Violations.Single(v => v.Sequence == risk.Sequence);
        Assert.Equal(["c0", "c1"], violations.Violations.ToArray().Select(v => v.Constraint));
        Assert.Equal([0.5f, 0.25f], violations.Violations.ToArray().Select(v => v.Probability));
        Assert.Equal([0.1f, -0.2f], violations.Violations.ToArray().Select(v => v.Current));
        Assert.Equal([0.5f, 1.5f], violations.Violations.ToArray().Select(v => v.Limit));
    }

    [Fact]
    public void A_sensor_that_repeats_itself_is_frozen_while_the_others_move()
    {
        Start(new RiskOptions { FailSafeProbability = 0.9f, InputTimeout = 30_000_000_000, Stamps = new() { MaxAge = 30_000_000_000 }, FrozenTimeout = 200_000_000, FrozenGroups = ["lidar"] });
        int i = 0;
        harness.Repeat(() => harness.Features!.Publish(NodeHarness.Vector([0.25f, 0.5f, 0.001f * ++i, 0])), () => harness.Risks.Any(r => r.Status == CollisionRisk.STALE_INPUT), "the frozen lidar");
        Assert.Equal(CollisionRisk.OK, harness.Risks[0].Status);
        Assert.Equal(CollisionRisk.OK, harness.Ask(NodeHarness.Vector([0.375f, 0.5f, 0, 0])).Status);
    }

    public static TheoryData<string, byte> Faults => new()
    {
        { "nan", CollisionRisk.INVALID_INPUT },
        { "infinity", CollisionRisk.INVALID_INPUT },
        { "too short", CollisionRisk.INVALID_INPUT },
        { "too long", CollisionRisk.INVALID_INPUT },
        { "empty", CollisionRisk.INVALID_INPUT },
        { "schema", CollisionRisk.INVALID_INPUT },
        { "future", CollisionRisk.INVALID_INPUT },
        { "past", CollisionRisk.STALE_INPUT },
        { "zero stamp", CollisionRisk.STALE_INPUT },
        { "backwards", CollisionRisk.INVALID_INPUT },
        { "group", CollisionRisk.DEGRADED },
        { "few", CollisionRisk.STALE_INPUT },
        { "range", CollisionRisk.OUT_OF_DISTRIBUTION },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Each_fault_is_answered_with_its_status_and_the_next_good_input_with_OK(string fault, byte status)
    {
        Start();
        float[] good = [0.25f, 0.5f, 0.1f, -0.2f];
        Assert.Equal(CollisionRisk.OK, harness.Ask(NodeHarness.Vector(good)).Status);
        long now = Clock.System.Now;
        FusedFeatures bad = fault switch
        {
            "nan" => NodeHarness.Vector([0.25f, float.NaN, 0, 0]),
            "infinity" => NodeHarness.Vector([float.PositiveInfinity, 0, 0, 0]),
            "too short" => NodeHarness.Vector([0.25f, 0.5f, 0.1f]),
            "too long" => NodeHarness.Vector([0.25f, 0.5f, 0.1f, 0, 0]),
            "empty" => NodeHarness.Vector([]),
            "schema" => NodeHarness.Vector(good, schema: new string('2', 64)),
            "future" => NodeHarness.Vector(good, now + Hour),
            "past" => NodeHarness.Vector(good, now - Hour),
            "zero stamp" => NodeHarness.Vector(good, 0),
            "backwards" => NodeHarness.Vector(good, now - 300_000_000),
            "group" => NodeHarness.Vector(good, validity: 0b0011),
            "few" => NodeHarness.Vector(good, validity: 0b0001),
            _ => NodeHarness.Vector([0.25f, 7f, 0.1f, 0]),
        };
        CollisionRisk risk = harness.Ask(bad, status);
        bool judged = status is CollisionRisk.DEGRADED or CollisionRisk.OUT_OF_DISTRIBUTION;
        Assert.Equal(judged ? 0.25f : 0.9f, risk.Probability);
        Assert.Equal(CollisionRisk.OK, harness.Ask(NodeHarness.Vector(good)).Status);
    }

    [Fact]
    public void A_dead_input_is_answered_at_the_watchdogs_rate_and_raises_the_alarm()
    {
        Start(new RiskOptions { FailSafeProbability = 1f, InputTimeout = 150_000_000 });
        Assert.Equal(CollisionRisk.OK, harness.Ask(NodeHarness.Vector([0.25f, 0.5f, 0, 0])).Status);
        long before = Clock.Steady.Now;
        int first = harness.Risks.Count;
        harness.Until(() => harness.Risks.Skip(first).Count(r => r.Status == CollisionRisk.STALE_INPUT) >= 20, "20 predictions without input");
        double seconds = (Clock.Steady.Now - before) * 1e-9;
        Assert.True(seconds >= 0.9, $"20 predictions at 20 Hz within {seconds} s");
        Assert.All(harness.Risks.Where(r => r.Status == CollisionRisk.STALE_INPUT), r => Assert.Equal(1f, r.Probability));
        Assert.True(harness.Risks[^1].Alarm);
        harness.Until(() => harness.Alarms.Contains(true), "the alarm");
        Assert.Equal(harness.Risks.Select(r => r.Sequence).Order(), harness.Risks.Select(r => r.Sequence));
        Assert.Equal(CollisionRisk.OK, harness.Ask(NodeHarness.Vector([0.25f, 0.5f, 0, 0])).Status);
    }

    [Fact]
    public void An_input_that_never_comes_is_answered_too()
    {
        Start(new RiskOptions { InputTimeout = 100_000_000 });
        harness.Until(() => harness.Risks.Count >= 3, "predictions");
        Assert.All(harness.Risks, r => Assert.Equal(CollisionRisk.STALE_INPUT, r.Status));
    }

    [Fact]
    public void Without_a_model_it_says_so_with_and_without_input()
    {
        harness.Start(new RiskInferenceNode(harness.Robot, new RiskInferenceOptions { Risk = new() { InputTimeout = 200_000_000, FailSafeProbability = 0.9f } }, Load));
        CollisionRisk risk = harness.Ask(NodeHarness.Vector([0.25f, 0.5f, 0, 0]));
        Assert.Equal((CollisionRisk.NO_MODEL, 0.9f, string.Empty), (risk.Status, risk.Probability, risk.ModelId));
        int count = harness.Risks.Count;
        harness.Until(() => harness.Risks.Count > count + 3, "predictions without input");
        Assert.All(harness.Risks, r => Assert.Equal(CollisionRisk.NO_MODEL, r.Status));
    }

    [Fact]
    public void A_model_that_cannot_be_loaded_fails_the_configuration_or_flies_as_NO_MODEL_when_allowed()
    {
        var options = new RiskInferenceOptions { Model = "corrupt.onnx" };
        using (var strict = new RiskInferenceNode(harness.Robot, options, Load, new NodeStart("strict")))
        {
            Assert.False(strict.Configure());
            Assert.Contains("corrupt.onnx", strict.Problem);
            Assert.Equal(LifecycleState.Unconfigured, strict.State);
        }

        harness.Start(new RiskInferenceNode(harness.Robot, options with { RequireModel = false, Operation = new() { DiagnosticsPeriod = 0.1 } }, Load));
        Assert.Equal(CollisionRisk.NO_MODEL, harness.Ask(NodeHarness.Vector([0.25f, 0.5f, 0, 0])).Status);
        harness.Until(() => harness.Diagnostics.Any(d => d.Status.Any(s => s.Name == "risk_inference: model" && s.Level == 2 && s.Message.Contains("corrupt.onnx"))), "the reason in the diagnostics");
    }

    [Fact]
    public void A_model_is_exchanged_in_flight_and_a_bad_one_refused_with_the_old_kept()
    {
        RiskInferenceNode node = Start();
        Assert.Equal("fake:a.onnx", harness.Ask(NodeHarness.Vector([0.25f, 0.5f, 0, 0])).ModelId);
        ModelSwap swap = node.LoadModel("b.onnx");
        Assert.True(swap.Success, swap.Message);
        Assert.Equal("fake:b.onnx", harness.Ask(NodeHarness.Vector([0.25f, 0.5f, 0, 0])).ModelId);
        foreach (string bad in new[] { "corrupt.onnx", "other_schema.onnx", "not_finite.onnx" })
        {
            swap = node.LoadModel(bad);
            Assert.False(swap.Success);
            Assert.Equal("fake:b.onnx", swap.ModelId);
            CollisionRisk risk = harness.Ask(NodeHarness.Vector([0.25f, 0.5f, 0, 0]));
            Assert.Equal((CollisionRisk.OK, "fake:b.onnx"), (risk.Status, risk.ModelId));
        }

        Assert.Contains(new string('2', 64), node.LoadModel("other_schema.onnx").Message);
        harness.Until(() => loaded[0].IsDisposed, "the old model's end");
        Assert.All(loaded.Where(m => m.Info.ModelId is not ("fake:a.onnx" or "fake:b.onnx")), m => Assert.True(m.IsDisposed));
        Assert.Equal(harness.Risks.Select(r => r.Sequence), Enumerable.Range((int)harness.Risks[0].Sequence, harness.Risks.Count).Select(i => (ulong)i));
    }

    [Fact]
    public void A_flood_of_20_kHz_is_answered_truthfully_and_the_next_good_input_as_ever()
    {
        Start();
        FusedFeatures flood = NodeHarness.Vector([0.25f, float.NaN, 0, 0]);
        long start = Clock.Steady.Now;
        for (int i = 0; i < 20_000; i++)
        {
            // 50 us apart; what a busy machine holds up follows at once.
            while (Clock.Steady.Now - start < i * 50_000L)
            {
                harness.Probe.SpinOnce(TimeSpan.Zero);
            }

            harness.Features!.Publish(flood);
        }

        FusedFeatures good = NodeHarness.Vector([0.125f, 0.5f, 0, 0]);
        long stamp = good.Header.Stamp.ToNanoseconds();
        harness.Features!.Publish(good);
        harness.Until(() => harness.Risks.Any(r => r.Status == CollisionRisk.OK && r.Header.Stamp.ToNanoseconds() == stamp), "the answer after the flood");
        CollisionRisk[] during = [.. harness.Risks.TakeWhile(r => r.Status != CollisionRisk.OK)];
        Assert.NotEmpty(during);
        Assert.All(during, r => Assert.Equal((CollisionRisk.INVALID_INPUT, 0.9f), (r.Status, r.Probability)));
    }

    [Fact]
    public void Bytes_that_are_no_features_are_dropped_and_the_next_good_input_answered()
    {
        Start();
        using GenericPublisher raw = harness.ProbeNode.CreateGenericPublisher("/risk_inference/input/features", FusedFeatures.Type, QoSProfile.Default);
        harness.Until(() => raw.MatchedCount > 0, "the raw publisher");
        byte[] whole = Cdr.Serialize(NodeHarness.Vector([0.25f, 0.5f, 0, 0]));
        for (int length = 4; length < whole.Length - 4; length += 3)
        {
            raw.Publish(whole.AsSpan(0, length));
        }

        Assert.Equal(CollisionRisk.OK, harness.Ask(NodeHarness.Vector([0.25f, 0.5f, 0, 0])).Status);
    }

    [Fact]
    public void When_simulated_time_starts_over_so_does_the_order_of_stamps()
    {
        RiskInferenceNode node = harness.Start(new RiskInferenceNode(
            harness.Robot,
            new RiskInferenceOptions { Model = "a.onnx", Risk = new() { InputTimeout = 30_000_000_000 }, QoS = new() { InputReliable = true } },
            Load,
            new NodeStart("risk_inference", null, new NodeOptions { UseSimTime = true })));
        Publisher<Msgs.RosgraphMsgs.Clock> clock = harness.ProbeNode.CreatePublisher<Msgs.RosgraphMsgs.Clock>("/clock", QoSProfile.Clock);
        harness.Until(() => clock.MatchedCount > 0, "the clock's subscription");
        foreach (long time in new[] { 5_000 * Second, 5_001 * Second, 5 * Second, 6 * Second })
        {
            var tick = new Msgs.RosgraphMsgs.Clock();
            tick.Clock_.SetNanoseconds(time);
            harness.Until(
                () =>
                {
                    clock.Publish(tick);
                    return node.Node.Clock.Now == time;
                },
                "the clock");
            Assert.Equal(CollisionRisk.OK, harness.Ask(NodeHarness.Vector([0.25f, 0.5f, 0, 0], time)).Status);
            Assert.Equal(CollisionRisk.STALE_INPUT, harness.Ask(NodeHarness.Vector([0.25f, 0.5f, 0, 0], time - Second), CollisionRisk.STALE_INPUT).Status);
        }
    }

    [Fact]
    public void A_node_that_ends_while_a_model_loads_leaves_no_model_behind()
    {
        using var loading = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var late = new FakeModel("late");
        var node = new RiskInferenceNode(harness.Robot, new RiskInferenceOptions(), _ =>
        {
            loading.Set();
            go.Wait();
            return late;
        });
        node.Configure();
        var loader = new Thread(() => node.LoadModel("late.onnx"));
        loader.Start();
        Assert.True(loading.Wait(TimeSpan.FromSeconds(10)));
        node.Dispose();
        go.Set();
        loader.Join();
        Assert.True(late.IsDisposed);
    }

    [Fact]
    public void Thresholds_fail_safe_and_watchdog_are_taken_up_live()
    {
        RiskInferenceNode node = Start();
        Assert.Equal(0.9f, harness.Ask(NodeHarness.Vector([float.NaN, 0, 0, 0]), CollisionRisk.INVALID_INPUT).Probability);
        Assert.Null(node.Node.Parameters.Set("fail_safe_probability", 0.6));
        Assert.Equal(0.6f, harness.Ask(NodeHarness.Vector([float.PositiveInfinity, 0, 0, 0]), CollisionRisk.INVALID_INPUT).Probability);

        Assert.Null(node.Node.Parameters.SetAtomically([new("alarm.on_threshold", 0.2), new("alarm.on_count", 1L)]));
        Assert.True(harness.Ask(NodeHarness.Vector([0.25f, 0.5f, 0, 0])).Alarm);
        Assert.Null(node.Node.Parameters.Set("out_of_distribution.allowance", 1L));
        Assert.Equal(CollisionRisk.OK, harness.Ask(NodeHarness.Vector([0.25f, 7f, 0, 0])).Status);
        Assert.Null(node.Node.Parameters.Set("watchdog.required_groups", new[] { "motion" }));
        Assert.Equal(0.6f, harness.Ask(NodeHarness.Vector([0.25f, 0.5f, 0, 0], validity: 0b0011), CollisionRisk.STALE_INPUT).Probability);
        int count = harness.Risks.Count;
        Assert.Null(node.Node.Parameters.Set("watchdog.input_timeout", 0.05));
        harness.Until(() => harness.Risks.Skip(count).Any(r => r.Status == CollisionRisk.STALE_INPUT), "the watchdog");
        Assert.NotNull(node.Node.Parameters.Set("fail_safe_probability", 1.5));
    }

    [Fact]
    public void Latency_stages_add_up_and_the_window_fills()
    {
        Start(diagnosticsPeriod: 0.1);
        for (int i = 0; i < 20 || !harness.Latencies.Any(l => l.Window.Count > 0); i++)
        {
            harness.Ask(NodeHarness.Vector([0.25f, 0.5f, 0, 0]));
        }

        foreach (InferenceLatency l in harness.Latencies)
        {
            long sum = l.SensorToReceive.ToNanoseconds() + l.Fusion.ToNanoseconds() + l.Queue.ToNanoseconds() + l.Inference.ToNanoseconds() + l.Publish.ToNanoseconds();
            Assert.Equal(l.Total.ToNanoseconds(), sum);
            Assert.True(l.Queue.ToNanoseconds() > 0 && l.Inference.ToNanoseconds() > 0 && l.Publish.ToNanoseconds() > 0);
        }

        LatencyWindow window = harness.Latencies[^1].Window;
        Assert.True(window.P50.ToNanoseconds() <= window.P95.ToNanoseconds() && window.P95.ToNanoseconds() <= window.P99.ToNanoseconds() && window.P99.ToNanoseconds() <= window.Max.ToNanoseconds());
    }

    [Fact]
    public void Topic_statistics_of_the_features_are_published_when_asked()
    {
        var heard = new List<Msgs.StatisticsMsgs.MetricsMessage>();
        harness.ProbeNode.CreateSubscription<Msgs.StatisticsMsgs.MetricsMessage>("/statistics", QoSProfile.Default, (m, _) => heard.Add(NodeHarness.Copy(m)));
        harness.Start(new RiskInferenceNode(
            harness.Robot, new RiskInferenceOptions { Model = "a.onnx", Statistics = new() { Enabled = true, Period = 0.2 }, Risk = new() { InputTimeout = 30_000_000_000 } }, Load));
        harness.Repeat(
            () => harness.Features!.Publish(NodeHarness.Vector([0.25f, 0.5f, 0, 0])),
            () => new[] { "message_age", "message_period" }.All(n => heard.Any(m => m.MetricsSource == n && m.Unit == "ms" && m.Statistics.Any(p => p.DataType == Msgs.StatisticsMsgs.StatisticDataType.STATISTICS_DATA_TYPE_SAMPLE_COUNT && p.Data > 1))),
            "statistics of more than one message");
    }

    [Fact]
    public void Markers_show_the_risk_in_the_features_frame_and_grey_where_it_is_not_to_be_trusted()
    {
        var seen = new List<Msgs.VisualizationMsgs.MarkerArray>();
        harness.ProbeNode.CreateSubscription<Msgs.VisualizationMsgs.MarkerArray>("/risk_inference/debug/markers", QoSProfile.Default, (m, _) => seen.Add(NodeHarness.Copy(m)));
        harness.Start(new RiskInferenceNode(harness.Robot, new RiskInferenceOptions { Model = "a.onnx", PublishMarkers = true, Risk = new() { InputTimeout = 30_000_000_000 } }, Load));
        harness.Until(() => harness.ProbeNode.CountPublishers("/risk_inference/debug/markers") == 1, "the markers");
        harness.Ask(NodeHarness.Vector([0.75f, 0.5f, 0, 0]));
        harness.Until(() => seen.Count > 0, "a marker");
        Assert.All(seen[0].Markers.ToArray(), m => Assert.Equal((1f, 0.5f, 0f, "base_link"), (m.Color.R, m.Color.G, m.Color.B, m.Header.FrameId)));
        Assert.Equal("75 %", seen[0].Markers[1].Text);
        harness.Ask(NodeHarness.Vector([float.NaN, 0.5f, 0, 0]), CollisionRisk.INVALID_INPUT);
        harness.Until(() => seen.Count > 1, "a second marker");
        Assert.Equal((0.5f, 0.5f, 0.5f), (seen[1].Markers[0].Color.R, seen[1].Markers[0].Color.G, seen[1].Markers[0].Color.B));
        Assert.Equal("100 % (InvalidInput)", seen[1].Markers[1].Text);
    }

    [Fact]
    public void Diagnostics_tell_the_input_the_model_and_the_latency()
    {
        Start(diagnosticsPeriod: 0.1);
        harness.Ask(NodeHarness.Vector([0.25f, float.NaN, 0, 0]), CollisionRisk.INVALID_INPUT);
        harness.Until(() => harness.Diagnostics.Any(d => d.Status.Any(s => s.Name == "risk_inference: input" && s.Level == 2 && s.Values.Any(v => v.Key == "not_finite" && v.Value == "1"))), "the fault's count");
        Msgs.DiagnosticMsgs.DiagnosticArray last = harness.Diagnostics[^1];
        Assert.Equal(["risk_inference: lifecycle", "risk_inference: input", "risk_inference: model", "risk_inference: alarm", "risk_inference: latency"], last.Status.Select(s => s.Name));
        Assert.Equal("fake:a.onnx", last.Status[2].Values.First(v => v.Key == "model_id").Value);
    }

    [Fact]
    public void An_error_that_nobody_foresaw_leads_back_to_unconfigured_and_is_kept_from_a_running_model()
    {
        bool broken = true;
        var node = new RiskInferenceNode(harness.Robot, new RiskInferenceOptions { Model = "m" }, p => broken ? throw new InvalidOperationException("a bug") : new FakeModel("fake:" + p));
        Assert.False(node.Configure());
        Assert.Equal(LifecycleState.Unconfigured, node.State);
        Assert.Contains("did not expect", node.Problem);
        broken = false;
        harness.Start(node);
        Assert.Null(node.Problem);
        broken = true;
        Assert.Contains("a bug", node.LoadModel("other").Message);
        Assert.Equal((CollisionRisk.OK, "fake:m"), (harness.Ask(NodeHarness.Vector([0.25f, 0.5f, 0, 0])).Status, node.Predictor!.Model!.Info.ModelId));
    }

    [Fact]
    public void An_inactive_node_is_silent_and_can_be_activated_again()
    {
        RiskInferenceNode node = harness.Start(new RiskInferenceNode(harness.Robot, new RiskInferenceOptions { Model = "a.onnx", Risk = new() { InputTimeout = 50_000_000 } }, Load));
        harness.Until(() => harness.Risks.Count > 2, "predictions");
        OnRobot(() => node.Deactivate());
        // What is still on its way then was made before.
        long end = Clock.System.Now;
        harness.Probe.SpinUntil(() => false, TimeSpan.FromMilliseconds(400));
        Assert.DoesNotContain(harness.Risks, r => r.Header.Stamp.ToNanoseconds() > end);
        OnRobot(() => node.Activate());
        harness.Until(() => harness.Risks.Any(r => r.Header.Stamp.ToNanoseconds() > end && r.Sequence == 1), "predictions again, counted anew");
        OnRobot(() => node.Shutdown());
        Assert.Equal(LifecycleState.Finalized, node.State);
        Assert.True(loaded.All(m => m.IsDisposed));
    }

    public void Dispose() => harness.Dispose();

    private void OnRobot(Action action)
    {
        using var done = new ManualResetEventSlim();
        harness.Robot.Post(() =>
        {
            action();
            done.Set();
        });
        Assert.True(done.Wait(TimeSpan.FromSeconds(10)));
    }

    private RiskInferenceNode Start(RiskOptions? risk = null, double diagnosticsPeriod = 1)
    {
        // Long enough that a busy machine's pauses are not taken for a dead input.
        risk ??= new RiskOptions { FailSafeProbability = 0.9f, InputTimeout = 30_000_000_000, Stamps = new() { MaxAge = 30_000_000_000 } };
        return harness.Start(new RiskInferenceNode(harness.Robot, new RiskInferenceOptions { Model = "a.onnx", Risk = risk, Operation = new() { DiagnosticsPeriod = diagnosticsPeriod }, QoS = new() { InputReliable = true } }, Load));
    }

    private FakeModel Load(string path)
    {
        if (path == "corrupt.onnx")
        {
            throw new UserErrorException("is not an ONNX model", path, "export it again");
        }

        var model = new FakeModel("fake:" + path, path == "other_schema.onnx" ? new string('2', 64) : FakeModel.Schema) { Fails = path == "not_finite.onnx" };
        loaded.Add(model);
        return model;
    }
}
