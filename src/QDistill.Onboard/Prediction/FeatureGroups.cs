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
            string group = features[i].Split('.', 2)[0];
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

    /// <summary>Counts the valid values and gives the first group without any, or null.</summary>
    public string? FindMissing(ReadOnlySpan<byte> validity, out int count)
    {
        Array.Clear(valid);
        count = 0;
        for (int i = 0; i < groupOf.Length; i++)
        {
            int bit = (validity[i >> 3] >> (i & 7)) & 1;
            valid[groupOf[i]] += bit;
            count += bit;
        }

        for (int g = 0; g < names.Length; g++)
        {
            if (valid[g] == 0)
            {
                return names[g];
            }
        }

        return null;
    }
}
