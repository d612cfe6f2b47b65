namespace QDistill.Distillation.Data;

/// <summary>Per-feature mean and standard deviation over the valid values of a training table; what is not valid becomes the mean (0 after scaling).</summary>
public sealed class Normalisation
{
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
            double sum = 0, squares = 0;
            long n = 0;
            for (int i = 0; i < data.Count; i++)
            {
                double x = data.Features[(i * d) + j];
                if (double.IsFinite(x))
                {
                    sum += x;
                    squares += x * x;
                    n++;
                }
            }

            double m = n == 0 ? 0 : sum / n;
            double variance = n == 0 ? 0 : Math.Max(0, (squares / n) - (m * m));
            mean[j] = (float)m;
            scale[j] = variance > 1e-12 ? (float)Math.Sqrt(variance) : 1f;
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
