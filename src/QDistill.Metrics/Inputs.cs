using System.Globalization;

namespace QDistill.Metrics;

/// <summary>The checks that every entry to this room shares, so that bad numbers are named before they spoil a mean.</summary>
internal static class Inputs
{
    public static void CheckScores(ReadOnlySpan<double> scores, int labels)
    {
        CheckLengths(scores.Length, labels);
        for (int i = 0; i < scores.Length; i++)
        {
            if (double.IsNaN(scores[i]))
            {
                throw new ArgumentException($"score {i} of {scores.Length} is NaN; leave out windows without a prediction and report how many they are");
            }
        }
    }

    public static void CheckProbabilities(ReadOnlySpan<double> p, int labels)
    {
        CheckScores(p, labels);
        for (int i = 0; i < p.Length; i++)
        {
            if (p[i] is < 0 or > 1)
            {
                throw new ArgumentException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"value {i} of {p.Length} is {p[i]:R}, which is no probability; pass logits through a calibrator first, or set ScoresAreProbabilities to false"));
            }
        }
    }

    public static void CheckFinite(ReadOnlySpan<double> values, string what)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i]))
            {
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{what} {i} of {values.Length} is {values[i]}; it must be finite"));
            }
        }
    }

    public static void CheckLengths(int scores, int labels)
    {
        if (scores != labels)
        {
            throw new ArgumentException($"there are {scores} scores but {labels} labels; they must pair up");
        }
    }

    /// <summary>Fitting a calibrator or a threshold needs both classes.</summary>
    public static void CheckBothClasses(ReadOnlySpan<bool> y, string purpose)
    {
        if (!y.Contains(true) || !y.Contains(false))
        {
            throw new ArgumentException(
                $"{purpose} needs positives and negatives, but the {y.Length} validation labels hold {(y.Length == 0 ? "neither" : y[0] ? "only positives" : "only negatives")}");
        }
    }
}
