namespace QDistill.Metrics;

/// <summary>Special functions that .NET lacks.</summary>
internal static class MathSpecial
{
    /// <summary>P(|Z| ≥ |z|) of a standard normal Z, to near machine precision: series of erf near zero, continued fraction in the tail.</summary>
    public static double NormalTwoSided(double z)
    {
        double x = Math.Abs(z) / Math.Sqrt(2);
        if (x < 2)
        {
            // erf(x) = 2/sqrt(pi) e^(-x²) Σ 2^k x^(2k+1) / (2k+1)!!
            double term = x, sum = x;
            for (int k = 1; term > 1e-17 * sum; k++)
            {
                term *= 2 * x * x / ((2 * k) + 1);
                sum += term;
            }

            return 1 - (2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum);
        }

        // erfc(x) = e^(-x²)/sqrt(pi) / (x + (1/2)/(x + 1/(x + (3/2)/(x + ...)))), evaluated from far inside.
        double fraction = x;
        for (int k = 120; k >= 1; k--)
        {
            fraction = x + (k / 2.0 / fraction);
        }

        return Math.Exp(-x * x) / Math.Sqrt(Math.PI) / fraction;
    }
}
