namespace QDistill.Distillation.Data;

/// <summary>Per-feature mean and (population) standard deviation over the finite values of a training table; what is not finite becomes the mean (0 after scaling).</summary>
public sealed class Normalisation
{
    /// <summary>Below this (SI units) a feature counts as one that never varied.</summary>
    private const double LeastDeviation = 1e-6;

    /// <summary>Creates a normalisation from its numbers (d each).</summary>
    public Normalisation(float[] mean, float[] scale) => (Mean, Scale) = (mean, scale);

    /// <summary>The means [d].</summary>
    public float[] Mean { get; }

    /// <summary>The standard deviations [d]; 1 where a feature never varied.</summary>
    public float[] Scale { get; }

    /// <summary>Fits to a table.</summary>
    public static Normalisation Fit(TeacherDataset data)
    {
        int d = data.FeatureCount;
        float[] mean = new float[d], scale = new float[d];
        for (int j = 0; j < d; j++)
        {
            double sum = 0;
            long n = 0;
            for (int i = 0; i < data.Count; i++)
            {
                double x = data.Features[(i * d) + j];
                if (double.IsFinite(x))
                {
                    sum += x;
                    n++;
                }
            }

            // A second pass: E[x²] − m² would lose everything where the mean is large beside the deviation.
            double m = n == 0 ? 0 : sum / n, squares = 0;
            for (int i = 0; i < data.Count; i++)
            {
                double x = data.Features[(i * d) + j];
                squares += double.IsFinite(x) ? (x - m) * (x - m) : 0;
            }

            double deviation = n == 0 ? 0 : Math.Sqrt(squares / n);
            mean[j] = (float)m;
            scale[j] = deviation > LeastDeviation ? (float)deviation : 1f;
        }

        return new Normalisation(mean, scale);
    }

    /// <summary>Normalises [n, d] features into a new array; values that are not finite become 0.</summary>
    public float[] Apply(ReadOnlySpan<float> features)
    {
        int d = Mean.Length;
        float[] z = new float[features.Length];
        for (int i = 0; i < z.Length; i++)
        {
            int j = i % d;
            float x = (features[i] - Mean[j]) / Scale[j];
            z[i] = float.IsFinite(x) ? x : 0f;
        }

        return z;
    }
}
