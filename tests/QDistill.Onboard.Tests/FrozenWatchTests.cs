namespace QDistill.Onboard.Tests;

public class FrozenWatchTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void A_part_that_repeats_itself_for_too_long_is_frozen_while_others_move()
    {
        var watch = new FrozenWatch([0, 0, 1, -1], 2, Second);
        for (int i = 0; i <= 10; i++)
        {
            Assert.Equal(-1, watch.Check([1, 2, i, 7], [15], i * Second / 10));
        }

        Assert.Equal(0, watch.Check([1, 2, 11, 7], [15], Second + 1));
        Assert.Equal(-1, watch.Check([1, 2.5f, 12, 7], [15], Second + 2));
    }

    [Fact]
    public void What_is_not_valid_is_missing_and_not_frozen()
    {
        var watch = new FrozenWatch([0, 0], 1, Second);
        Assert.Equal(-1, watch.Check([0, 0], [0], 0));
        Assert.Equal(-1, watch.Check([0, 0], [0], 5 * Second));
        Assert.Equal(-1, watch.Check([0, 0], [2], 5 * Second));
        Assert.Equal(0, watch.Check([0, 0], [2], (6 * Second) + 1));
    }

    [Fact]
    public void Without_a_time_out_nothing_freezes_and_nothing_is_allocated()
    {
        var off = new FrozenWatch([0], 1, 0);
        var on = new FrozenWatch([0], 1, Second);
        Span<float> values = [1f];
        Span<byte> valid = [1];
        on.Check(values, valid, 0);
        int frozen = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            frozen += off.Check(values, valid, i * Second) >= 0 ? 1 : 0;
            on.Check(values, valid, i);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(0, frozen);
    }
}
