using QDistill.Configuration;
using QDistill.Features;

namespace QDistill.Distillation.Data;

/// <summary>
/// The table that students are trained on: windows of one or more labelled bags with their features, hindsight truth, and, where a teacher
/// was asked, its probabilities, expectations and variances. Row-major; a window's rows share one index in every array.
/// </summary>
public sealed class TeacherDataset
{
    /// <summary>Creates a table over arrays that are not copied.</summary>
    /// <exception cref="ArgumentException">The arrays' sizes contradict each other.</exception>
    public TeacherDataset(
        string schemaId,
        IReadOnlyList<string> featureNames,
        IReadOnlyList<string> outputNames,
        IReadOnlyList<string> bags,
        long[] stamps,
        int[] bagOf,
        float[] features,
        Truth[] truth,
        TeacherAnswers? teacher = null,
        long[]? oldestSource = null)
    {
        int n = stamps.Length;
        if (bagOf.Length != n || features.Length != n * featureNames.Count || truth.Length != n * outputNames.Count
            || (teacher is not null && (teacher.Count != n || teacher.OutputCount != outputNames.Count)))
        {
            throw new ArgumentException("the arrays of a teacher dataset must have one row per window");
        }

        (SchemaId, FeatureNames, OutputNames, Bags, Stamps, BagOf, Features, Truth, Teacher, OldestSource) =
            (schemaId, featureNames, outputNames, bags, stamps, bagOf, features, truth, teacher, oldestSource ?? stamps);
    }

    /// <summary>The feature schema's id.</summary>
    public string SchemaId { get; }

    /// <summary>The features' names, in schema order (d of them).</summary>
    public IReadOnlyList<string> FeatureNames { get; }

    /// <summary>The outputs' names: <c>collision</c>, then the constraints (k of them).</summary>
    public IReadOnlyList<string> OutputNames { get; }

    /// <summary>The bags' names.</summary>
    public IReadOnlyList<string> Bags { get; }

    /// <summary>Window times [ns], in order within each bag.</summary>
    public long[] Stamps { get; }

    /// <summary>For each window the index of its bag.</summary>
    public int[] BagOf { get; }

    /// <summary>Features [n, d] in SI units; NaN where not valid.</summary>
    public float[] Features { get; }

    /// <summary>The stamp of the oldest message behind each window [ns].</summary>
    public long[] OldestSource { get; }

    /// <summary>Truth [n, k].</summary>
    public Truth[] Truth { get; }

    /// <summary>The teacher's answers, or null when none was asked.</summary>
    public TeacherAnswers? Teacher { get; }

    /// <summary>The number of windows.</summary>
    public int Count => Stamps.Length;

    /// <summary>The number of features.</summary>
    public int FeatureCount => FeatureNames.Count;

    /// <summary>The number of outputs.</summary>
    public int OutputCount => OutputNames.Count;

    /// <summary>The same windows with a teacher's answers.</summary>
    public TeacherDataset WithTeacher(TeacherAnswers answers) =>
        new(SchemaId, FeatureNames, OutputNames, Bags, Stamps, BagOf, Features, Truth, answers, OldestSource);

    /// <summary>The same windows without any teacher's answers: what validation needs.</summary>
    public TeacherDataset WithoutTeacher() =>
        Teacher is null ? this : new(SchemaId, FeatureNames, OutputNames, Bags, Stamps, BagOf, Features, Truth, null, OldestSource);

    /// <summary>The windows at the given indices, in that order.</summary>
    public TeacherDataset Select(ReadOnlySpan<int> indices)
    {
        int n = indices.Length, d = FeatureCount, k = OutputCount;
        long[] stamps = new long[n], oldest = new long[n];
        int[] bagOf = new int[n];
        float[] features = new float[n * d];
        Truth[] truth = new Truth[n * k];
        for (int i = 0; i < n; i++)
        {
            int from = indices[i];
            stamps[i] = Stamps[from];
            oldest[i] = OldestSource[from];
            bagOf[i] = BagOf[from];
            Features.AsSpan(from * d, d).CopyTo(features.AsSpan(i * d));
            Truth.AsSpan(from * k, k).CopyTo(truth.AsSpan(i * k));
        }

        return new TeacherDataset(SchemaId, FeatureNames, OutputNames, Bags, stamps, bagOf, features, truth, Teacher?.Select(indices), oldest);
    }

    /// <summary>The windows of the given bags (by index into <see cref="Bags"/>).</summary>
    public TeacherDataset SelectBags(Func<int, bool> keep)
    {
        int[] indices = [.. Enumerable.Range(0, Count).Where(i => keep(BagOf[i]))];
        return Select(indices);
    }

    /// <summary>Joins tables of the same schema and outputs, all labelled by teachers with the same number of observables or none labelled at all.</summary>
    /// <exception cref="UserErrorException">The schemas, outputs or labels differ; both are named.</exception>
    public static TeacherDataset Concat(IReadOnlyList<TeacherDataset> parts)
    {
        if (parts.Count == 0)
        {
            throw new UserErrorException("no bag was given, so there is no window to learn from");
        }

        TeacherDataset first = parts[0];
        foreach (TeacherDataset part in parts)
        {
            if (part.SchemaId != first.SchemaId)
            {
                throw new UserErrorException(
                    $"feature schema {part.SchemaId} differs from {first.SchemaId} of {string.Join(", ", first.Bags)}",
                    string.Join(", ", part.Bags),
                    "label all bags with the same robot file");
            }

            if (!part.OutputNames.SequenceEqual(first.OutputNames))
            {
                throw new UserErrorException(
                    $"outputs [{string.Join(", ", part.OutputNames)}] differ from [{string.Join(", ", first.OutputNames)}] of {string.Join(", ", first.Bags)}",
                    string.Join(", ", part.Bags),
                    "label all bags with the same robot file");
            }

            if (part.Teacher?.ObservableCount != first.Teacher?.ObservableCount)
            {
                throw new UserErrorException(
                    $"{Labels(part)}, but {string.Join(", ", first.Bags)} {Labels(first)}", string.Join(", ", part.Bags), "label all bags with the same teacher");
            }
        }

        var bags = new List<string>();
        var bagOf = new List<int>();
        foreach (TeacherDataset part in parts)
        {
            bagOf.AddRange(part.BagOf.Select(b => b + bags.Count));
            bags.AddRange(part.Bags);
        }

        TeacherAnswers? teacher = first.Teacher is not null ? TeacherAnswers.Concat([.. parts.Select(p => p.Teacher!)]) : null;
        return new TeacherDataset(
            first.SchemaId,
            first.FeatureNames,
            first.OutputNames,
            bags,
            [.. parts.SelectMany(p => p.Stamps)],
            [.. bagOf],
            [.. parts.SelectMany(p => p.Features)],
            [.. parts.SelectMany(p => p.Truth)],
            teacher,
            [.. parts.SelectMany(p => p.OldestSource)]);
    }

    private static string Labels(TeacherDataset data) =>
        data.Teacher is { } t ? $"has a teacher's labels with {t.ObservableCount} expectations" : "has no teacher's labels";
}
