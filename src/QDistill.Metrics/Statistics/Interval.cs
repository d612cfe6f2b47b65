namespace QDistill.Metrics;

/// <summary>An estimate with a confidence interval. All three numbers are null where the data cannot give them.</summary>
/// <param name="Estimate">The metric of the data themselves.</param>
/// <param name="Low">Lower limit.</param>
/// <param name="High">Upper limit.</param>
/// <param name="Confidence">The nominal coverage, such as 0.95.</param>
/// <param name="Resamples">Resamples in which the metric was defined, and from which the limits come.</param>
public readonly record struct Interval(double? Estimate, double? Low, double? High, double Confidence, int Resamples);

/// <summary>A paired difference of two predictors on the same windows, first minus second.</summary>
/// <param name="Difference">The difference with its interval.</param>
/// <param name="PValue">Two-sided bootstrap p-value: twice the smaller share of resampled differences at or beyond zero, with one added to each count; null when undefined.</param>
public readonly record struct PairedDifference(Interval Difference, double? PValue);
