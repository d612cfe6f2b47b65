using System.Diagnostics;
using QDistill.Inference;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Msgs.RclInterfaces;
using QDistill.Numerics;
using QDistill.Ros;
using ParameterValue = QDistill.Ros.ParameterValue;

namespace QDistill.Onboard.Tests;

/// <summary>The node over DDS with students on ONNX Runtime.</summary>
public sealed class OnnxModelTests(OnnxModels models) : IClassFixture<OnnxModels>, IDisposable
{
    private const long Ages = 30_000_000_000;
    private readonly NodeHarness harness = new();

    [Fact]
    public void Predictions_over_DDS_are_the_models_own_to_the_bit()
    {
        Start(models.A);
        using RiskModel direct = RiskModel.Load(models.A);
        var rng = new Philox(7, 0);
        float[] features = new float[OnnxModels.Names.Length], violations = new float[2];
        for (int k = 0; k < 60; k++)
        {
            var message = new FusedFeatures { SchemaId = FakeModel.Schema };
            message.Header.Stamp.SetNanoseconds(Clock.System.Now);
            message.Values.Resize(features.Length);
            message.Validity.Resize(2);
            for (int i = 0; i < features.Length; i++)
            {
                bool valid = k % 2 == 0 || rng.NextDouble() < 0.8;
                float value = (float)((rng.NextDouble() * 4) - 2);
                features[i] = valid ? value : float.NaN;
                message.Values[i] = valid ? value : 0;
                message.Validity[i >> 3] |= (byte)(valid ? 1 << (i & 7) : 0);
            }

            CollisionRisk risk = harness.Ask(message);
            if (risk.Status == CollisionRisk.STALE_INPUT)
            {
                continue; // by chance fewer than half were valid
            }

            Assert.Equal(InferenceStatus.Ok, direct.Predict(features, violations, out float collision, out float entropy));
            Assert.Equal((collision, entropy, direct.ModelId), (risk.Probability, risk.Uncertainty, risk.ModelId));
            harness.Until(() => harness.Violations.Any(v => v.Sequence == risk.Sequence), "the violations");
            ConstraintViolations published = harness.Violations.Single(v => v.Sequence == risk.Sequence);
            Assert.Equal(violations, published.Violations.Select(v => v.Probability));
            Assert.Equal(["keep_clear", "upright"], published.Violations.Select(v => v.Constraint));
            Assert.Equal([features[0], features[6]], published.Violations.Select(v => v.Current));
        }

        Assert.True(harness.Risks.Count(r => r.Status is CollisionRisk.OK or CollisionRisk.DEGRADED) > 50);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("truncated")]
    [InlineData("text")]
    [InlineData("empty")]
    [InlineData("operator")]
    [InlineData("oversized tensor")]
    [InlineData("oversized computation")]
    [InlineData("schema")]
    public void A_model_that_cannot_fly_is_refused_in_flight_with_the_reason_and_the_old_one_kept(string kind)
    {
        RiskInferenceNode node = Start(models.A);
        string running = harness.Ask(Good()).ModelId;
        string path = Bad(kind);
        ModelSwap swap = node.LoadModel(path);
        Assert.False(swap.Success);
        Assert.Equal(running, swap.ModelId);
        Assert.EndsWith(".", swap.Message);
        Assert.DoesNotContain('\n', swap.Message);
        Assert.Contains(kind == "schema" ? new string('2', 64) : path, swap.Message);
        CollisionRisk risk = harness.Ask(Good());
        Assert.Equal((CollisionRisk.OK, running), (risk.Status, risk.ModelId));

        swap = node.LoadModel(models.B);
        Assert.True(swap.Success, swap.Message);
        risk = harness.Ask(Good());
        Assert.Equal((CollisionRisk.OK, swap.ModelId), (risk.Status, risk.ModelId));
        Assert.NotEqual(running, risk.ModelId);
    }

    [Fact]
    public void The_load_model_service_exchanges_the_model_or_says_why_not()
    {
        Start(models.A);
        string first = harness.Ask(Good()).ModelId;
        using Client<LoadModel, LoadModel.Request, LoadModel.Response> client = harness.ProbeNode.CreateClient<LoadModel, LoadModel.Request, LoadModel.Response>("/risk_inference/load_model");
        harness.Until(() => client.IsServiceReady, "the service");

        LoadModel.Response refused = Call(models.Truncated);
        Assert.Equal((false, first), (refused.Success, refused.ModelId));
        Assert.Contains(models.Truncated, refused.Message);
        Assert.Equal(first, harness.Ask(Good()).ModelId);

        LoadModel.Response accepted = Call(models.B);
        Assert.True(accepted.Success, accepted.Message);
        Assert.NotEqual(first, accepted.ModelId);
        Assert.Equal(accepted.ModelId, harness.Ask(Good()).ModelId);

        LoadModel.Response Call(string path) => harness.Probe.SpinUntilComplete(client.CallAsync(new LoadModel.Request { Path = path }), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Setting_the_parameter_exchanges_the_model_or_says_why_not_and_agrees_with_the_service()
    {
        RiskInferenceNode node = Start(models.A);
        string first = harness.Ask(Good()).ModelId;
        using Client<SetParameters, SetParameters.Request, SetParameters.Response> client = harness.ProbeNode.CreateClient<SetParameters, SetParameters.Request, SetParameters.Response>("/risk_inference/set_parameters");
        harness.Until(() => client.IsServiceReady, "the service");

        SetParametersResult refused = Set(models.Truncated);
        Assert.False(refused.Successful);
        Assert.Contains(models.Truncated + ": the ONNX model is cut off", refused.Reason);
        Assert.Equal((models.A, first), (node.Node.Parameters.Get<string>("model"), harness.Ask(Good()).ModelId));
        Assert.Contains("keeps its model", Set(string.Empty).Reason);

        Assert.True(Set(models.B).Successful);
        string second = harness.Ask(Good()).ModelId;
        Assert.NotEqual(first, second);
        Assert.Equal(models.B, node.Options.Model);
        Assert.True(node.LoadModel(models.A).Success);
        Assert.Equal((models.A, first), (node.Node.Parameters.Get<string>("model"), harness.Ask(Good()).ModelId));

        SetParametersResult Set(string path)
        {
            var request = new SetParameters.Request();
            request.Parameters.Resize(1);
            request.Parameters[0].Name = "model";
            ((ParameterValue)path).CopyTo(request.Parameters[0].Value);
            return harness.Probe.SpinUntilComplete(client.CallAsync(request), TimeSpan.FromSeconds(20)).Results[0];
        }
    }

    [Fact]
    public void With_a_public_key_only_models_signed_by_its_owner_fly()
    {
        using var folder = new TempDirectory();
        byte[] seed = [.. Enumerable.Repeat((byte)7, 32)];
        foreach ((string name, string from) in (ReadOnlySpan<(string, string)>)[("signed", models.A), ("unsigned", models.B), ("changed", models.B)])
        {
            File.Copy(from, folder[name + ".onnx"]);
        }

        File.WriteAllBytes(folder["signed.onnx.sig"], Ed25519.Sign(seed, File.ReadAllBytes(models.A)));
        File.WriteAllBytes(folder["changed.onnx.sig"], Ed25519.Sign(seed, File.ReadAllBytes(models.A)));
        RiskInferenceOptions options = Options(folder["signed.onnx"]) with { ModelPublicKey = Convert.ToHexString(Ed25519.PublicKey(seed)) };
        RiskInferenceNode node = harness.Start(new RiskInferenceNode(harness.Robot, options));
        string running = harness.Ask(Good()).ModelId;
        Assert.Contains("is not signed", node.LoadModel(folder["unsigned.onnx"]).Message);
        Assert.Contains("does not fit", node.LoadModel(folder["changed.onnx"]).Message);
        CollisionRisk risk = harness.Ask(Good());
        Assert.Equal((CollisionRisk.OK, running), (risk.Status, risk.ModelId));

        using var strict = new RiskInferenceNode(harness.Robot, options with { Model = folder["unsigned.onnx"] }, null, new NodeStart("strict"));
        Assert.False(strict.Configure());
        Assert.Contains("is not signed", strict.Problem);
        using var keyless = new RiskInferenceNode(harness.Robot, options with { ModelPublicKey = "no key" }, null, new NodeStart("keyless"));
        Assert.False(keyless.Configure());
        Assert.Contains("model_public_key", keyless.Problem);
    }

    [Fact]
    public void A_disk_that_is_full_ends_the_trace_and_no_prediction()
    {
        Assert.True(File.Exists("/dev/full"));
        var logged = new List<Log>();
        harness.ProbeNode.CreateSubscription<Log>("/rosout", QoSProfile.RosOut, (m, _) => logged.Add(NodeHarness.Copy(m)));
        harness.Start(new RiskInferenceNode(harness.Robot, Options(models.A) with { Trace = new() { File = "/dev/full" }, Operation = new() { DiagnosticsPeriod = 0.1 } }));

        // The writer meets the disk in its own time, and tells of it at the next diagnostics.
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromSeconds(60) && !logged.Any(Told);)
        {
            Assert.Equal(CollisionRisk.OK, harness.Ask(Good()).Status);
        }

        Assert.Single(logged, Told);
        Assert.Equal(CollisionRisk.OK, harness.Ask(Good()).Status);

        static bool Told(Log log) => log.Msg.StartsWith("/dev/full: the trace ends", StringComparison.Ordinal) && log.Msg.Contains("No space left", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("truncated")]
    [InlineData("text")]
    [InlineData("empty")]
    [InlineData("operator")]
    [InlineData("oversized tensor")]
    [InlineData("oversized computation")]
    public void At_the_start_it_fails_the_configuration_or_flies_as_NO_MODEL_when_allowed(string kind)
    {
        var options = new RiskInferenceOptions { Model = Bad(kind), Risk = new() { InputTimeout = Ages, FailSafeProbability = 0.75f } };
        using (var strict = new RiskInferenceNode(harness.Robot, options, null, new NodeStart("strict")))
        {
            Assert.False(strict.Configure());
            Assert.Equal(LifecycleState.Unconfigured, strict.State);
            Assert.Contains(Bad(kind), strict.Problem);
        }

        harness.Start(new RiskInferenceNode(harness.Robot, options with { RequireModel = false }));
        CollisionRisk risk = harness.Ask(Good());
        Assert.Equal((CollisionRisk.NO_MODEL, 0.75f), (risk.Status, risk.Probability));
    }

    [Fact]
    public void A_prediction_by_ONNX_Runtime_over_DDS_allocates_nothing()
    {
        using var node = new RiskInferenceNode(
            harness.Robot,
            new RiskInferenceOptions { Model = models.A, Operation = new() { DiagnosticsPeriod = 60 }, Risk = new() { InputTimeout = Ages, Stamps = new() { MaxAge = 0 } }, QoS = new() { InputReliable = true } });
        node.Configure();
        node.Activate();
        GenericPublisher features = harness.ProbeNode.CreateGenericPublisher("/risk_inference/input/features", FusedFeatures.Type, QoSProfile.Default);
        Assert.True(harness.Robot.SpinUntil(() => features.MatchedCount > 0, TimeSpan.FromSeconds(10)));
        byte[] payload = Cdr.Serialize(Good());
        Predict(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Predict(500);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(PredictionStatus.Ok, node.Predictor!.Status);
        Assert.Equal(0, allocated);
        harness.SpinRobot();

        void Predict(int count)
        {
            for (int i = 0; i < count; i++)
            {
                ulong next = node.Predictor!.Sequence + 1;
                features.Publish(payload);
                while (node.Predictor.Sequence < next)
                {
                    harness.Robot.SpinOnce(TimeSpan.FromSeconds(5));
                }
            }
        }
    }

    public void Dispose() => harness.Dispose();

    private string Bad(string kind) => kind switch
    {
        "missing" => models.Missing,
        "truncated" => models.Truncated,
        "text" => models.Text,
        "empty" => models.Empty,
        "operator" => models.UnknownOperator,
        "oversized tensor" => models.OversizedTensor,
        "oversized computation" => models.OversizedComputation,
        _ => models.OtherSchema,
    };

    private RiskInferenceNode Start(string model) => harness.Start(new RiskInferenceNode(harness.Robot, Options(model)));

    private static RiskInferenceOptions Options(string model) =>
        new() { Model = model, Risk = new() { InputTimeout = Ages, Stamps = new() { MaxAge = Ages } }, QoS = new() { InputReliable = true } };

    private static FusedFeatures Good()
    {
        var m = new FusedFeatures { SchemaId = FakeModel.Schema };
        m.Header.Stamp.SetNanoseconds(Clock.System.Now);
        m.Values.Assign([0.5f, -1f, 0.25f, 1f, 0f, -0.5f, 0.125f, 1.5f, -2f]);
        m.Validity.Assign([0xFF, 1]);
        return m;
    }
}
