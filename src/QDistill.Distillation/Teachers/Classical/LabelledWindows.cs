using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Features;

namespace QDistill.Distillation.Teachers;

/// <summary>The few labelled windows of a fit, normalised, with the known truth of every output: what classical teachers and kernel teachers are fitted on.</summary>
internal sealed class LabelledWindows
{
    private readonly TeacherDataset few;
    private readonly bool balanced;

    /// <summary>Takes the labelled windows of a table.</summary>
    /// <exception cref="UserErrorException">There is no labelled or no validation window.</exception>
    public LabelledWindows(TeacherDataset training, IReadOnlyCollection<int> labelled, TeacherDataset validation, TeacherSpec spec)
    {
        if (labelled.Count == 0 || validation.Count == 0)
        {
            throw new UserErrorException($"there is no {(labelled.Count == 0 ? "labelled" : "validation")} window to fit a teacher on", string.Join(", ", training.Bags), "check the bags' topics and the split");
        }

        Normalisation = Normalisation.Fit(training);
        few = training.Select([.. labelled]);
        Z = Inputs(few.Features);
        balanced = spec.ClassWeights == "balanced";
    }

    /// <summary>How features are scaled, by all training windows.</summary>
    public Normalisation Normalisation { get; }

    /// <summary>The labelled windows [n, d], normalised and clipped to ±<see cref="Limit"/> deviations.</summary>
    public double[] Z { get; }

    /// <summary>n.</summary>
    public int Count => few.Count;

    /// <summary>d.</summary>
    public int Width => few.FeatureCount;

    /// <summary>k.</summary>
    public int Outputs => few.OutputCount;

    /// <summary>Deviations at which features are clipped: one outlier must not carry a teacher away.</summary>
    public const double Limit = 5;

    /// <summary>The rows of known truth for an output, whether each is a hazard, and its weight.</summary>
    public (int[] Rows, bool[] Hazard, double[] Weight) Of(int output)
    {
        int[] rows = [.. Enumerable.Range(0, Count).Where(i => few.Truth[(i * Outputs) + output] != Truth.Unknown)];
        bool[] hazard = [.. rows.Select(i => few.Truth[(i * Outputs) + output] == Truth.Hazard)];
        return (rows, hazard, Balance(hazard, balanced));
    }

    /// <summary>Weights n/(2 n_class) of each sample, or ones.</summary>
    public static double[] Balance(bool[] hazard, bool balanced)
    {
        double positives = Math.Max(1, hazard.Count(h => h)), negatives = Math.Max(1, hazard.Length - hazard.Count(h => h));
        return [.. hazard.Select(h => balanced ? hazard.Length / (2 * (h ? positives : negatives)) : 1)];
    }

    /// <summary>Normalised, clipped inputs of raw features.</summary>
    public double[] Inputs(ReadOnlySpan<float> features) => Inputs(features, Normalisation);

    /// <summary>Normalised, clipped inputs of raw features.</summary>
    public static double[] Inputs(ReadOnlySpan<float> features, Normalisation normalisation)
    {
        float[] z = normalisation.Apply(features);
        double[] inputs = new double[z.Length];
        for (int i = 0; i < z.Length; i++)
        {
            inputs[i] = Math.Clamp(z[i], -Limit, Limit);
        }

        return inputs;
    }

    /// <summary>Rows of a matrix.</summary>
    public static double[] Select(double[] matrix, int width, int[] rows)
    {
        double[] selected = new double[rows.Length * width];
        for (int i = 0; i < rows.Length; i++)
        {
            matrix.AsSpan(rows[i] * width, width).CopyTo(selected.AsSpan(i * width));
        }

        return selected;
    }
}
