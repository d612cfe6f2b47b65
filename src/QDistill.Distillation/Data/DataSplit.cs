using QDistill.Features;

namespace QDistill.Distillation.Data;

/// <summary>Windows to learn from, and windows that choose, stop and calibrate.</summary>
/// <param name="Training">Learn from these.</param>
/// <param name="Validation">Choose by these.</param>
/// <param name="Note">What a reader must know about the split; null when it is a clean one.</param>
public sealed record FittingSplit(TeacherDataset Training, TeacherDataset Validation, string? Note);

/// <summary>Which bags are for what.</summary>
/// <param name="Training">Indices of bags to learn from.</param>
/// <param name="Validation">Indices of bags to choose by.</param>
/// <param name="Test">Indices of bags to judge by, once.</param>
public sealed record BagSplit(IReadOnlyList<int> Training, IReadOnlyList<int> Validation, IReadOnlyList<int> Test);

/// <summary>
/// Splits by bag and by time, never by shuffled window: neighbouring windows are nearly equal, so a shuffled split would test on what it trained on.
/// </summary>
public static class DataSplit
{
    private const double ValidationShare = 0.25;

    /// <summary>Splits windows for fitting when no validation bag is given: the last quarter of every bag's time, with a gap of the horizon before it.</summary>
    /// <param name="data">One or more bags.</param>
    /// <param name="horizon">The longest horizon [s]: a window's truth looks so far ahead, so that much is left out between the parts.</param>
    public static FittingSplit ByTime(TeacherDataset data, double horizon)
    {
        long gap = (long)(horizon * 1e9);
        var spans = new Dictionary<int, (long From, long To)>();
        for (int i = 0; i < data.Count; i++)
        {
            (long from, long to) = spans.TryGetValue(data.BagOf[i], out (long From, long To) s) ? s : (data.Stamps[i], data.Stamps[i]);
            spans[data.BagOf[i]] = (Math.Min(from, data.Stamps[i]), Math.Max(to, data.Stamps[i]));
        }

        var training = new List<int>();
        var validation = new List<int>();
        for (int i = 0; i < data.Count; i++)
        {
            (long from, long to) = spans[data.BagOf[i]];
            long cut = to - (long)((to - from) * ValidationShare);
            if (data.Stamps[i] >= cut)
            {
                validation.Add(i);
            }
            else if (data.Stamps[i] < cut - gap)
            {
                training.Add(i);
            }
        }

        TeacherDataset train = data.Select([.. training]), valid = data.Select([.. validation]);
        return HasBoth(train) && HasBoth(valid)
            ? new FittingSplit(train, valid, null)
            : new FittingSplit(data, data, "the bags hold too few hazards for a validation part: stopping, choice and calibration use the training windows themselves, so the teacher's confidence is optimistic");
    }

    /// <summary>
    /// Assigns whole bags to training, validation and test when the user gave only a heap of them. Bags with hazards are dealt out, those with most hazard
    /// windows first, to training, test and validation in turn; bags without any go to training and test in turn.
    /// </summary>
    /// <returns>Null when fewer than three bags hold both safe and hazard windows.</returns>
    public static BagSplit? ByBag(IReadOnlyList<TeacherDataset> bags)
    {
        int[] hazardous = [.. Enumerable.Range(0, bags.Count).Where(b => HasBoth(bags[b])).OrderByDescending(b => Count(bags[b], Truth.Hazard)).ThenBy(b => b)];
        if (hazardous.Length < 3)
        {
            return null;
        }

        List<int>[] parts = [[], [], []];
        int[] order = [0, 2, 1, 2, 0, 1]; // training, test, validation, test, training, validation, and again
        for (int i = 0; i < hazardous.Length; i++)
        {
            parts[order[i % order.Length]].Add(hazardous[i]);
        }

        int[] calm = [.. Enumerable.Range(0, bags.Count).Where(b => !hazardous.Contains(b) && bags[b].Count > 0)];
        for (int i = 0; i < calm.Length; i++)
        {
            parts[i % 2 == 0 ? 0 : 2].Add(calm[i]);
        }

        return new BagSplit([.. parts[0].Order()], [.. parts[1].Order()], [.. parts[2].Order()]);
    }

    private static bool HasBoth(TeacherDataset data) => Count(data, Truth.Safe) > 0 && Count(data, Truth.Hazard) > 0;

    private static int Count(TeacherDataset data, Truth truth)
    {
        int count = 0;
        for (int i = 0; i < data.Count; i++)
        {
            count += data.Truth[i * data.OutputCount] == truth ? 1 : 0;
        }

        return count;
    }
}
