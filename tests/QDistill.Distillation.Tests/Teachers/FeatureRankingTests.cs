using QDistill.Distillation.Teachers;
using QDistill.Numerics;

namespace QDistill.Distillation.Tests.Teachers;

public class FeatureRankingTests
{
    private const int N = 2000;

    /// <summary>0: noise; 1: strong; 2: a copy of 1; 3: weaker, independent of 1; 4: constant.</summary>
    private static float[] Table(out bool[] hazard)
    {
        var rng = new Philox(3);
        float[] z = new float[N * 5];
        hazard = new bool[N];
        for (int i = 0; i < N; i++)
        {
            hazard[i] = i % 4 == 0;
            z[i * 5] = (float)rng.NextGaussian();
            z[(i * 5) + 1] = (float)(rng.NextGaussian() + (hazard[i] ? 2 : 0));
            z[(i * 5) + 2] = z[(i * 5) + 1] + (0.01f * (float)rng.NextGaussian());
            z[(i * 5) + 3] = (float)(rng.NextGaussian() - (hazard[i] ? 1 : 0));
            z[(i * 5) + 4] = 0;
        }

        return z;
    }

    [Fact]
    public void The_most_telling_feature_comes_first_and_its_copy_after_a_weaker_independent_one()
    {
        int[] chosen = FeatureRanking.Choose(Table(out bool[] hazard), hazard, 5, 3);
        Assert.Contains(chosen[0], new[] { 1, 2 });
        Assert.Equal(3, chosen[1]);
    }

    [Fact]
    public void A_feature_that_falls_before_a_hazard_tells_as_much_as_one_that_rises()
    {
        float[] z = Table(out bool[] hazard);
        for (int i = 0; i < N; i++)
        {
            z[(i * 5) + 1] *= -1;
            z[(i * 5) + 2] = 0;
        }

        Assert.Equal([1, 3], FeatureRanking.Choose(z, hazard, 5, 2));
    }

    [Fact]
    public void Every_feature_is_chosen_at_most_once_and_no_more_than_there_are()
    {
        int[] chosen = FeatureRanking.Choose(Table(out bool[] hazard), hazard, 5, 50);
        Assert.Equal([0, 1, 2, 3, 4], chosen.Order());
    }
}
