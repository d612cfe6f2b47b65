using QDistill.Configuration;

namespace QDistill.Onboard;

/// <summary>Which features belong together: the part of the name before the first dot. Finds groups that lack every value.</summary>
internal sealed class FeatureGroups
{
    private readonly int[] groupOf;
    private readonly string[] names;
    private readonly int[] valid;

    public FeatureGroups(IReadOnlyList<string> features)
    {
        groupOf = new int[features.Count];
        var found = new List<string>();
        for (int i = 0; i < features.Count; i++)
        {
            string group = GroupOf(features[i]);
            int at = found.IndexOf(group);
            if (at < 0)
            {
                at = found.Count;
                found.Add(group);
            }

            groupOf[i] = at;
        }

        names = [.. found];
        valid = new int[names.Length];
    }

    /// <summary>The groups' names, in the order of their first features.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>Why a list of group names does not fit features; null when it does.</summary>
    public static string? Unknown(string parameter, IReadOnlyList<string> wanted, IReadOnlyList<string> features)
    {
        string[] known = [.. features.Select(GroupOf).Distinct()];
        foreach (string group in wanted)
        {
            if (!known.Contains(group))
            {
                return $"{parameter}: there is no feature group '{group}'; {NearestKey.Hint(group, known)}";
            }
        }

        return null;
    }

    /// <summary>The part of each feature, counting only the groups named; −1 for the others.</summary>
    public int[] Parts(IReadOnlyList<string> groups) => Array.ConvertAll(groupOf, g => IndexOf(groups, names[g]));

    /// <summary>Counts the valid values and gives the first group without any, or null.</summary>
    /// <param name="validity">The validity bits.</param>
    /// <param name="required">A group of these is named before all others.</param>
    /// <param name="count">The number of valid values.</param>
    /// <param name="isRequired">Whether the group given is a required one.</param>
    public string? FindMissing(ReadOnlySpan<byte> validity, IReadOnlyList<string> required, out int count, out bool isRequired)
    {
        Array.Clear(valid);
        count = 0;
        for (int i = 0; i < groupOf.Length; i++)
        {
            int bit = (validity[i >> 3] >> (i & 7)) & 1;
            valid[groupOf[i]] += bit;
            count += bit;
        }

        isRequired = false;
        string? missing = null;
        for (int g = 0; g < names.Length; g++)
        {
            if (valid[g] == 0)
            {
                missing ??= names[g];
                if (IndexOf(required, names[g]) >= 0)
                {
                    isRequired = true;
                    return names[g];
                }
            }
        }

        return missing;
    }

    private static string GroupOf(string feature) => feature.Split('.', 2)[0];

    private static int IndexOf(IReadOnlyList<string> list, string name)
    {
        for (int i = 0; i < list.Count; i++)
        {
            if (list[i] == name)
            {
                return i;
            }
        }

        return -1;
    }
}
