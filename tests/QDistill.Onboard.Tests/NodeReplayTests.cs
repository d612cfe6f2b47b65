using QDistill.Features;
using QDistill.Msgs.NavMsgs;

namespace QDistill.Onboard.Tests;

/// <summary>Windows made message by message, whose outputs follow from the alarm's and the governor's definitions.</summary>
public class NodeReplayTests
{
    private const long Start = 1_700_000_000_000_000_000;
    private static readonly RobotConfig Robot = RobotConfig.Parse("name: rig\nsources:\n  odom: {topic: /odom}\nfusion: {trigger: odom}\nfeatures:\n  motion: {}\n");

    [Fact]
    public void The_alarm_goes_on_and_off_as_the_latch_of_the_node_does()
    {
        // Speed 0 for 1 s, 1 for 1 s, 0 for 2 s; the model's risk is the speed.
        FeatureWindows windows = Drive(40, i => i is >= 10 and < 20 ? 1 : 0);
        var latch = new AlarmLatch(new AlarmOptions { OnThreshold = 0.5f, OffThreshold = 0.4f, OnCount = 3, OffCount = 3, Hold = 500_000_000 });

        NodeOutput output = NodeReplay.Run(windows, new SpeedIsRisk(), new RiskInferenceOptions(), new GovernorOptions());

        Assert.Equal([.. windows.Stamps], output.StampsNs);
        bool[] expected = [.. output.StampsNs.Select((t, i) => latch.Update(output.Probability[i], t))];
        Assert.Equal(expected, output.Alarm);
        Assert.Equal((12, 22), (output.Alarm.ToList().IndexOf(true), output.Alarm.ToList().LastIndexOf(true) + 1));
    }

    [Fact]
    public void The_governor_stops_with_the_alarm_and_recovers_at_its_rate()
    {
        NodeOutput output = NodeReplay.Run(Drive(40, i => i is >= 10 and < 20 ? 1 : 0), new SpeedIsRisk(), new RiskInferenceOptions(), new GovernorOptions { RecoveryRate = 2, StopFrom = 1.1f, SlowFrom = 1 });

        Assert.All(output.Scale.Skip(12).Take(10), s => Assert.Equal(0, s));
        Assert.Equal([0.2, 0.4, 0.6, 0.8, 1, 1], output.Scale.Skip(22).Take(6).Select(s => Math.Round(s, 6)));
    }

    [Fact]
    public void A_gap_in_the_recording_is_answered_by_the_watchdog_with_the_fail_safe_value()
    {
        // 1.1 s from the tenth window to the next: dead after 0.5 s, and said at 20 Hz from then on.
        FeatureWindows windows = Drive(20, _ => 0, gapAfter: 10, gap: 1);

        NodeOutput output = NodeReplay.Run(windows, new SpeedIsRisk(), new RiskInferenceOptions { WatchdogRate = 20 }, new GovernorOptions());

        int silent = output.StampsNs.Count - windows.Count;
        Assert.InRange(silent, 11, 12);
        Assert.True(output.StampsNs.Zip(output.StampsNs.Skip(1)).All(p => p.First < p.Second));
        foreach (int i in Enumerable.Range(11, silent))
        {
            Assert.Equal((PredictionStatus.StaleInput, 1f), (output.Status[i], output.Probability[i]));
        }

        Assert.Contains(true, output.Alarm);
    }

    [Fact]
    public void Probabilities_from_elsewhere_go_the_same_way_and_none_is_the_fail_safe_value()
    {
        FeatureWindows windows = Drive(20, _ => 0);
        double[] given = [.. Enumerable.Range(0, windows.Count).Select(i => i == 5 ? double.NaN : i / 100.0)];

        NodeOutput output = NodeReplay.Run(windows, given, new SpeedIsRisk().Info, new RiskInferenceOptions(), new GovernorOptions());

        // The first window has no accelerations yet: too few valid values to judge by.
        Assert.Equal([.. given.Select((p, i) => i is 0 or 5 ? 1f : (float)p)], output.Probability);
        Assert.Equal(PredictionStatus.NoModel, output.Status[5]);
    }

    [Fact]
    public void A_model_of_another_schema_is_refused() => Assert.Throws<Configuration.UserErrorException>(
        () => NodeReplay.Run(Drive(5, _ => 0), new FakeModel(), new RiskInferenceOptions(), new GovernorOptions()));

    private static FeatureWindows Drive(int count, Func<int, double> speed, int gapAfter = int.MaxValue, double gap = 0)
    {
        FeatureWindows windows = FeatureWindows.Start("drive", Robot, out FeatureExtractor extractor);
        for (int i = 0; i < count; i++)
        {
            long t = Start + (i * 100_000_000L) + (i > gapAfter ? (long)(gap * 1e9) : 0);
            var odometry = new Odometry();
            odometry.Header.Stamp.SetNanoseconds(t);
            odometry.Pose.Pose.Orientation.W = 1;
            odometry.Twist.Twist.Linear.X = speed(i);
            extractor.OnMessage(extractor.SourceOfTopic("/odom"), odometry, t);
        }

        windows.Complete();
        Assert.Equal(count, windows.Count);
        return windows;
    }

    private sealed class SpeedIsRisk : IRiskModel
    {
        private readonly int speed = Robot.Schema.IndexOf("motion.speed");

        public RiskModelInfo Info { get; } = new() { ModelId = "speed", SchemaId = Robot.Schema.Id, FeatureNames = Robot.Schema.Names, Horizon = 1 };

        public bool Predict(ReadOnlySpan<float> features, Span<float> violation, out float collision, out float uncertainty)
        {
            (collision, uncertainty) = (features[speed], 0);
            return true;
        }

        public void Dispose()
        {
        }
    }
}
