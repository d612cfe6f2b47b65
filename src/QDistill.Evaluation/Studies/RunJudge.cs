using QDistill.Evaluation.Reports;
using QDistill.Features;
using QDistill.Metrics;

namespace QDistill.Evaluation.Studies;

/// <summary>What a predictor gives a judge: its probabilities where it is tested, and where it was calibrated.</summary>
/// <param name="Test">Collision probability at every window of the test set.</param>
/// <param name="Threshold">The alarm threshold, chosen on validation.</param>
/// <param name="Validation">Probabilities at the validation windows of known truth.</param>
/// <param name="ValidationTruth">Their truth.</param>
/// <param name="Familiar">Probabilities at the test windows as recorded: what a shifted test is told apart from; empty when this is that test.</param>
internal sealed record JudgedPredictor(double[] Test, double Threshold, double[] Validation, bool[] ValidationTruth, double[] Familiar);

/// <summary>Judges one predictor on a test set, on the windows that every run of the study is judged on.</summary>
internal static class RunJudge
{
    private const int Bins = 15;
    private const int Coverages = 20;
    private const double Alpha = 0.1;

    /// <summary>The scores.</summary>
    public static RunScores Judge(TestSet test, JudgedPredictor predictor)
    {
        var p = new List<double>();
        var y = new List<bool>();
        var timelines = new List<RiskTimeline>();
        int at = 0;
        foreach (StudyRecording r in test.Recordings)
        {
            double[] risk = predictor.Test[at..(at + r.Table.Count)];
            for (int i = 0; i < risk.Length; i++)
            {
                // The rule beside it keeps the windows the same for all: those that the rule cannot judge are left out everywhere.
                bool judged = r.Collision(i) != Truth.Unknown && !double.IsNaN(risk[i]) && (test.TtcRule is null || !double.IsNaN(test.TtcRule[at + i]));
                if (judged)
                {
                    p.Add(risk[i]);
                    y.Add(r.Collision(i) == Truth.Hazard);
                }
            }

            at += risk.Length;
            if (r.Horizon > 0)
            {
                timelines.Add(new RiskTimeline { StampsNs = r.Due, Risk = risk, Hazards = [.. r.Events.Select(e => new Metrics.HazardEvent(e))] });
            }
        }

        double[] probabilities = [.. p];
        bool[] truth = [.. y];
        PredictorResult result = PredictorResult.Compute("run", "run", probabilities, truth, null, new BinaryMetricsOptions { Threshold = predictor.Threshold });
        BinaryMetrics m = result.Metrics;
        OperationalMetrics? o = timelines.Count == 0 ? null : OperationalMetrics.Compute(timelines, new OperationalOptions { Threshold = predictor.Threshold, WarningWindow = test.Recordings.Max(r => r.Horizon) });
        ConformalCoverage? conformal = predictor.Validation.Length == 0 ? null : SplitConformal.Fit(predictor.Validation, predictor.ValidationTruth, Alpha).Evaluate(probabilities, truth);
        int undisturbed = test.Recordings.Sum(r => r.Undisturbed);
        return new RunScores
        {
            Metrics = new Dictionary<string, double?>
            {
                ["auroc"] = m.Auroc,
                ["auprc"] = m.Auprc,
                ["f1"] = m.F1,
                ["accuracy"] = m.Accuracy,
                ["balanced_accuracy"] = m.BalancedAccuracy,
                ["precision"] = m.Precision,
                ["recall"] = m.Recall,
                ["nll"] = m.Nll,
                ["brier"] = m.Brier,
                ["brier_reliability"] = m.BrierDecomposition?.Reliability,
                ["brier_resolution"] = m.BrierDecomposition?.Resolution,
                ["brier_uncertainty"] = m.BrierDecomposition?.Uncertainty,
                ["ece"] = m.Ece,
                ["ece_equal_mass"] = m.EceEqualMass,
                ["ece_classwise"] = Classwise(probabilities, truth),
                ["aurc"] = result.Aurc,
                ["conformal_coverage"] = conformal?.Coverage,
                ["conformal_set_size"] = conformal?.MeanSetSize,
                ["ood_auroc"] = predictor.Familiar.Length == 0 || test.Kind == TestKind.AsRecorded ? null : OutOfDistribution.Compute(Entropies(predictor.Familiar), Entropies(predictor.Test)).Auroc,
                ["threshold"] = predictor.Threshold,
                ["windows"] = m.Count,
                ["positives"] = m.Positives,
                ["availability"] = undisturbed == 0 ? null : Math.Min(1, (double)predictor.Test.Length / undisturbed),
                ["contacts"] = o?.Contacts,
                ["missed_contacts"] = o?.MissedContacts,
                ["miss_rate"] = o?.MissRate,
                ["false_alarms_per_hour"] = o?.FalseAlarmsPerHour,
                ["median_lead_time_s"] = o?.MedianLeadTime,
                ["median_time_to_alarm_s"] = o?.MedianTimeToAlarm,
            },
            Reliability = [.. ReliabilityDiagram.EqualWidth(result.Probabilities, result.Truth, Bins).Select(b => new RunBin(b.Count, b.Positives, b.MeanPrediction))],
            RiskCoverage = Curve(RiskCoverage.Compute(result.Probabilities, result.Truth, predictor.Threshold).Points),
        };
    }

    /// <summary>Output 0 of probabilities [n, k].</summary>
    public static double[] Collision(float[] probabilities, int outputs)
    {
        double[] p = new double[probabilities.Length / outputs];
        for (int i = 0; i < p.Length; i++)
        {
            p[i] = probabilities[i * outputs];
        }

        return p;
    }

    // Both classes' calibration counts alike, however rare one is.
    private static double? Classwise(double[] p, bool[] y)
    {
        if (p.Length == 0)
        {
            return null;
        }

        double[] both = new double[2 * p.Length];
        for (int i = 0; i < p.Length; i++)
        {
            (both[2 * i], both[(2 * i) + 1]) = (1 - p[i], p[i]);
        }

        return MulticlassMetrics.Compute(both, 2, [.. y.Select(t => t ? 1 : 0)]).EceClasswise;
    }

    private static double[] Entropies(double[] p)
    {
        var h = new List<double>(p.Length);
        foreach (double q in p)
        {
            if (!double.IsNaN(q))
            {
                h.Add(q is <= 0 or >= 1 ? 0 : -(q * Math.Log(q)) - ((1 - q) * Math.Log(1 - q)));
            }
        }

        return [.. h];
    }

    // The risk at the first point that covers as much: points come with rising coverage, the last one covers all.
    private static double[] Curve(IReadOnlyList<(double Coverage, double Risk)> points)
    {
        if (points.Count == 0)
        {
            return [];
        }

        double[] risks = new double[Coverages];
        int at = 0;
        for (int i = 0; i < Coverages; i++)
        {
            while (at + 1 < points.Count && points[at].Coverage < ((i + 1.0) / Coverages) - 1e-12)
            {
                at++;
            }

            risks[i] = points[at].Risk;
        }

        return risks;
    }
}
