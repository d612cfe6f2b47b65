namespace QDistill.Onboard.Tests;

public class StampGateTests
{
    private const long Second = 1_000_000_000;
    private const long Hour = 3600 * Second;
    private const long Now = 1_700_000_000 * Second;
    private readonly StampGate gate = new(new StampOptions { MaxAge = Second / 2, FutureTolerance = Second / 20 });

    [Fact]
    public void Fresh_rising_stamps_pass()
    {
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(InputFault.None, gate.Check(Now + (i * Second / 10), Now + (i * Second / 10) + 1000));
        }
    }

    [Fact]
    public void A_jump_of_an_hour_either_way_is_refused_and_leaves_no_trace()
    {
        Assert.Equal(InputFault.None, gate.Check(Now, Now));
        Assert.Equal(InputFault.FutureStamp, gate.Check(Now + Hour, Now + 1));
        Assert.Equal(InputFault.StaleStamp, gate.Check(Now - Hour, Now + 2));
        Assert.Equal(InputFault.None, gate.Check(Now + 3, Now + 3));
    }

    [Fact]
    public void A_stamp_before_the_last_one_is_out_of_order_and_an_equal_one_is_not()
    {
        Assert.Equal(InputFault.None, gate.Check(Now, Now));
        Assert.Equal(InputFault.OutOfOrder, gate.Check(Now - 1, Now + 10));
        Assert.Equal(InputFault.None, gate.Check(Now, Now + 20));
    }

    [Fact]
    public void The_tolerances_are_inclusive()
    {
        Assert.Equal(InputFault.None, gate.Check(Now - (Second / 2), Now));
        Assert.Equal(InputFault.StaleStamp, gate.Check(Now - (Second / 2) - 1, Now));
        Assert.Equal(InputFault.None, gate.Check(Now + (Second / 20), Now));
        Assert.Equal(InputFault.FutureStamp, gate.Check(Now + (Second / 20) + 1, Now));
    }

    [Fact]
    public void When_ROS_time_itself_starts_over_the_order_does_too()
    {
        Assert.Equal(InputFault.None, gate.Check(Now, Now));
        Assert.Equal(InputFault.None, gate.Check(Now - Hour, Now - Hour));
        Assert.Equal(InputFault.None, gate.Check(Now - Hour + 5, Now - Hour + 5));
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void Absurd_stamps_do_not_overflow_into_belief(long stamp) => Assert.NotEqual(InputFault.None, gate.Check(stamp, Now));

    [Fact]
    public void Age_is_not_watched_when_the_limit_is_zero()
    {
        var lenient = new StampGate(new StampOptions { MaxAge = 0 });
        Assert.Equal(InputFault.None, lenient.Check(Now - (1000 * Hour), Now));
    }
}
