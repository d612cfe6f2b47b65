using QDistill.Evaluation.Studies;

namespace QDistill.Evaluation.Tests.Studies;

public class RecordingFoldsTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(7)]
    public void Every_recording_is_tested_once_and_validates_once_and_no_fold_shares_one(int folds)
    {
        var rng = new Numerics.Philox(3);
        int[] hazards = new int[20], windows = new int[20];
        for (int i = 0; i < 20; i++)
        {
            (hazards[i], windows[i]) = (i % 3 == 0 ? rng.NextInt(50) + 1 : 0, 100 + rng.NextInt(900));
        }

        int[] part = RecordingFolds.Assign(hazards, windows, folds);
        for (int r = 0; r < 20; r++)
        {
            string[] uses = [.. Enumerable.Range(0, folds).Select(f => RecordingFolds.Use(part[r], f, folds))];
            Assert.Equal((1, 1), (uses.Count(u => u == "test"), uses.Count(u => u == "validation")));
        }

        int[] of = [.. Enumerable.Range(0, folds).Select(f => Enumerable.Range(0, 20).Where(r => part[r] == f).Sum(r => hazards[r]))];
        Assert.All(of, h => Assert.True(h > 0)); // seven recordings have hazards: none of up to seven folds goes without
        Assert.Equal(part, RecordingFolds.Assign(hazards, windows, folds));
    }
}
