namespace QDistill.Metrics;

/// <summary>
/// Wilcoxon's signed-rank test (1945) that paired differences are symmetric about zero, two-sided. Zero differences are dropped, equal ones share midranks.
/// Up to <see cref="ExactLimit"/> differences the p-value is exact: the permutation distribution given the ranks at hand, ties included; beyond, normal with
/// tie correction and no continuity correction.
/// </summary>
/// <param name="Count">Differences other than zero.</param>
/// <param name="PositiveRankSum">W⁺, the rank sum of the positive differences.</param>
/// <param name="NegativeRankSum">W⁻.</param>
/// <param name="PValue">Two-sided; null without any difference.</param>
/// <param name="Exact">Whether the p-value is exact.</param>
public readonly record struct WilcoxonSignedRank(int Count, double PositiveRankSum, double NegativeRankSum, double? PValue, bool Exact)
{
    /// <summary>The most differences for which the exact distribution is used.</summary>
    public const int ExactLimit = 50;

    /// <summary>Tests the differences. With n of them no p-value can be below 2 / 2ⁿ: five seeds cannot reach 0.05.</summary>
    /// <exception cref="ArgumentException">A difference is not finite.</exception>
    public static WilcoxonSignedRank Test(ReadOnlySpan<double> differences)
    {
        Inputs.CheckFinite(differences, "difference");
        double[] kept = differences.ToArray().Where(d => d != 0).ToArray();
        int n = kept.Length;
        if (n == 0)
        {
            return new WilcoxonSignedRank(0, 0, 0, null, true);
        }

        double[] size = [.. kept.Select(Math.Abs)];
        Array.Sort(size, kept);
        int[] doubled = new int[n]; // twice the midrank, a whole number
        double ties = 0, plus = 0;
        for (int i = 0; i < n;)
        {
            int from = i;
            while (i < n && size[i] == size[from])
            {
                i++;
            }

            double t = i - from;
            ties += (t * t * t) - t;
            for (int k = from; k < i; k++)
            {
                doubled[k] = from + 1 + i;
                plus += kept[k] > 0 ? doubled[k] / 2.0 : 0;
            }
        }

        double total = n * (n + 1.0) / 2, minus = total - plus;
        return n <= ExactLimit
            ? new WilcoxonSignedRank(n, plus, minus, ExactPValue(doubled, (int)Math.Round(2 * Math.Min(plus, minus))), true)
            : new WilcoxonSignedRank(n, plus, minus, NormalPValue(n, Math.Min(plus, minus), ties), false);
    }

    // P(W+ <= w) by dynamic programming over the ranks: the number of sign patterns reaching each doubled sum.
    private static double ExactPValue(int[] doubled, int w)
    {
        double[] share = new double[doubled.Sum() + 1];
        share[0] = 1;
        int reach = 0;
        foreach (int rank in doubled)
        {
            reach += rank;
            for (int s = reach; s >= 0; s--)
            {
                share[s] = 0.5 * (share[s] + (s >= rank ? share[s - rank] : 0));
            }
        }

        double tail = 0;
        for (int s = 0; s <= w; s++)
        {
            tail += share[s];
        }

        return Math.Min(1, 2 * tail);
    }

    private static double NormalPValue(int n, double w, double ties)
    {
        double mean = n * (n + 1.0) / 4, variance = (n * (n + 1.0) * ((2.0 * n) + 1) / 24) - (ties / 48);
        return MathSpecial.NormalTwoSided((w - mean) / Math.Sqrt(variance));
    }
}
