using System.Globalization;
using QDistill.Configuration;

namespace QDistill.Evaluation.Studies;

/// <summary>Part <see cref="Index"/> of <see cref="Count"/> of a study's runs. Every run is in exactly one part; runs that share a teacher are in the same one.</summary>
/// <param name="Index">From 1 to <paramref name="Count"/>.</param>
/// <param name="Count">The number of parts.</param>
public readonly record struct StudyShard(int Index, int Count)
{
    /// <summary>The whole study.</summary>
    public static StudyShard Whole { get; } = new(1, 1);

    /// <summary>Reads <c>i/N</c>.</summary>
    /// <exception cref="UserErrorException">The text is not of that form, or i is not from 1 to N.</exception>
    public static StudyShard Parse(string text)
    {
        string[] parts = text.Split('/');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int i)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int n)
            && i >= 1 && i <= n
            ? new StudyShard(i, n)
            : throw new UserErrorException($"'{text}' is not a shard", "--shard", "write i/N with i from 1 to N, such as 1/4");
    }
}
