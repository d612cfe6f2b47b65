using QDistill.Distillation.Data;
using QDistill.Features;

namespace QDistill.Distillation.Tests.Data;

public class DataSplitTests
{
    [Fact]
    public void A_split_by_time_leaves_a_horizon_between_the_parts_of_every_bag()
    {
        TeacherDataset data = Synthetic.Table(1200, bags: 3);
        FittingSplit split = DataSplit.ByTime(data, horizon: 2.5);

        Assert.Null(split.Note);
        for (int bag = 0; bag < 3; bag++)
        {
            long[] all = Stamps(data, bag), training = Stamps(split.Training, bag), validation = Stamps(split.Validation, bag);
            Assert.True(validation.Min() - training.Max() > 2.5 * Synthetic.Second, "a training window's truth looks into the validation part");
            Assert.InRange(validation.Min() - training.Max(), 2.5 * Synthetic.Second, 2.71 * Synthetic.Second);
            // 400 windows span 39.9 s; the last quarter of that time is 9.975 s.
            Assert.Equal(all.Where(t => t >= all.Max() - (9.975 * Synthetic.Second)), validation);
            Assert.Equal(all.Min(), training.Min());
        }
    }

    [Fact]
    public void Hazards_that_all_lie_early_make_the_split_fall_back_and_say_so()
    {
        TeacherDataset data = Synthetic.WithCollision(Synthetic.Table(400), i => i < 50 ? Truth.Hazard : Truth.Safe);
        FittingSplit split = DataSplit.ByTime(data, 2);
        Assert.Contains("too few hazards for a validation part", split.Note);
        Assert.Same(data, split.Training);
        Assert.Same(data, split.Validation);
    }

    [Fact]
    public void A_horizon_longer_than_the_recording_falls_back()
    {
        Assert.NotNull(DataSplit.ByTime(Synthetic.Table(100), 60).Note);
    }

    [Fact]
    public void A_split_by_bag_shares_no_bag_and_every_part_has_both_classes()
    {
        for (int count = 3; count < 12; count++)
        {
            // Every third bag is calm.
            TeacherDataset[] bags = [.. Enumerable.Range(0, count + 2).Select(b => b % 4 == 3 ? Synthetic.WithCollision(Synthetic.Table(60, (ulong)b), _ => Truth.Safe) : Synthetic.Table(60, (ulong)b))];
            BagSplit? split = DataSplit.ByBag(bags);
            int[] hazardous = [.. Enumerable.Range(0, bags.Length).Where(b => b % 4 != 3)];
            if (hazardous.Length < 3)
            {
                Assert.Null(split);
                continue;
            }

            Assert.NotNull(split);
            int[] dealt = [.. split.Training.Concat(split.Validation).Concat(split.Test)];
            Assert.Equal(Enumerable.Range(0, bags.Length), dealt.Order());
            Assert.All((IReadOnlyList<int>[])[split.Training, split.Validation, split.Test], part => Assert.Contains(part, hazardous.Contains));
        }
    }

    [Fact]
    public void Two_bags_with_hazards_cannot_be_dealt_to_three_parts()
    {
        TeacherDataset calm = Synthetic.WithCollision(Synthetic.Table(60), _ => Truth.Safe);
        Assert.Null(DataSplit.ByBag([Synthetic.Table(60, 1), Synthetic.Table(60, 2), calm, calm]));
    }

    private static long[] Stamps(TeacherDataset data, int bag) => [.. Enumerable.Range(0, data.Count).Where(i => data.BagOf[i] == bag).Select(i => data.Stamps[i])];
}
