namespace QDistill.Metrics;

/// <summary>
/// Split conformal prediction sets (Vovk et al. 2005; the LAC score of Sadinle, Lei, Wasserman 2019): a label enters the set when its probability is at least
/// 1 − q, where q is the ⌈(n+1)(1−α)⌉-th smallest of the n validation scores 1 − p(truth). Over exchangeable data the set holds the truth with probability
/// at least 1 − α, however bad the predictor is; a bad one pays in set size. Windows of one bag are not exchangeable: read the coverage, do not assume it.
/// </summary>
public sealed class SplitConformal
{
    private readonly double quantile;

    /// <summary>A known quantile.</summary>
    /// <param name="quantile">q in [0, 1], or +∞ when the validation data were too few, so that every set holds every label.</param>
    /// <param name="alpha">The tolerated error rate, in (0, 1).</param>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    public SplitConformal(double quantile, double alpha)
    {
        if (!(quantile >= 0) || !(alpha is > 0 and < 1))
        {
            throw new ArgumentException($"a conformal quantile of at least 0 and an alpha in (0, 1) are needed, not {quantile} and {alpha}");
        }

        (this.quantile, Alpha) = (quantile, alpha);
    }

    /// <summary>The tolerated error rate.</summary>
    public double Alpha { get; }

    /// <summary>q: the largest 1 − p that still enters a set.</summary>
    public double Quantile => quantile;

    /// <summary>Fits on validation probabilities of the positive class.</summary>
    /// <exception cref="ArgumentException">Lengths differ, a value is no probability, alpha is out of range, or there is no window.</exception>
    public static SplitConformal Fit(ReadOnlySpan<double> p, ReadOnlySpan<bool> y, double alpha = 0.1)
    {
        Inputs.CheckProbabilities(p, y.Length);
        double[] scores = new double[p.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = y[i] ? 1 - p[i] : p[i];
        }

        return FitScores(scores, alpha);
    }

    /// <summary>Fits on validation probabilities of k classes.</summary>
    /// <param name="p">Row-major [n, k].</param>
    /// <param name="classes">k.</param>
    /// <param name="labels">True class of each row.</param>
    /// <param name="alpha">The tolerated error rate.</param>
    /// <exception cref="ArgumentException">Sizes do not fit, a value is no probability, or a label or alpha is out of range.</exception>
    public static SplitConformal FitMulticlass(ReadOnlySpan<double> p, int classes, ReadOnlySpan<int> labels, double alpha = 0.1)
    {
        MulticlassMetrics.CheckShape(p.Length, classes, labels);
        Inputs.CheckProbabilities(p, p.Length);
        double[] scores = new double[labels.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = 1 - p[(i * classes) + labels[i]];
        }

        return FitScores(scores, alpha);
    }

    /// <summary>Whether a label of probability <paramref name="p"/> enters the set.</summary>
    public bool Contains(double p) => 1 - p <= quantile;

    /// <summary>Coverage and set sizes of a binary predictor on other data.</summary>
    /// <exception cref="ArgumentException">Lengths differ or a value is no probability.</exception>
    public ConformalCoverage Evaluate(ReadOnlySpan<double> p, ReadOnlySpan<bool> y)
    {
        Inputs.CheckProbabilities(p, y.Length);
        int covered = 0, members = 0, empty = 0, single = 0;
        for (int i = 0; i < p.Length; i++)
        {
            bool positive = 1 - p[i] <= quantile, negative = p[i] <= quantile; // the scores of "yes" and "no"
            int size = (positive ? 1 : 0) + (negative ? 1 : 0);
            covered += (y[i] ? positive : negative) ? 1 : 0;
            members += size;
            empty += size == 0 ? 1 : 0;
            single += size == 1 ? 1 : 0;
        }

        return ConformalCoverage.Of(p.Length, covered, members, empty, single, Alpha);
    }

    /// <summary>Coverage and set sizes of a k-class predictor on other data; shapes as in <see cref="FitMulticlass"/>.</summary>
    /// <exception cref="ArgumentException">Sizes do not fit, a value is no probability, or a label is out of range.</exception>
    public ConformalCoverage EvaluateMulticlass(ReadOnlySpan<double> p, int classes, ReadOnlySpan<int> labels)
    {
        MulticlassMetrics.CheckShape(p.Length, classes, labels);
        Inputs.CheckProbabilities(p, p.Length);
        int covered = 0, members = 0, empty = 0, single = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            int size = 0;
            foreach (double own in p.Slice(i * classes, classes))
            {
                size += Contains(own) ? 1 : 0;
            }

            covered += Contains(p[(i * classes) + labels[i]]) ? 1 : 0;
            members += size;
            empty += size == 0 ? 1 : 0;
            single += size == 1 ? 1 : 0;
        }

        return ConformalCoverage.Of(labels.Length, covered, members, empty, single, Alpha);
    }

    private static SplitConformal FitScores(double[] scores, double alpha)
    {
        if (!(alpha is > 0 and < 1))
        {
            throw new ArgumentException($"alpha {alpha} must lie between 0 and 1");
        }

        if (scores.Length == 0)
        {
            throw new ArgumentException("conformal prediction needs at least one validation window");
        }

        Array.Sort(scores);

        // A product that rounding put a hair above a whole number must not cost a rank.
        int rank = (int)Math.Ceiling(((scores.Length + 1) * (1 - alpha)) - 1e-9);
        return new SplitConformal(rank > scores.Length ? double.PositiveInfinity : scores[Math.Max(rank, 1) - 1], alpha);
    }
}

/// <summary>What prediction sets achieved; all null without windows.</summary>
/// <param name="Count">Windows.</param>
/// <param name="Target">1 − α.</param>
/// <param name="Coverage">Fraction of sets that hold the truth.</param>
/// <param name="MeanSetSize">Mean number of labels in a set.</param>
/// <param name="EmptyFraction">Fraction of empty sets.</param>
/// <param name="SingletonFraction">Fraction of sets that name exactly one label.</param>
public sealed record ConformalCoverage(
    int Count, double Target, double? Coverage, double? MeanSetSize, double? EmptyFraction, double? SingletonFraction)
{
    internal static ConformalCoverage Of(int n, int covered, int members, int empty, int single, double alpha)
    {
        return new ConformalCoverage(n, 1 - alpha, Part(covered), Part(members), Part(empty), Part(single));

        double? Part(int count) => n > 0 ? (double)count / n : null;
    }
}
