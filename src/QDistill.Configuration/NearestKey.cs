namespace QDistill.Configuration;

/// <summary>Finds the word a reader probably meant.</summary>
public static class NearestKey
{
    /// <summary>A hint such as <c>did you mean 'topics'</c>, or the list of what is known when nothing is near; null when nothing is known.</summary>
    public static string? Hint(string word, IEnumerable<string> candidates)
    {
        string[] all = [.. candidates];
        return Find(word, all) is { } near ? $"did you mean '{near}'"
            : all.Length == 0 ? null
            : $"known here: {string.Join(", ", all)}";
    }

    /// <summary>The candidate with the least edit distance, if that is at most 2 or a third of the word's length; else null.</summary>
    public static string? Find(string word, IEnumerable<string> candidates)
    {
        string? best = null;
        int bestDistance = Math.Max(2, word.Length / 3) + 1;
        foreach (string candidate in candidates)
        {
            int distance = EditDistance(word, candidate);
            if (distance < bestDistance)
            {
                (best, bestDistance) = (candidate, distance);
            }
        }

        return best;
    }

    private static int EditDistance(string a, string b)
    {
        int[] row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int cost = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + cost));
            }
        }

        return row[b.Length];
    }
}
