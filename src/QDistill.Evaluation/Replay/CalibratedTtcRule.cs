using QDistill.Features;
using QDistill.Metrics;

namespace QDistill.Evaluation.Replay;

/// <summary>
/// The time-to-collision rule with its score turned into a probability by Platt scaling on validation recordings: what an operator would use instead of any
/// learning, given the same chance at calibration as the learned predictors.
/// </summary>
public sealed class CalibratedTtcRule
{
    private readonly PlattScaling? platt;

    private CalibratedTtcRule(PlattScaling? platt) => this.platt = platt;

    /// <summary>Fits on validation recordings; an uncalibrated rule when they hold one class only.</summary>
    public static CalibratedTtcRule Fit(IReadOnlyList<FeatureWindows> validation)
    {
        var scores = new List<double>();
        var truth = new List<bool>();
        foreach (FeatureWindows w in validation)
        {
            for (int i = 0; i < w.TtcScore.Length; i++)
            {
                if (w.Collision[i] != Truth.Unknown)
                {
                    scores.Add(Logit.Of(Math.Clamp(w.TtcScore[i], 1e-4, 1 - 1e-4)));
                    truth.Add(w.Collision[i] == Truth.Hazard);
                }
            }
        }

        return new CalibratedTtcRule(truth.Contains(true) && truth.Contains(false) ? PlattScaling.Fit([.. scores], [.. truth]) : null);
    }

    /// <summary>The rule as it is, without calibration.</summary>
    public static CalibratedTtcRule Uncalibrated { get; } = new(null);

    /// <summary>Whether the rule was calibrated.</summary>
    public bool IsCalibrated => platt is not null;

    /// <summary>Probabilities for every window of a recording; NaN where the robot's features do not carry the rule.</summary>
    public double[] Predict(FeatureWindows recording)
    {
        double[] p = new double[recording.Count];
        ReadOnlySpan<float> scores = recording.TtcScore;
        for (int i = 0; i < p.Length; i++)
        {
            p[i] = i >= scores.Length ? double.NaN
                : platt is null ? scores[i]
                : platt.CalibrateLogit(Logit.Of(Math.Clamp(scores[i], 1e-4, 1 - 1e-4)));
        }

        return p;
    }
}
