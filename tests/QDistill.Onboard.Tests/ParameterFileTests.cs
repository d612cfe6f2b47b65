using QDistill.Configuration;

namespace QDistill.Onboard.Tests;

public class ParameterFileTests
{
    private static readonly string Shipped = Path.Combine(SharedData.Repository, "launch", "params", "onboard.param.yaml");

    [Fact]
    public void The_shipped_file_gives_every_node_its_defaults()
    {
        RiskInferenceOptions inference = RiskInferenceOptions.Load(Shipped);
        Assert.Equal(new RiskInferenceOptions().Risk, inference.Risk);
        Assert.Equal(new RiskInferenceOptions().Latency, inference.Latency);
        Assert.Equal(new TopicQoS(), inference.QoS);
        Assert.Equal(new RiskInferenceOptions().WatchdogRate, inference.WatchdogRate);
        Assert.Equal(new TopicQoS(), FeatureFusionOptions.Load(Shipped).QoS);
        Assert.Equal(new GovernorOptions(), VelocityGovernorOptions.Load(Shipped).Governor);
        OnboardOptions onboard = OnboardOptions.Load(Shipped);
        Assert.Equal(new RiskInferenceOptions().Risk, onboard.Inference.Risk);
        Assert.Equal(FeatureFusionOptions.Load(Shipped).Robot, onboard.Fusion.Robot);
    }

    [Fact]
    public void Given_values_arrive()
    {
        RiskInferenceOptions o = ParameterFile.Parse(
            """
            /risk_inference:
              ros__parameters:
                model: m.onnx
                fail_safe_probability: 0.7
                watchdog: {rate: 50, input_timeout: 0.25, stamp_max_age: 0, frozen_timeout: 3}
                alarm: {on_threshold: 0.8, off_threshold: 0.3, on_count: 2, off_count: 5, hold: 1.5, publish: false}
                out_of_distribution: {margin: 1, allowance: 2, fail_safe: true}
            """,
            "p.yaml",
            "risk_inference",
            RiskInferenceOptions.Read);
        Assert.Equal(("m.onnx", 0.7f, 50.0, 250_000_000L, 0L, 3_000_000_000L), (o.Model, o.Risk.FailSafeProbability, o.WatchdogRate, o.Risk.InputTimeout, o.Risk.Stamps.MaxAge, o.Risk.FrozenTimeout));
        Assert.Equal((0.8f, 0.3f, 2, 5, 1_500_000_000L, false), (o.Risk.AlarmOn, o.Risk.AlarmOff, o.Risk.Alarm.OnCount, o.Risk.Alarm.OffCount, o.Risk.Alarm.Hold, o.PublishAlarm));
        Assert.Equal((1.0, 2, true), (o.Risk.RangeMargin, o.Risk.RangeAllowance, o.Risk.RangeFailSafe));
    }

    [Theory]
    [InlineData("risk_inference: {ros__parameters: {fail_safe_probabilty: 1}}", "p.yaml:1", "fail_safe_probability")]
    [InlineData("risk_inference: {ros__parameters: {watchdog: {rte: 1}}}", "watchdog.rte", "'rate'")]
    [InlineData("risk_inference: {ros__params: {}}", "ros__parameters", "missing")]
    [InlineData("risk_inferance: {ros__parameters: {}}", "risk_inferance", "'risk_inference'")]
    [InlineData("feature_fusion: {ros__parameters: {}}", "risk_inference", "ros__parameters")]
    [InlineData("risk_inference: {ros__parameters: {fail_safe_probability: 1.5}}", "fail_safe_probability", "outside")]
    [InlineData("risk_inference: {ros__parameters: {alarm: {on_threshold: 0.3, off_threshold: 0.5}}}", "off_threshold", "above")]
    public void What_is_not_known_or_contradictory_is_refused_with_a_hint(string yaml, string where, string hint)
    {
        UserErrorException e = Assert.Throws<UserErrorException>(() => ParameterFile.Parse(yaml, "p.yaml", "risk_inference", RiskInferenceOptions.Read));
        Assert.Contains(where, e.Message);
        Assert.Contains(hint, e.Message);
    }
}
