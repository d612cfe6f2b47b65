namespace QDistill.Distillation.Data;

/// <summary>
/// What a teacher says of n windows: probabilities [n, k], expectations [n, m] of its m observables, their variances [n, m] (0 when exact), and, where they were asked for, the details that some
/// signals need: basis-state probabilities, input gradients, feature maps.
/// </summary>
public sealed record TeacherAnswers
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

    /// <summary>Shots per window and measurement basis behind the expectations; 0 when exact.</summary>
    public int Shots { get; init; }

    /// <summary>Probabilities of the circuit's basis states (of groups of them where there are many) [n, s]; empty when not asked for.</summary>
    public float[] States { get; init; } = [];

    /// <summary>Gradients of the teacher's logits by the raw features [n, k, d]; empty when not asked for.</summary>
    public float[] InputGradients { get; init; } = [];

    /// <summary>The teacher's feature map [n, f]: a hidden layer, or the maps of a quanvolution; empty when not asked for.</summary>
    public float[] Features { get; init; } = [];

    /// <summary>The shape of one window's feature map: [f], or [channels, rows, columns].</summary>
    public IReadOnlyList<int> FeatureShape { get; init; } = [];

    /// <summary>s.</summary>
    public int StateCount => Count == 0 ? 0 : States.Length / Count;

    /// <summary>k · d.</summary>
    public int GradientCount => Count == 0 ? 0 : InputGradients.Length / Count;

    /// <summary>f.</summary>
    public int FeatureCount => Count == 0 ? 0 : Features.Length / Count;

    /// <summary>Which details are there.</summary>
    public TeacherDetails Details => (States.Length > 0 ? TeacherDetails.States : 0) | (InputGradients.Length > 0 ? TeacherDetails.Gradients : 0) | (Features.Length > 0 ? TeacherDetails.Features : 0);

    /// <summary>
    /// How the teacher represents a window, for relational signals: its expectations; without observables its feature map; without either its logits.
    /// </summary>
    /// <returns>The rows [n, e], and e.</returns>
    public (float[] Rows, int Width) Representation()
    {
        if (ObservableCount > 0)
        {
            return (Expectations, ObservableCount);
        }

        return Features.Length > 0 ? (Features, FeatureCount) : (Logits(), OutputCount);
    }

    /// <summary>The teacher's logits [n, k], ln(p/(1 − p)) of probabilities clipped to [1e-6, 1 − 1e-6].</summary>
    public float[] Logits()
    {
        float[] z = new float[Probabilities.Length];
        for (int i = 0; i < z.Length; i++)
        {
            double p = Math.Clamp(Probabilities[i], 1e-6, 1 - 1e-6);
            z[i] = (float)Math.Log(p / (1 - p));
        }

        return z;
    }

    /// <summary>The answers at the given windows.</summary>
    public TeacherAnswers Select(ReadOnlySpan<int> indices) => new(
        indices.Length, OutputCount, ObservableCount, Rows(Probabilities, OutputCount, indices), Rows(Expectations, ObservableCount, indices), Rows(Variances, ObservableCount, indices))
    {
        Shots = Shots,
        States = Rows(States, StateCount, indices),
        InputGradients = Rows(InputGradients, GradientCount, indices),
        Features = Rows(Features, FeatureCount, indices),
        FeatureShape = FeatureShape,
    };

    /// <summary>Joins answers of the same teacher; details that some of the parts lack are left out.</summary>
    public static TeacherAnswers Concat(IReadOnlyList<TeacherAnswers> parts)
    {
        TeacherAnswers[] filled = [.. parts.Where(p => p.Count > 0)];
        TeacherAnswers first = filled.Length > 0 ? filled[0] : parts[0];
        return new TeacherAnswers(parts.Sum(p => p.Count), first.OutputCount, first.ObservableCount, Join(p => p.Probabilities), Join(p => p.Expectations), Join(p => p.Variances))
        {
            Shots = first.Shots,
            States = filled.All(p => p.StateCount == first.StateCount) ? Join(p => p.States) : [],
            InputGradients = filled.All(p => p.GradientCount == first.GradientCount) ? Join(p => p.InputGradients) : [],
            Features = filled.All(p => p.FeatureCount == first.FeatureCount) ? Join(p => p.Features) : [],
            FeatureShape = first.FeatureShape,
        };

        float[] Join(Func<TeacherAnswers, float[]> part) => [.. parts.SelectMany(part)];
    }

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
