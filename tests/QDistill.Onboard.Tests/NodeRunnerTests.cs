using QDistill.Configuration;
using QDistill.Msgs.DiagnosticMsgs;
using QDistill.Msgs.LifecycleMsgs;
using QDistill.Msgs.RclInterfaces;
using QDistill.Ros;
using ParameterValue = QDistill.Ros.ParameterValue;

namespace QDistill.Onboard.Tests;

public class NodeRunnerTests
{
    [Theory]
    [InlineData("risk_inference", "risk_inference active: model fake:m.onnx, schema 111111111111, 4 features, 2 constraints, horizon 2 s")]
    [InlineData("feature_fusion", "feature_fusion active: robot ")]
    [InlineData("velocity_governor", "velocity_governor active: slowing from 0.3, stopping from 0.8, Twist")]
    public async Task Says_one_line_when_active_serves_until_cancelled_and_leaves_the_graph(string kind, string line)
    {
        using var domain = new TestDomain();
        using var probe = new RosContext(RosContextOptions.Loopback(domain.Id));
        Node observer = probe.CreateNode("observer");
        using var cancel = new CancellationTokenSource();
        var said = new TaskCompletionSource<string>();
        var options = new NodeRunOptions
        {
            Model = "m.onnx",
            Robot = kind == "feature_fusion" ? Path.Combine(SharedData.Repository, "robots", "simulated_agv.yaml") : null,
            Context = RosContextOptions.Loopback(domain.Id),
        };
        Task run = Task.Run(() => NodeRunner.Run(kind, options, cancel.Token, said.SetResult, p => new FakeModel("fake:" + p)));
        Assert.StartsWith(line, await said.Task.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.True(probe.SpinUntil(() => observer.GetNodeNames().Contains("/" + kind), TimeSpan.FromSeconds(10)));
        cancel.Cancel();
        await run.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.True(probe.SpinUntil(() => !observer.GetNodeNames().Contains("/" + kind), TimeSpan.FromSeconds(10)));
    }

    [Theory]
    [InlineData("risk_inferense", null, "'risk_inference'")]
    [InlineData("feature_fusion", null, "a robot is needed")]
    [InlineData("feature_fusion", "simulated_agw", "did you mean 'simulated_agv'")]
    [InlineData("feature_fusion", "no/such/robot.yaml", "no/such/robot.yaml")]
    public void What_cannot_run_is_one_sentence(string kind, string? robot, string told)
    {
        using var domain = new TestDomain();
        var options = new NodeRunOptions { Robot = robot, Context = RosContextOptions.Loopback(domain.Id) };
        UserErrorException e = Assert.Throws<UserErrorException>(() => NodeRunner.Run(kind, options, CancellationToken.None, _ => { }));
        Assert.Contains(told, e.Message);
    }

    [Fact]
    public async Task Without_autostart_it_waits_for_a_manager_and_survives_what_it_cannot_load()
    {
        using var domain = new TestDomain();
        using var probe = new RosContext(RosContextOptions.Loopback(domain.Id));
        Node manager = probe.CreateNode("manager");
        using Client<ChangeState, ChangeState.Request, ChangeState.Response> change = manager.CreateClient<ChangeState, ChangeState.Request, ChangeState.Response>("/risk_inference/change_state");
        using Client<SetParameters, SetParameters.Request, SetParameters.Response> set = manager.CreateClient<SetParameters, SetParameters.Request, SetParameters.Response>("/risk_inference/set_parameters");
        var logged = new List<Log>();
        var told = new List<DiagnosticStatus>();
        manager.CreateSubscription<Log>("/rosout", QoSProfile.RosOut, (m, _) => logged.Add(NodeHarness.Copy(m)));
        manager.CreateSubscription<DiagnosticArray>("/diagnostics", QoSProfile.Default, (m, _) => told.AddRange(m.Status.Select(NodeHarness.Copy)));
        using var cancel = new CancellationTokenSource();
        var said = new TaskCompletionSource<string>();
        var options = new NodeRunOptions
        {
            Model = "broken.onnx",
            Autostart = false,
            Context = RosContextOptions.Loopback(domain.Id),
            Node = new NodeOptions { ParameterOverrides = new Dictionary<string, ParameterValue> { ["diagnostic_updater.period"] = 0.1 } },
        };
        Task run = Task.Run(() => NodeRunner.Run(
            "risk_inference", options, cancel.Token, said.SetResult, p => p == "good.onnx" ? new FakeModel() : throw new UserErrorException("the ONNX model is cut off", p, "copy it again")));
        Assert.StartsWith("risk_inference unconfigured: it waits for a lifecycle manager", await said.Task.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.True(probe.SpinUntil(() => change.IsServiceReady && set.IsServiceReady && manager.CountPublishers("/rosout") > 0, TimeSpan.FromSeconds(20)));

        Assert.False(Change("configure"));
        Assert.True(probe.SpinUntil(() => logged.Any(l => l.Level == Log.ERROR && l.Msg == "broken.onnx: the ONNX model is cut off; copy it again."), TimeSpan.FromSeconds(10)), string.Join('\n', logged.Select(l => l.Msg)));
        Assert.True(probe.SpinUntil(() => told.Any(s => s.Name == "risk_inference: lifecycle" && s.Level == 2 && s.Message.Contains("cut off")), TimeSpan.FromSeconds(10)));

        var request = new SetParameters.Request();
        request.Parameters.Resize(1);
        request.Parameters[0].Name = "model";
        ((ParameterValue)"good.onnx").CopyTo(request.Parameters[0].Value);
        Assert.True(probe.SpinUntilComplete(set.CallAsync(request), TimeSpan.FromSeconds(20)).Results[0].Successful);
        Assert.True(Change("configure"));
        Assert.True(Change("activate"));
        Assert.True(probe.SpinUntil(() => told.Any(s => s.Name == "risk_inference: lifecycle" && s.Level == 0 && s.Message == "active"), TimeSpan.FromSeconds(10)));
        cancel.Cancel();
        await run.WaitAsync(TimeSpan.FromSeconds(10));

        bool Change(string label)
        {
            var wanted = new ChangeState.Request();
            wanted.Transition.Label = label;
            return probe.SpinUntilComplete(change.CallAsync(wanted), TimeSpan.FromSeconds(20)).Success;
        }
    }

    [Fact]
    public async Task Told_to_end_while_a_model_loads_it_ends_in_order_as_soon_as_it_has()
    {
        using var domain = new TestDomain();
        using var cancel = new CancellationTokenSource();
        using var loading = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var model = new FakeModel();
        var said = new List<string>();
        Task run = Task.Run(() => NodeRunner.Run("risk_inference", new NodeRunOptions { Model = "m", Context = RosContextOptions.Loopback(domain.Id) }, cancel.Token, said.Add, _ =>
        {
            loading.Set();
            go.Wait();
            return model;
        }));
        Assert.True(loading.Wait(TimeSpan.FromSeconds(20)));
        cancel.Cancel();
        go.Set();
        await run.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.True(model.IsDisposed);
        Assert.Empty(said);
    }
}
