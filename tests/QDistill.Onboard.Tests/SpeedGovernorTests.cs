namespace QDistill.Onboard.Tests;

public class SpeedGovernorTests
{
    private const long Ms = 1_000_000;
    private static readonly GovernorOptions Options = new() { SlowFrom = 0.2f, StopFrom = 0.8f, LeastScale = 0.25, RecoveryRate = 1e9 };

    [Theory]
    [InlineData(0.0f, 1.0)]
    [InlineData(0.2f, 1.0)]
    [InlineData(0.5f, 0.625)]
    [InlineData(0.79999f, 0.25)]
    [InlineData(0.8f, 0.0)]
    [InlineData(1.0f, 0.0)]
    [InlineData(float.NaN, 0.0)]
    public void Scales_in_a_straight_line_between_slow_and_stop(float probability, double scale)
    {
        SpeedGovernor governor = Ready(Options);
        governor.Risk(probability, false, 0);
        Assert.Equal(scale, governor.Update(0), 4);
    }

    [Fact]
    public void Stands_until_both_inputs_have_come()
    {
        var governor = new SpeedGovernor(Options);
        Assert.Equal(0, governor.Update(0));
        governor.Command(true, 0);
        Assert.Equal((0.0, GovernorReason.NoRisk), (governor.Update(0), governor.Reason));
        governor.Risk(0, false, 0);
        governor.Update(1);
        Assert.Equal(1, governor.Update(Ms));
    }

    [Fact]
    public void Stops_when_predictions_or_commands_die()
    {
        SpeedGovernor governor = Ready(Options);
        governor.Command(true, 400 * Ms);
        Assert.Equal(1, governor.Update(500 * Ms));
        Assert.Equal((0.0, GovernorReason.NoRisk), (governor.Update((500 * Ms) + 1), governor.Reason));
        governor.Risk(0, false, 900 * Ms);
        Assert.Equal((0.0, GovernorReason.NoCommand), (governor.Update((900 * Ms) + 1), governor.Reason));
    }

    [Fact]
    public void An_alarm_stops_whatever_the_probability_unless_told_otherwise()
    {
        SpeedGovernor governor = Ready(Options);
        governor.Risk(0.1f, true, 0);
        Assert.Equal((0.0, GovernorReason.Alarm), (governor.Update(0), governor.Reason));
        SpeedGovernor deaf = Ready(Options with { StopOnAlarm = false });
        deaf.Risk(0.1f, true, 0);
        Assert.Equal(1, deaf.Update(0));
    }

    [Fact]
    public void Falls_at_once_and_rises_at_the_recovery_rate()
    {
        SpeedGovernor governor = Ready(Options with { RecoveryRate = 0.5 });
        Assert.Equal(GovernorReason.Recovering, governor.Reason); // from standing, for 100 ms
        Assert.Equal(0.10, governor.Update(100 * Ms), 6);
        Assert.Equal(0.20, governor.Update(300 * Ms), 6);
        governor.Risk(1, false, 300 * Ms);
        Assert.Equal(0, governor.Update(300 * Ms));
    }

    [Fact]
    public void Passes_through_when_disabled_but_never_a_command_that_is_no_number()
    {
        SpeedGovernor governor = Ready(Options with { Enabled = false });
        governor.Risk(1, true, 0);
        Assert.Equal((1.0, GovernorReason.Disabled), (governor.Update(0), governor.Reason));
        governor.Command(false, 0);
        Assert.Equal((0.0, GovernorReason.InvalidCommand), (governor.Update(0), governor.Reason));
    }

    private static SpeedGovernor Ready(GovernorOptions options)
    {
        var governor = new SpeedGovernor(options);
        governor.Command(true, 0);
        governor.Risk(0, false, 0);
        governor.Update(-100 * Ms);
        governor.Update(0);
        return governor;
    }

    [Theory]
    [InlineData(2.0, 0.5, true, 0.5, 0.5)] // twice too fast: the arc is kept
    [InlineData(0.5, 2.0, true, 0.25, 0.25)]
    [InlineData(2.0, 2.0, false, 0.5, 0.25)]
    [InlineData(1.0, 0.5, true, 1.0, 1.0)]
    public void Limits_of_speed_hold_while_governed(double linear, double angular, bool keepCurvature, double drive, double turn)
    {
        var governor = new SpeedGovernor(new GovernorOptions { LinearLimit = 1, AngularLimit = 0.5, KeepCurvature = keepCurvature });
        Assert.Equal((drive, turn), governor.Limit(linear, angular));
        governor.Options = governor.Options with { Enabled = false };
        Assert.Equal((1.0, 1.0), governor.Limit(linear, angular));
    }
}
