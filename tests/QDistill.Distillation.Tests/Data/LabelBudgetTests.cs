using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Features;

namespace QDistill.Distillation.Tests.Data;

public class LabelBudgetTests
{
    // 40 hazards in 1000 windows, 60 unknown.
    private static readonly TeacherDataset Rare = Synthetic.WithCollision(Synthetic.Table(1000), i => i % 25 == 0 ? Truth.Hazard : i % 25 == 1 || i % 50 == 2 ? Truth.Unknown : Truth.Safe);

    [Theory]
    [InlineData(2, 0.25, 1)]
    [InlineData(100, 0.25, 25)]
    [InlineData(200, 0.25, 40)] // wants 50, there are 40
    [InlineData(100, 0.0, 4)] // 40 of 940 known
    [InlineData(100, 0.5, 40)]
    public void The_budget_is_spent_and_stratified(int count, double share, int hazards)
    {
        int[] chosen = LabelBudget.Choose(Rare, count, seed: 3, share);
        Assert.Equal(count, chosen.Length);
        Assert.Equal(count, chosen.Distinct().Count());
        Assert.Equal(chosen.Order(), chosen);
        Assert.Equal(hazards, chosen.Count(i => Rare.Truth[2 * i] == Truth.Hazard));
        Assert.DoesNotContain(chosen, i => Rare.Truth[2 * i] == Truth.Unknown);
    }

    [Fact]
    public void A_budget_beyond_the_known_windows_takes_all_of_them() =>
        Assert.Equal(Enumerable.Range(0, 1000).Where(i => Rare.Truth[2 * i] != Truth.Unknown), LabelBudget.Choose(Rare, 5000, 1));

    [Fact]
    public void The_seed_alone_decides()
    {
        Assert.Equal(LabelBudget.Choose(Rare, 100, 8), LabelBudget.Choose(Rare, 100, 8));
        Assert.NotEqual(LabelBudget.Choose(Rare, 100, 8), LabelBudget.Choose(Rare, 100, 9));
    }

    [Fact]
    public void Every_window_of_a_class_is_chosen_equally_often()
    {
        int[] times = new int[1000];
        for (ulong seed = 0; seed < 400; seed++)
        {
            foreach (int i in LabelBudget.Choose(Rare, 100, seed, 0.25))
            {
                times[i]++;
            }
        }

        // 25 of 40 hazards each time: mean 250, binomial deviation 9.7.
        Assert.All(Enumerable.Range(0, 40), h => Assert.InRange(times[25 * h], 250 - 45, 250 + 45));
    }

    [Theory]
    [InlineData(Truth.Safe, "all 100 windows of known truth are safe")]
    [InlineData(Truth.Hazard, "all 100 windows of known truth are collisions")]
    [InlineData(Truth.Unknown, "none of 100 windows has a known truth")]
    public void One_class_alone_is_refused(Truth only, string sentence)
    {
        var e = Assert.Throws<UserErrorException>(() => LabelBudget.Choose(Synthetic.WithCollision(Synthetic.Table(100), _ => only), 10, 1));
        Assert.StartsWith("bag_0: " + sentence, e.Message);
    }
}
