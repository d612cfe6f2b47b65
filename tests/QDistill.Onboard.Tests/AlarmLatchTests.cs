using FsCheck;
using FsCheck.Fluent;

namespace QDistill.Onboard.Tests;

public class AlarmLatchTests
{
    private const long Ms = 1_000_000;
    private static readonly AlarmOptions Options = new() { OnThreshold = 0.6f, OffThreshold = 0.4f, OnCount = 3, OffCount = 2, Hold = 500 * Ms };

    [Fact]
    public void Goes_on_only_after_the_asked_number_of_consecutive_predictions()
    {
        var latch = new AlarmLatch(Options);
        Assert.False(latch.Update(0.6f, 0));
        Assert.False(latch.Update(0.9f, 1));
        Assert.False(latch.Update(0.59f, 2)); // breaks the run
        Assert.False(latch.Update(0.9f, 3));
        Assert.False(latch.Update(0.9f, 4));
        Assert.True(latch.Update(0.9f, 5));
    }

    [Fact]
    public void Stays_on_between_the_thresholds_and_goes_off_below_the_lower_one()
    {
        AlarmLatch latch = Raised();
        for (int i = 0; i < 100; i++)
        {
            Assert.True(latch.Update(0.45f, 1000 * Ms + i));
        }

        Assert.True(latch.Update(0.39f, 1200 * Ms));
        Assert.True(latch.Update(0.4f, 1201 * Ms)); // not below: breaks the run
        Assert.True(latch.Update(0.39f, 1202 * Ms));
        Assert.False(latch.Update(0.39f, 1203 * Ms));
    }

    [Fact]
    public void Is_held_for_the_least_time_however_safe_it_becomes()
    {
        AlarmLatch latch = Raised();
        for (long t = 1; t < 500; t++)
        {
            Assert.True(latch.Update(0f, t * Ms));
        }

        Assert.False(latch.Update(0f, 500 * Ms));
    }

    [Fact]
    public void NaN_speaks_for_the_alarm_and_never_against_it()
    {
        var latch = new AlarmLatch(Options);
        latch.Update(float.NaN, 0);
        latch.Update(float.NaN, 0);
        Assert.True(latch.Update(float.NaN, 0));
        for (int i = 0; i < 10; i++)
        {
            Assert.True(latch.Update(float.NaN, 1000 * Ms));
        }
    }

    // nav2's acceptance for its collision monitor: 20 Hz, an obstacle appears for 4 s and goes; stop within 0.6 s, held >= 90 %, resume within 0.6 s, false stop <= 5 %.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_noisy_predictor_meets_nav2s_acceptance(int seed)
    {
        var rng = new QDistill.Numerics.Philox((ulong)seed, 0);
        var latch = new AlarmLatch(new AlarmOptions());
        double? stop = null, resume = null;
        int held = 0, heldOf = 0, wrong = 0, wrongOf = 0;
        for (int i = 0; i < 240; i++)
        {
            double t = i * 0.05;
            bool hazard = t is >= 4 and < 8;
            bool flip = rng.NextDouble() < 0.05;
            bool on = latch.Update(hazard != flip ? 0.85f : 0.1f, (long)(t * 1e9));
            stop ??= hazard && on ? t - 4 : null;
            resume ??= t >= 8 && !on ? t - 8 : null;
            if (stop is not null && hazard)
            {
                heldOf++;
                held += on ? 1 : 0;
            }

            if (t < 4 || (resume is not null && t >= 8))
            {
                wrongOf++;
                wrong += on ? 1 : 0;
            }
        }

        Assert.True(stop <= 0.6, $"stopped after {stop} s");
        Assert.True(resume <= 0.6, $"resumed after {resume} s");
        Assert.True(held >= 0.9 * heldOf, $"held {held}/{heldOf}");
        Assert.True(wrong <= 0.05 * wrongOf, $"false {wrong}/{wrongOf}");
    }

    [Fact]
    public void Never_goes_off_before_the_hold_nor_on_without_a_full_run()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            var latch = new AlarmLatch(Options);
            long raised = 0;
            int above = 0;
            for (int i = 0; i < bytes.Length; i++)
            {
                long now = i * 50 * Ms;
                float p = bytes[i] / 255f;
                bool before = latch.IsOn;
                above = p >= 0.6f ? above + 1 : 0;
                bool after = latch.Update(p, now);
                if (!before && after)
                {
                    Assert.True(above >= 3);
                    raised = now;
                }

                if (before && !after)
                {
                    Assert.True(p < 0.4f && now - raised >= 500 * Ms);
                }
            }
        }).QuickCheckThrowOnFailure();
    }

    private static AlarmLatch Raised()
    {
        var latch = new AlarmLatch(Options);
        latch.Update(1, 0);
        latch.Update(1, 0);
        Assert.True(latch.Update(1, 0));
        return latch;
    }
}
