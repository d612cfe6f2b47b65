using System.Diagnostics;
using QDistill.Inference;
using QDistill.Msgs.LifecycleMsgs;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Msgs.RclInterfaces;
using QDistill.Ros;
using LoadModelService = QDistill.Msgs.QdistillMsgs.LoadModel;

namespace QDistill.Onboard.Tests;

/// <summary>A node that is kept awake between two messages does all that another does.</summary>
public sealed class AwakeNodeTests(OnnxModels models) : IClassFixture<OnnxModels>, IDisposable
{
    private const long Ages = 60_000_000_000;
    private readonly NodeHarness harness = new();

    [Fact]
    public void Services_are_answered_while_the_node_polls_for_its_next_message()
    {
        RiskInferenceNode node = Start(models.A, new RealTimeOptions { BusyPoll = 1_000_000 });
        string first = harness.Ask(Good(0)).ModelId;

        GetParameters.Response values = Call<GetParameters, GetParameters.Request, GetParameters.Response>("get_parameters", new GetParameters.Request { Names = { "model" } });
        Assert.Equal(models.A, values.Values[0].StringValue);
        LoadModelService.Response refused = Call<LoadModelService, LoadModelService.Request, LoadModelService.Response>("load_model", new LoadModelService.Request { Path = models.Truncated });
        Assert.Equal((false, first), (refused.Success, refused.ModelId));
        LoadModelService.Response loaded = Call<LoadModelService, LoadModelService.Request, LoadModelService.Response>("load_model", new LoadModelService.Request { Path = models.B });
        Assert.True(loaded.Success, loaded.Message);
        Assert.Equal(loaded.ModelId, harness.Ask(Good(1)).ModelId);
        Assert.NotEqual(first, loaded.ModelId);

        GetState.Response state = Call<GetState, GetState.Request, GetState.Response>("get_state", new GetState.Request());
        Assert.Equal("active", state.CurrentState.Label);
        var deactivate = new ChangeState.Request();
        deactivate.Transition.Id = Transition.TRANSITION_DEACTIVATE;
        Assert.True(Call<ChangeState, ChangeState.Request, ChangeState.Response>("change_state", deactivate).Success);
        Assert.Equal(LifecycleState.Inactive, node.State);
        Assert.Equal(TimeSpan.Zero, harness.Robot.BusyPoll);
        var activate = new ChangeState.Request();
        activate.Transition.Id = Transition.TRANSITION_ACTIVATE;
        Assert.True(Call<ChangeState, ChangeState.Request, ChangeState.Response>("change_state", activate).Success);
        Assert.Equal((CollisionRisk.OK, loaded.ModelId), (harness.Ask(Good(2)).Status, harness.Ask(Good(3)).ModelId));
    }

    [Fact]
    public void A_model_that_looks_at_several_windows_keeps_them_while_it_is_kept_warm_and_forgets_them_after_a_gap()
    {
        WarmedModel? warmed = null;
        Start(models.Windowed, new RealTimeOptions { KeepWarm = 1000 }, path => warmed = new WarmedModel(OnnxRiskModel.Load(path)));
        var vectors = new List<float[]>();
        var predicted = new List<float>();
        for (int k = 0; k < 16; k++)
        {
            FusedFeatures message = Good(k);
            if (k == 8)
            {
                message.Values[0] = float.NaN;
                Assert.Equal(CollisionRisk.INVALID_INPUT, harness.Ask(message).Status);
                continue;
            }

            CollisionRisk risk = harness.Ask(message);
            Assert.Equal(CollisionRisk.OK, risk.Status);
            vectors.Add(message.Values.ToArray());
            predicted.Add(risk.Probability);

            // Before the first one, between any two, and after the gap.
            int before = warmed!.Count;
            Assert.True(SpinWait.SpinUntil(() => warmed.Count > before + 2, TimeSpan.FromSeconds(20)));
        }

        // Nothing was published but the answers.
        Assert.Equal(Enumerable.Range(1, 16).Select(i => (ulong)i), harness.Risks.Select(r => r.Sequence));
        float[] expected = Reference(vectors, gapBefore: 8);
        Assert.Equal(expected.Length, predicted.Count);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], predicted[i], 1e-5);
        }
    }

    public void Dispose() => harness.Dispose();

    private RiskInferenceNode Start(string model, RealTimeOptions realTime, Func<string, IRiskModel>? load = null) => harness.Start(new RiskInferenceNode(
        harness.Robot,
        new RiskInferenceOptions
        {
            Model = model,
            WatchdogRate = 0.1,
            Risk = new() { InputTimeout = Ages, Stamps = new() { MaxAge = Ages } },
            QoS = new() { InputReliable = true },
            Operation = new() { RealTime = realTime },
        },
        load));

    private TResponse Call<TService, TRequest, TResponse>(string name, TRequest request)
        where TService : IService<TRequest, TResponse>
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        using Client<TService, TRequest, TResponse> client = harness.ProbeNode.CreateClient<TService, TRequest, TResponse>("/risk_inference/" + name);
        harness.Until(() => client.IsServiceReady, name);
        return harness.Probe.SpinUntilComplete(client.CallAsync(request), TimeSpan.FromSeconds(20));
    }

    private static FusedFeatures Good(int k)
    {
        var m = new FusedFeatures { SchemaId = FakeModel.Schema };
        m.Header.Stamp.SetNanoseconds(Clock.System.Now);
        m.Values.Assign([.. Enumerable.Range(0, OnnxModels.Names.Length).Select(i => MathF.Sin((1.7f * k) + i))]);
        m.Validity.Assign([0xFF, 1]);
        return m;
    }

    // The probabilities by numpy, from the vectors as the contract orders them: oldest first, the first of a row in the place of those before it.
    private float[] Reference(List<float[]> vectors, int gapBefore)
    {
        const int window = 4;
        var windows = new List<float[][]>();
        for (int k = 0; k < vectors.Count; k++)
        {
            int begin = k < gapBefore ? 0 : gapBefore;
            windows.Add([.. Enumerable.Range(k - window + 1, window).Select(i => vectors[Math.Max(i, begin)])]);
        }

        const string program = """
            import json, sys
            import numpy as np, onnx
            from onnx import numpy_helper
            c = {t.name: numpy_helper.to_array(t) for t in onnx.load(sys.argv[1]).graph.initializer}
            x = (np.asarray(json.load(sys.stdin), dtype=np.float32) - c["mean"]) / c["scale"]
            x = (x * c["weights"]).sum(axis=1)
            for i in range(3):
                x = x @ c[f"w{i}"] + c[f"b{i}"]
                x = np.maximum(x, 0) if i < 2 else 1 / (1 + np.exp(-x))
            print(json.dumps(x[:, 0].tolist()))
            """;
        using Process python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", program, models.Windowed]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        python.StandardInput.Write(System.Text.Json.JsonSerializer.Serialize(windows));
        python.StandardInput.Close();
        string answer = python.StandardOutput.ReadToEnd();
        python.WaitForExit();
        return System.Text.Json.JsonSerializer.Deserialize<float[]>(answer)!;
    }

    /// <summary>Counts how often a model is run between predictions.</summary>
    private sealed class WarmedModel(IRiskModel model) : IRiskModel
    {
        private int count;

        public int Count => Volatile.Read(ref count);

        public RiskModelInfo Info => model.Info;

        public float Energy => model.Energy;

        public bool Predict(ReadOnlySpan<float> features, Span<float> violation, out float collision, out float uncertainty) => model.Predict(features, violation, out collision, out uncertainty);

        public void KeepWarm()
        {
            model.KeepWarm();
            Interlocked.Increment(ref count);
        }

        public void Forget() => model.Forget();

        public void Dispose() => model.Dispose();
    }
}
