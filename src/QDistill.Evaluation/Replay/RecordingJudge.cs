using QDistill.Evaluation.Reports;
using QDistill.Features;
using QDistill.Metrics;
using HazardEvent = QDistill.Features.HazardEvent;

namespace QDistill.Evaluation.Replay;

/// <summary>What one predictor said of every window of every recording.</summary>
/// <param name="Key">Its key in JSON: <c>student</c>, <c>teacher</c>, <c>no_teacher</c>, <c>classical_teacher</c>, <c>ttc_rule</c>.</param>
/// <param name="Name">Its name in tables.</param>
/// <param name="Collision">Probability of collision for each window, one array for each recording; NaN where it gave none.</param>
public sealed record Prediction(string Key, string Name, IReadOnlyList<double[]> Collision);

/// <summary>
/// Judges predictors on the same windows: those whose truth is known and for which every predictor gave a probability. Intervals come from a moving block
/// bootstrap over time, because neighbouring windows are nearly equal.
/// </summary>
public static class RecordingJudge
{
    /// <summary>Blocks of the bootstrap span so many horizons.</summary>
    private const double BlockHorizons = 3;
    private const int Resamples = 500;

    /// <summary>Judges predictors over recordings.</summary>
    /// <param name="recordings">The recordings, labelled by hindsight.</param>
    /// <param name="predictions">The predictors, the one under test first.</param>
    /// <param name="threshold">The alarm threshold, chosen beforehand.</param>
    /// <param name="intervals">Whether to draw bootstrap intervals.</param>
    public static IReadOnlyList<PredictorResult> Judge(IReadOnlyList<FeatureWindows> recordings, IReadOnlyList<Prediction> predictions, double threshold = 0.5, bool intervals = true)
    {
        var truth = new List<bool>();
        var groups = new List<int>();
        List<double>[] scores = [.. predictions.Select(_ => new List<double>())];
        double spacing = 0;
        for (int r = 0; r < recordings.Count; r++)
        {
            FeatureWindows w = recordings[r];
            spacing = w.Count > 1 ? Math.Max(spacing, (w.Stamps[^1] - w.Stamps[0]) * 1e-9 / (w.Count - 1)) : spacing;
            for (int i = 0; i < w.Count; i++)
            {
                if (w.Collision[i] == Truth.Unknown || predictions.Any(p => double.IsNaN(p.Collision[r][i])))
                {
                    continue;
                }

                truth.Add(w.Collision[i] == Truth.Hazard);
                groups.Add(r);
                for (int p = 0; p < predictions.Count; p++)
                {
                    scores[p].Add(predictions[p].Collision[r][i]);
                }
            }
        }

        bool[] y = [.. truth];
        int block = spacing > 0 ? Math.Max(2, (int)(BlockHorizons * Horizon(recordings) / spacing)) : 2;
        BootstrapOptions? bootstrap = !intervals || y.Length <= 2 * block
            ? null
            : new BootstrapOptions { Resamples = Resamples, Groups = groups, BlockLength = block };
        var options = new BinaryMetricsOptions { Threshold = threshold };
        return [.. predictions.Select((p, k) => PredictorResult.Compute(p.Key, p.Name, [.. scores[k]], y, bootstrap, options) with
        {
            Operational = OperationalMetrics.Compute(
                recordings.Select((w, r) => new RiskTimeline
                {
                    StampsNs = w.Stamps.ToArray(),
                    Risk = p.Collision[r],
                    Hazards = [.. w.Events.Select(e => new Metrics.HazardEvent(e.StartNs))],
                }),
                new OperationalOptions { Threshold = threshold, WarningWindow = Horizon(recordings) }),
        })];
    }

    /// <summary>The recordings over time, one strip each.</summary>
    public static IReadOnlyList<RiskStrip> Strips(IReadOnlyList<FeatureWindows> recordings, IReadOnlyList<Prediction> predictions, double threshold = 0.5) =>
    [
        .. recordings.Select((w, r) =>
        {
            double[] times = [.. w.Stamps.ToArray().Select(s => (s - w.StartNs) * 1e-9)];
            return new RiskStrip
            {
                Bag = w.Name,
                DurationS = (w.EndNs - w.StartNs) * 1e-9,
                Series = [.. predictions.Select(p => new RiskSeries(p.Name, times, p.Collision[r]))],
                ContactsS = [.. w.Events.Select((HazardEvent e) => (e.StartNs - w.StartNs) * 1e-9)],
                HazardIntervalsS = RiskStrip.Intervals(times, [.. w.Collision.Select(t => t == Truth.Hazard)]),
                Threshold = threshold,
            };
        }),
    ];

    /// <summary>How the intervals were drawn, as a sentence.</summary>
    public static string IntervalMethod(IReadOnlyList<FeatureWindows> recordings) =>
        FormattableString.Invariant($"95 % percentile intervals of {Resamples} moving-block bootstrap resamples (blocks of {BlockHorizons * Horizon(recordings):G3} s, none across recordings)");

    /// <summary>What a reader must know of the recordings' truth.</summary>
    public static IReadOnlyList<string> Notes(IReadOnlyList<FeatureWindows> recordings)
    {
        int unknown = recordings.Sum(w => w.Collision.Count(t => t == Truth.Unknown)), all = recordings.Sum(w => w.Count);
        int events = recordings.Sum(w => w.Events.Count);
        var notes = new List<string>
        {
            FormattableString.Invariant($"{unknown} of {all} windows are left out because their truth is unknown: the end of a recording, or a contact already under way."),
        };
        if (events < 10)
        {
            notes.Add(FormattableString.Invariant($"Only {events} hazards: the windows before one hazard are not independent, so these figures say little about another drive."));
        }

        notes.AddRange(recordings.SelectMany(w => w.Warnings.Select(x => $"{w.Name}: {x}")));
        return notes;
    }

    private static double Horizon(IReadOnlyList<FeatureWindows> recordings) => recordings.Count == 0 ? 1 : recordings.Max(w => w.Robot.Horizon);
}
