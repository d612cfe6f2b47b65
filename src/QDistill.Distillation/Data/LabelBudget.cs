using QDistill.Configuration;
using QDistill.Features;
using QDistill.Numerics;

namespace QDistill.Distillation.Data;

/// <summary>
/// Chooses which windows' truth may be used when labels are scarce: at most a given number, seeded, stratified by the collision truth so that
/// both classes are present. The teacher and every control are given the same choice.
/// </summary>
public static class LabelBudget
{
    private const ulong Stream = 0x4C41_4245_4C53; // "LABELS"

    /// <summary>Indices of the chosen windows, ascending. Windows whose collision truth is unknown are never chosen.</summary>
    /// <param name="data">The table to choose from.</param>
    /// <param name="count">How many labels there are.</param>
    /// <param name="seed">The seed of the choice.</param>
    /// <param name="minorityShare">The least share of the rarer class, in [0, 0.5]; 0 keeps the natural share. The default 0.4 means that
    /// whoever labels looks for incidents, as people do; the resulting shift of the base rate is mended by calibration on validation data.</param>
    /// <exception cref="UserErrorException">One of the classes is absent.</exception>
    public static int[] Choose(TeacherDataset data, int count, ulong seed, double minorityShare = 0.4)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        ArgumentOutOfRangeException.ThrowIfNegative(minorityShare);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minorityShare, 0.5);
        int[] safe = Indices(data, Truth.Safe), hazard = Indices(data, Truth.Hazard);
        if (safe.Length == 0 || hazard.Length == 0)
        {
            throw new UserErrorException(
                safe.Length + hazard.Length == 0
                    ? $"none of {data.Count} windows has a known truth, so nothing can be learned from them"
                    : $"all {safe.Length + hazard.Length} windows of known truth are {(hazard.Length == 0 ? "safe" : "collisions")}, so nothing can be learned from them",
                string.Join(", ", data.Bags),
                "add bags that hold both safe driving and contacts, or change the robot file's hazards or horizon");
        }

        var rng = new Philox(seed, Stream);
        rng.Shuffle<int>(safe);
        rng.Shuffle<int>(hazard);
        bool hazardIsRarer = hazard.Length <= safe.Length;
        (int[] rare, int[] common) = hazardIsRarer ? (hazard, safe) : (safe, hazard);
        double natural = (double)rare.Length / (rare.Length + common.Length);
        int wanted = (int)Math.Round(count * Math.Max(natural, minorityShare));
        int takeRare = Math.Min(Math.Max(1, wanted), rare.Length);
        int takeCommon = Math.Min(count - takeRare, common.Length);
        int[] chosen = [.. rare[..takeRare], .. common[..takeCommon]];
        Array.Sort(chosen);
        return chosen;
    }

    private static int[] Indices(TeacherDataset data, Truth truth) =>
        [.. Enumerable.Range(0, data.Count).Where(i => data.Truth[i * data.OutputCount] == truth)];
}
