using QDistill.Evaluation.Replay;
using QDistill.Evaluation.Reports;
using QDistill.Metrics;

namespace QDistill.Evaluation.Studies;

/// <summary>Judges one predictor's probabilities on a study's test recordings, on the windows that every run of the study is judged on.</summary>
internal static class RunJudge
{
    private const int Bins = 15;
    private const int Coverages = 20;

    /// <summary>Scores of collision probabilities, one array for each test recording.</summary>
    public static RunScores Judge(StudyData data, IReadOnlyList<double[]> collision, double threshold)
    {
        // The rule beside it keeps the windows the same for all: those that the rule cannot judge are left out everywhere.
        List<Prediction> predictions = [new("run", "run", collision)];
        if (data.TtcRule is { } rule)
        {
            predictions.Add(new("ttc_rule", "rule", rule));
        }

        PredictorResult r = RecordingJudge.Judge(data.Test, predictions, threshold, intervals: false)[0];
        BinaryMetrics m = r.Metrics;
        OperationalMetrics? o = r.Operational;
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
                ["ece"] = m.Ece,
                ["ece_equal_mass"] = m.EceEqualMass,
                ["aurc"] = r.Aurc,
                ["threshold"] = threshold,
                ["windows"] = m.Count,
                ["positives"] = m.Positives,
                ["contacts"] = o?.Contacts,
                ["missed_contacts"] = o?.MissedContacts,
                ["false_alarms_per_hour"] = o?.FalseAlarmsPerHour,
                ["median_lead_time_s"] = o?.MedianLeadTime,
            },
            Reliability = [.. ReliabilityDiagram.EqualWidth(r.Probabilities, r.Truth, Bins).Select(b => new RunBin(b.Count, b.Positives, b.MeanPrediction))],
            RiskCoverage = Curve(RiskCoverage.Compute(r.Probabilities, r.Truth, threshold).Points),
        };
    }

    /// <summary>Output 0 of probabilities [n, k] for each test recording in turn.</summary>
    public static IReadOnlyList<double[]> Split(StudyData data, double[] all)
    {
        var parts = new List<double[]>();
        int at = 0;
        foreach (int count in data.Test.Select(w => w.Count))
        {
            parts.Add(all[at..(at + count)]);
            at += count;
        }

        return parts;
    }

    /// <summary>Scores of collision probabilities of all test windows, recordings one after the other.</summary>
    public static RunScores Judge(StudyData data, double[] collision, double threshold) => Judge(data, Split(data, collision), threshold);

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
