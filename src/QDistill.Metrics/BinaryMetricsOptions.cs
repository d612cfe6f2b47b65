namespace QDistill.Metrics;

/// <summary>How <see cref="BinaryMetrics"/> are computed. The defaults are the project's: change them for a study, not for a better number.</summary>
public sealed record BinaryMetricsOptions
{
    /// <summary>The defaults.</summary>
    public static BinaryMetricsOptions Default { get; } = new();

    /// <summary>A score at or above this is a positive prediction. Choose it on validation data (<see cref="ThresholdChoice"/>), never on the data being judged.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>Number of calibration bins, equal-width and equal-mass alike.</summary>
    public int Bins { get; init; } = 15;

    /// <summary>
    /// Probabilities are clipped to [clip, 1 − clip] before the logarithm of the NLL, so that one saturated prediction costs at most −ln(clip).
    /// The default is the spacing of float32 at 1 (2⁻²³): a float32 sigmoid that rounds to 0 or 1 says no more than that; it costs 15.9 nats.
    /// </summary>
    public double NllClip { get; init; } = 1.1920928955078125e-7;

    /// <summary>
    /// False for scores that only rank (time-to-collision, a logit): they may be any number, infinities included, and Brier, NLL and ECE are null.
    /// </summary>
    public bool ScoresAreProbabilities { get; init; } = true;
}
