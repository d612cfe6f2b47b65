using QDistill.Configuration;
using QDistill.Ros;

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
    [InlineData("feature_fusion", null, "robot.yaml")]
    [InlineData("feature_fusion", "no/such/robot.yaml", "no/such/robot.yaml")]
    public void What_cannot_run_is_one_sentence(string kind, string? robot, string told)
    {
        using var domain = new TestDomain();
        var options = new NodeRunOptions { Robot = robot, Context = RosContextOptions.Loopback(domain.Id) };
        UserErrorException e = Assert.Throws<UserErrorException>(() => NodeRunner.Run(kind, options, CancellationToken.None, _ => { }));
        Assert.Contains(told, e.Message);
    }
}
