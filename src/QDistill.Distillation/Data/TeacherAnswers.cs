namespace QDistill.Distillation.Data;

/// <summary>What a teacher says of n windows: probabilities [n, k], expectations [n, m] of its m observables, and their variances [n, m] (0 when exact).</summary>
public sealed class TeacherAnswers
{
    /// <summary>Creates a table over arrays that are not copied.</summary>
    /// <exception cref="ArgumentException">The sizes contradict each other.</exception>
    public TeacherAnswers(int count, int outputCount, int observableCount, float[] probabilities, float[] expectations, float[] variances)
    {
        if (probabilities.Length != count * outputCount || expectations.Length != count * observableCount || variances.Length != count * observableCount)
        {
            throw new ArgumentException("the arrays of a teacher's answers must have one row per window");
        }

        (Count, OutputCount, ObservableCount, Probabilities, Expectations, Variances) =
            (count, outputCount, observableCount, probabilities, expectations, variances);
    }

    /// <summary>The number of windows n.</summary>
    public int Count { get; }

    /// <summary>The number of outputs k.</summary>
    public int OutputCount { get; }

    /// <summary>The number of observables m.</summary>
    public int ObservableCount { get; }

    /// <summary>Probabilities [n, k].</summary>
    public float[] Probabilities { get; }

    /// <summary>Expectation values [n, m].</summary>
    public float[] Expectations { get; }

    /// <summary>Variance of each expectation's estimate [n, m]; 0 when exact.</summary>
    public float[] Variances { get; }

    /// <summary>The answers at the given windows.</summary>
    public TeacherAnswers Select(ReadOnlySpan<int> indices) => new(
        indices.Length, OutputCount, ObservableCount, Rows(Probabilities, OutputCount, indices), Rows(Expectations, ObservableCount, indices), Rows(Variances, ObservableCount, indices));

    /// <summary>Joins answers of the same teacher.</summary>
    public static TeacherAnswers Concat(IReadOnlyList<TeacherAnswers> parts) => new(
        parts.Sum(p => p.Count),
        parts[0].OutputCount,
        parts[0].ObservableCount,
        [.. parts.SelectMany(p => p.Probabilities)],
        [.. parts.SelectMany(p => p.Expectations)],
        [.. parts.SelectMany(p => p.Variances)]);

    private static float[] Rows(float[] source, int width, ReadOnlySpan<int> indices)
    {
        float[] rows = new float[indices.Length * width];
        for (int i = 0; i < indices.Length; i++)
        {
            source.AsSpan(indices[i] * width, width).CopyTo(rows.AsSpan(i * width));
        }

        return rows;
    }
}
