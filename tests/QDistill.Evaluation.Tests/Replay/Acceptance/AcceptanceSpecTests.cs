using QDistill.Configuration;
using QDistill.Evaluation.Replay;
using QDistill.Features;

namespace QDistill.Evaluation.Tests.Replay.Acceptance;

public class AcceptanceSpecTests
{
    [Fact]
    public void An_empty_test_has_the_limits_of_nav2s_bag_test()
    {
        AcceptanceSpec spec = Read("limits: {}");

        Assert.Equal((0.6, 0.9, 0.6, 0.05), (spec.Limits.TimeToStop, spec.Limits.Hold, spec.Limits.TimeToResume, spec.Limits.FalseStop));
        Assert.Equal((0.02, 0.1, 3), (spec.Stop.Below, spec.Stop.Resume, spec.Stop.Debounce));
        Assert.Equal(0.2, spec.Danger.Guard);
    }

    [Theory]
    [InlineData("danger: {truth: collision, signal: clearance, limit: 1}", "by truth or by signal")]
    [InlineData("danger: {op: '<'}", "belongs to a danger that is told by a signal")]
    [InlineData("danger: {signal: clearance}", "'danger.limit' is missing")]
    [InlineData("danger: {signal: clearance, limit: 1, op: '=='}", "'==' is not one of")]
    [InlineData("stop: {below: 0.2, resume: 0.1}", "is not above stop.below")]
    [InlineData("limits: {hold: 90}", "90 is outside [0, 1]")]
    [InlineData("limits: {time_to_stopp: 1}", "unknown key 'limits.time_to_stopp'; did you mean 'time_to_stop'")]
    public void What_contradicts_itself_is_refused_with_its_line(string yaml, string expected)
    {
        UserErrorException e = Assert.Throws<UserErrorException>(() => Read(yaml));

        Assert.Contains(expected, e.Message.Replace(" (did", "; did", StringComparison.Ordinal));
        Assert.StartsWith("safety.yaml:1", e.Message);
    }

    [Theory]
    [InlineData("danger: {signal: clearence, limit: 1}", "no feature 'clearence'")]
    [InlineData("danger: {truth: keep_away}", "no constraint 'keep_away'")]
    public void What_the_robot_does_not_have_is_refused(string yaml, string expected) =>
        Assert.Contains(expected, Assert.Throws<UserErrorException>(() => Read(yaml).RequireFor(Drives.Robot, "safety.yaml")).Message);

    [Fact]
    public void A_signals_danger_is_where_it_is_beyond_its_limit()
    {
        // At 0.5 m/s the wall, first 8 s away, is within 1 m of the lidar for the last 1.4 s before the contact at 9 s; the footprint's front is 0.3 m ahead.
        FeatureWindows drive = Drives.Make("drive", 14, 9);
        AcceptanceSpec spec = Read("danger: {signal: lidar.clearance, op: '<', limit: 0.5}");

        Danger danger = Dangers.Find(drive, spec.Danger)[0];

        Assert.InRange((danger.StartNs - Drives.Start) * 1e-9, 7.9, 8.2);
        Assert.InRange((danger.EndNs - Drives.Start) * 1e-9, 8.9, 9.1);
    }

    [Fact]
    public void By_hindsight_danger_begins_a_horizon_before_the_contact()
    {
        FeatureWindows drive = Drives.Make("drive", 14, 9);

        Danger danger = Assert.Single(Dangers.Find(drive, new DangerSpec()));

        Assert.Equal(9 - Drives.Horizon, (danger.StartNs - Drives.Start) * 1e-9, 0.11);
        Assert.NotNull(danger.ReleaseNs);
    }

    private static AcceptanceSpec Read(string yaml)
    {
        ConfigSection file = ConfigFile.Parse(yaml, "safety.yaml");
        AcceptanceSpec spec = AcceptanceSpec.Read(file);
        file.RejectUnknownKeys();
        return spec;
    }
}
