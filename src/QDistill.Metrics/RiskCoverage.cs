namespace QDistill.Metrics;

/// <summary>
/// Selective prediction (Geifman and El-Yaniv 2017): the error rate among the most confident fraction of windows, as that fraction ("coverage") grows.
/// Confidence is max(p, 1 − p). Windows of equal confidence count with their mean error, the expectation over their orders.
/// </summary>
public sealed record RiskCoverage
{
    /// <summary>Points (coverage, risk) at the end of each group of equal confidence, coverage rising to 1.</summary>
    public required IReadOnlyList<(double Coverage, double Risk)> Points { get; init; }

    /// <summary>Area under the risk–coverage curve: the mean over k = 1 … n of the risk among the k most confident; null without windows.</summary>
    public double? Aurc { get; init; }

    /// <summary>AURC less that of the same errors perfectly ranked (E-AURC, Geifman et al. 2019); null without windows.</summary>
    public double? ExcessAurc { get; init; }

    /// <summary>From binary probabilities and truth; an error is a wrong decision at <paramref name="threshold"/>.</summary>
    /// <exception cref="ArgumentException">Lengths differ or a value is no probability.</exception>
    public static RiskCoverage Compute(ReadOnlySpan<double> p, ReadOnlySpan<bool> y, double threshold = 0.5)
    {
        Inputs.CheckProbabilities(p, y.Length);
        double[] confidence = new double[p.Length];
        bool[] wrong = new bool[p.Length];
        for (int i = 0; i < p.Length; i++)
        {
            confidence[i] = Math.Max(p[i], 1 - p[i]);
            wrong[i] = p[i] >= threshold != y[i];
        }

        return FromConfidence(confidence, wrong);
    }

    /// <summary>From any confidence (higher is surer) and whether each decision was wrong.</summary>
    /// <exception cref="ArgumentException">Lengths differ or a confidence is NaN.</exception>
    public static RiskCoverage FromConfidence(ReadOnlySpan<double> confidence, ReadOnlySpan<bool> wrong)
    {
        Inputs.CheckScores(confidence, wrong.Length);
        int n = confidence.Length;
        if (n == 0)
        {
            return new RiskCoverage { Points = [] };
        }

        double[] c = confidence.ToArray();
        bool[] w = wrong.ToArray();
        Array.Sort(c, w);
        List<(double, double)> points = [];
        double errors = 0, area = 0;
        int taken = 0;
        for (int i = n - 1; i >= 0;)
        {
            int from = i, bad = 0;
            for (; i >= 0 && c[i] == c[from]; i--)
            {
                bad += w[i] ? 1 : 0;
            }

            double rate = (double)bad / (from - i);
            for (int k = from; k > i; k--)
            {
                errors += rate;
                area += errors / ++taken;
            }

            points.Add(((double)taken / n, errors / taken));
        }

        int wrongs = w.Count(static v => v);
        double best = 0;
        for (int k = 1; k <= wrongs; k++)
        {
            best += (double)k / (n - wrongs + k);
        }

        return new RiskCoverage { Points = points, Aurc = area / n, ExcessAurc = (area - best) / n };
    }
}
