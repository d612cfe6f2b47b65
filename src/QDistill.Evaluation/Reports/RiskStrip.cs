namespace QDistill.Evaluation.Reports;

/// <summary>Risk of one predictor over one bag.</summary>
/// <param name="Predictor">The predictor's name.</param>
/// <param name="TimesS">Seconds since the bag's start, rising.</param>
/// <param name="Risk">Probability at each time; NaN where there was none, which breaks the line.</param>
public sealed record RiskSeries(string Predictor, IReadOnlyList<double> TimesS, IReadOnlyList<double> Risk);

/// <summary>One bag over time.</summary>
public sealed record RiskStrip
{
    /// <summary>The bag's name.</summary>
    public required string Bag { get; init; }

    /// <summary>Its duration [s].</summary>
    public required double DurationS { get; init; }

    /// <summary>The predictors, the one under test first.</summary>
    public required IReadOnlyList<RiskSeries> Series { get; init; }

    /// <summary>Contacts [s since start].</summary>
    public IReadOnlyList<double> ContactsS { get; init; } = [];

    /// <summary>When the truth is "hazard" [s since start].</summary>
    public IReadOnlyList<(double FromS, double ToS)> HazardIntervalsS { get; init; } = [];

    /// <summary>The alarm threshold.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>The intervals in which a window's truth is positive, from the windows themselves; a gap above <paramref name="maximumGapS"/> ends one.</summary>
    public static IReadOnlyList<(double FromS, double ToS)> Intervals(ReadOnlySpan<double> timesS, ReadOnlySpan<bool> truth, double maximumGapS = 1)
    {
        List<(double, double)> result = [];
        int from = -1;
        for (int i = 0; i < timesS.Length; i++)
        {
            bool breaks = i > 0 && timesS[i] - timesS[i - 1] > maximumGapS;
            if (from >= 0 && (breaks || !truth[i]))
            {
                result.Add((timesS[from], timesS[i - 1]));
                from = -1;
            }

            if (from < 0 && truth[i])
            {
                from = i;
            }
        }

        if (from >= 0)
        {
            result.Add((timesS[from], timesS[^1]));
        }

        return result;
    }
}
