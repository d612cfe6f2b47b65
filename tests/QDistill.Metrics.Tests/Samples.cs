using QDistill.Numerics;

namespace QDistill.Metrics.Tests;

/// <summary>Seeded predictions: informative, miscalibrated, and tied when rounded.</summary>
internal static class Samples
{
    public static (double[] P, bool[] Y, double[] Logits) Draw(int n, ulong seed, double prevalence = 0.3, double sharpness = 2.5, int? ties = null)
    {
        var rng = new Philox(seed);
        double[] p = new double[n], z = new double[n];
        bool[] y = new bool[n];
        for (int i = 0; i < n; i++)
        {
            y[i] = rng.NextDouble() < prevalence;
            z[i] = sharpness * (rng.NextGaussian() + (y[i] ? 0.9 : -0.6));
            p[i] = 1 / (1 + Math.Exp(-z[i]));
            if (ties is { } k)
            {
                p[i] = Math.Round(p[i] * k) / k;
            }
        }

        return (p, y, z);
    }
}
