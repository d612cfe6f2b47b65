using QDistill.Msgs.GeometryMsgs;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Msgs.StdSrvs;
using QDistill.Ros;

namespace QDistill.Onboard.Tests;

public sealed class VelocityGovernorNodeTests : IDisposable
{
    private readonly NodeHarness harness = new();
    private readonly List<(double X, double Yaw)> driven = [];
    private Publisher<Twist> command = null!;
    private Publisher<CollisionRisk> risk = null!;

    [Fact]
    public void Commands_are_scaled_by_risk_and_stopped_by_alarm()
    {
        Start(new GovernorOptions { RecoveryRate = 1e6, RiskTimeout = 20_000_000_000, CommandTimeout = 20_000_000_000, SlowFrom = 0.2f, StopFrom = 0.8f, LeastScale = 0.5 });
        Drive(1, 0.5, 0.1f, (1, 0.5));
        Drive(1, 0.5, 0.5f, (0.75, 0.375));
        Drive(1, 0.5, 0.9f, (0, 0));
        Drive(1, 0.5, 0.1f, (0, 0), alarm: true);
        Drive(double.NaN, 0.5, 0.1f, (0, 0));
        Drive(0.4, -0.2, 0.1f, (0.4, -0.2));
    }

    [Fact]
    public void Dead_predictions_stop_a_robot_whose_commands_go_on()
    {
        Start(new GovernorOptions { RecoveryRate = 1e6, RiskTimeout = 300_000_000, CommandTimeout = 20_000_000_000 });
        Drive(1, 0, 0.1f, (1, 0));
        harness.Until(() => driven[^1] == (0, 0), "the stop");
        int count = driven.Count;
        command.Publish(Twist(1, 0));
        harness.Until(() => driven.Count > count + 3, "more stops");
        Assert.All(driven.Skip(count), d => Assert.Equal((0.0, 0.0), d));
    }

    [Fact]
    public void Dead_commands_stop_the_robot()
    {
        Start(new GovernorOptions { RecoveryRate = 1e6, RiskTimeout = 20_000_000_000, CommandTimeout = 300_000_000 });
        Drive(1, 0, 0.1f, (1, 0));
        harness.Until(() => driven[^1] == (0, 0), "the stop");
    }

    [Fact]
    public void Switched_off_by_its_service_commands_pass_and_switched_on_again_they_are_governed()
    {
        VelocityGovernorNode node = Start(new GovernorOptions { RecoveryRate = 1e6, RiskTimeout = 20_000_000_000, CommandTimeout = 20_000_000_000, LinearLimit = 0.5 });
        using Client<SetBool, SetBool.Request, SetBool.Response> toggle = harness.ProbeNode.CreateClient<SetBool, SetBool.Request, SetBool.Response>("/velocity_governor/toggle");
        harness.Until(() => toggle.IsServiceReady, "the service");
        Drive(1, 1, 0.9f, (0, 0));
        Assert.True(Toggle(false));
        Assert.False(node.Options.Governor.Enabled);
        Drive(1, 1, 0.9f, (1, 1));
        Assert.True(Toggle(true));
        Drive(1, 1, 0.9f, (0, 0));
        Drive(1, 1, 0.1f, (0.5, 0.5));
        Assert.Null(node.Node.Parameters.Set("linear_limit", 0.25));
        Drive(1, 1, 0.1f, (0.25, 0.25));
        Assert.Contains("is not below", node.Node.Parameters.Set("stop_from", 0.1));

        bool Toggle(bool on) => harness.Probe.SpinUntilComplete(toggle.CallAsync(new SetBool.Request { Data = on }), TimeSpan.FromSeconds(20)).Success;
    }

    [Fact]
    public void Stamped_commands_come_out_stamped_and_stop_when_predictions_die()
    {
        var driven = new List<TwistStamped>();
        harness.Start(
            new VelocityGovernorNode(harness.Robot, new VelocityGovernorOptions { Stamped = true, Governor = new() { RecoveryRate = 1e6, RiskTimeout = 300_000_000, CommandTimeout = 20_000_000_000 } }),
            withFeatures: false);
        Publisher<TwistStamped> stamped = harness.ProbeNode.CreatePublisher<TwistStamped>("/velocity_governor/input/cmd_vel", QoSProfile.Default);
        risk = harness.ProbeNode.CreatePublisher<CollisionRisk>("/velocity_governor/input/collision_risk", QoSProfile.Default);
        harness.ProbeNode.CreateSubscription<TwistStamped>("/velocity_governor/output/cmd_vel", QoSProfile.Default, (m, _) => driven.Add(NodeHarness.Copy(m)));
        harness.Until(() => stamped.MatchedCount > 0 && risk.MatchedCount > 0 && harness.ProbeNode.CountPublishers("/velocity_governor/output/cmd_vel") > 0, "the governor");
        var wanted = new TwistStamped();
        wanted.Header.FrameId = "base_link";
        wanted.Twist.Linear.X = 1;
        harness.Repeat(
            () =>
            {
                risk.Publish(new CollisionRisk { Probability = 0.1f });
                stamped.Publish(wanted);
            },
            () => driven.Any(d => d.Twist.Linear.X == 1),
            "a command that passes");
        TwistStamped passed = driven.First(d => d.Twist.Linear.X == 1);
        Assert.Equal("base_link", passed.Header.FrameId);
        Assert.True(passed.Header.Stamp.ToNanoseconds() > 0);
        harness.Until(() => driven[^1].Twist.Linear.X == 0, "the stop");
    }

    public void Dispose() => harness.Dispose();

    private VelocityGovernorNode Start(GovernorOptions options)
    {
        VelocityGovernorNode node = harness.Start(new VelocityGovernorNode(harness.Robot, new VelocityGovernorOptions { Governor = options }), withFeatures: false);
        command = harness.ProbeNode.CreatePublisher<Twist>("/velocity_governor/input/cmd_vel", QoSProfile.Default);
        risk = harness.ProbeNode.CreatePublisher<CollisionRisk>("/velocity_governor/input/collision_risk", QoSProfile.Default);
        harness.ProbeNode.CreateSubscription<Twist>("/velocity_governor/output/cmd_vel", QoSProfile.Default, (m, _) => driven.Add((m.Linear.X, m.Angular.Z)));
        harness.Until(() => command.MatchedCount > 0 && risk.MatchedCount > 0 && harness.ProbeNode.CountPublishers("/velocity_governor/output/cmd_vel") > 0, "the governor");
        return node;
    }

    // Risk and command are two topics without an order between them: repeated until the answer shows.
    private void Drive(double x, double yaw, float probability, (double, double) expected, bool alarm = false)
    {
        int before = driven.Count;
        for (int i = 0; i < 200 && !driven.Skip(before).Any(Matches); i++)
        {
            risk.Publish(new CollisionRisk { Probability = probability, Alarm = alarm });
            command.Publish(Twist(x, yaw));
            harness.Probe.SpinOnce(TimeSpan.FromMilliseconds(50));
        }

        Assert.Contains(driven.Skip(before), d => Matches(d));

        bool Matches((double X, double Yaw) d) => Math.Abs(d.X - expected.Item1) < 1e-6 && Math.Abs(d.Yaw - expected.Item2) < 1e-6;
    }

    private static Twist Twist(double x, double yaw)
    {
        var m = new Twist();
        (m.Linear.X, m.Angular.Z) = (x, yaw);
        return m;
    }
}
