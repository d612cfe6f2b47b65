using QDistill.Metrics;

namespace QDistill.Evaluation.Reports;

/// <summary>How one predictor did on the windows that all predictors of a report share.</summary>
public sealed record PredictorResult
{
    /// <summary>The key in JSON, snake_case: <c>student</c>, <c>teacher</c>, <c>no_teacher</c>, <c>classical_teacher</c>, <c>ttc_rule</c>.</summary>
    public required string Key { get; init; }

    /// <summary>The name in tables and legends.</summary>
    public required string Name { get; init; }

    /// <summary>The metrics.</summary>
    public required BinaryMetrics Metrics { get; init; }

    /// <summary>Bootstrap intervals of the metrics; empty when none were made.</summary>
    public IReadOnlyDictionary<BinaryMetric, Interval> Intervals { get; init; } = new Dictionary<BinaryMetric, Interval>();

    /// <summary>All operating points.</summary>
    public required RocCurve Curve { get; init; }

    /// <summary>Equal-width reliability bins; empty for mere scores.</summary>
    public IReadOnlyList<ReliabilityBin> Reliability { get; init; } = [];

    /// <summary>Area under the risk–coverage curve; null for mere scores.</summary>
    public double? Aurc { get; init; }

    /// <summary>Lead times, misses and false alarms; null when no timeline was judged.</summary>
    public OperationalMetrics? Operational { get; init; }

    /// <summary>Probabilities, for the score distribution; empty leaves that chart out.</summary>
    public double[] Probabilities { get; init; } = [];

    /// <summary>Truth of each probability.</summary>
    public bool[] Truth { get; init; } = [];

    /// <summary>Computes everything that follows from the predictions alone.</summary>
    /// <param name="key">See <see cref="Key"/>.</param>
    /// <param name="name">See <see cref="Name"/>.</param>
    /// <param name="p">Predictions.</param>
    /// <param name="y">Truth.</param>
    /// <param name="bootstrap">How intervals are drawn (give groups or blocks: windows are dependent); null for no intervals.</param>
    /// <param name="options">Threshold and bins; null for the defaults. Mere scores get no probability metrics.</param>
    /// <exception cref="ArgumentException">As <see cref="BinaryMetrics.Compute(ReadOnlySpan{double}, ReadOnlySpan{bool}, BinaryMetricsOptions?)"/>.</exception>
    public static PredictorResult Compute(
        string key, string name, ReadOnlySpan<double> p, ReadOnlySpan<bool> y, BootstrapOptions? bootstrap, BinaryMetricsOptions? options = null)
    {
        options ??= BinaryMetricsOptions.Default;
        bool probabilities = options.ScoresAreProbabilities;
        return new PredictorResult
        {
            Key = key,
            Name = name,
            Metrics = BinaryMetrics.Compute(p, y, options),
            Intervals = bootstrap is null ? new Dictionary<BinaryMetric, Interval>() : Bootstrap.Intervals(p, y, [], bootstrap, options),
            Curve = RocCurve.Compute(p, y),
            Reliability = probabilities ? ReliabilityDiagram.EqualWidth(p, y, options.Bins) : [],
            Aurc = probabilities ? RiskCoverage.Compute(p, y, options.Threshold).Aurc : null,
            Probabilities = probabilities ? p.ToArray() : [],
            Truth = probabilities ? y.ToArray() : [],
        };
    }

    /// <summary>The metric with its interval, or with none.</summary>
    public Interval Value(BinaryMetric metric) =>
        Intervals.TryGetValue(metric, out Interval interval) ? interval : new Interval(Metrics.Get(metric), null, null, 0, 0);
}
