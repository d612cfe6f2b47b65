using QDistill.Numerics;

namespace QDistill.Quantum;

/// <summary>Binomial random numbers, exact for any number of trials.</summary>
internal static class Binomial
{
    /// <summary>The number of successes in <paramref name="trials"/> trials with probability <paramref name="p"/>.</summary>
    public static int Draw(int trials, double p, ref Philox random)
    {
        if (p > 0.5)
        {
            return trials - Draw(trials, 1 - p, ref random);
        }

        return p <= 0 ? 0 : trials * p < 10 ? Inversion(trials, p, ref random) : Rejection(trials, p, ref random);
    }

    /// <summary>Geometric gaps between successes (Devroye 1986, X.4.2).</summary>
    private static int Inversion(int trials, double p, ref Philox random)
    {
        double log = Math.Log(1 - p);
        int successes = 0;
        for (double at = 0; ;)
        {
            at += Math.Floor(Math.Log(1 - random.NextDouble()) / log) + 1;
            if (at > trials)
            {
                return successes;
            }

            successes++;
        }
    }

    /// <summary>Transformed rejection BTRS (Hörmann, J. Stat. Comput. Simul. 46, 101 (1993)).</summary>
    private static int Rejection(int trials, double p, ref Philox random)
    {
        double spread = Math.Sqrt(trials * p * (1 - p)), b = 1.15 + (2.53 * spread), a = -0.0873 + (0.0248 * b) + (0.01 * p), c = (trials * p) + 0.5;
        double alpha = (2.83 + (5.1 / b)) * spread, vr = 0.92 - (4.2 / b), odds = p / (1 - p), mode = Math.Floor((trials + 1) * p);
        while (true)
        {
            double u = random.NextDouble() - 0.5, v = random.NextDouble(), us = 0.5 - Math.Abs(u), k = Math.Floor((((2 * a / us) + b) * u) + c);
            if (k < 0 || k > trials)
            {
                continue;
            }

            if (us >= 0.07 && v <= vr)
            {
                return (int)k;
            }

            double bound = Math.Log(v * alpha / ((a / (us * us)) + b));
            if (bound <= ((mode + 0.5) * Math.Log((mode + 1) / (odds * (trials - mode + 1)))) + ((trials + 1) * Math.Log((trials - mode + 1) / (trials - k + 1)))
                + ((k + 0.5) * Math.Log(odds * (trials - k + 1) / (k + 1))) + Tail(mode) + Tail(trials - mode) - Tail(k) - Tail(trials - k))
            {
                return (int)k;
            }
        }
    }

    /// <summary>The remainder of Stirling's formula: ln k! − [½ ln 2π + (k + ½) ln(k + 1) − (k + 1)].</summary>
    private static double Tail(double k)
    {
        if (k < 10)
        {
            double log = 0;
            for (int i = 2; i <= k; i++)
            {
                log += Math.Log(i);
            }

            return log - (0.91893853320467274 + ((k + 0.5) * Math.Log(k + 1)) - (k + 1));
        }

        double r = 1 / (k + 1), s = r * r;
        return (((1.0 / 12) - (((1.0 / 360) - (s / 1260)) * s)) * r);
    }
}
