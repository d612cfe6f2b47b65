namespace QDistill.Metrics;

/// <summary>The logistic function and its relatives, without overflow at any argument.</summary>
public static class Logit
{
    /// <summary>Probabilities are taken as at least this far from 0 and 1 before the logit, which bounds it to ±36.7.</summary>
    public const double Clip = 1.1102230246251565e-16;

    /// <summary>log(p / (1 − p)), with p clipped by <see cref="Clip"/> from either end.</summary>
    public static double Of(double p)
    {
        double c = Math.Clamp(p, Clip, 1 - Clip);
        return Math.Log(c) - double.LogP1(-c);
    }

    /// <summary>All logits of a series.</summary>
    public static double[] Of(ReadOnlySpan<double> p)
    {
        double[] z = new double[p.Length];
        for (int i = 0; i < z.Length; i++)
        {
            z[i] = Of(p[i]);
        }

        return z;
    }

    /// <summary>σ(z) = 1 / (1 + e⁻ᶻ).</summary>
    public static double Sigmoid(double z)
    {
        if (z >= 0)
        {
            return 1 / (1 + Math.Exp(-z));
        }

        double e = Math.Exp(z);
        return e / (1 + e);
    }

    /// <summary>log(1 + eᶻ), the negative log-likelihood of "no" under σ(z).</summary>
    public static double Softplus(double z) => Math.Max(z, 0) + double.LogP1(Math.Exp(-Math.Abs(z)));
}
