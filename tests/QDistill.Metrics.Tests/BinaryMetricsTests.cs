using System.Text.Json.Nodes;

namespace QDistill.Metrics.Tests;

public class BinaryMetricsTests
{
    // Four windows, worked by hand: of the four (positive, negative) pairs three are in order.
    private static readonly double[] HandP = [0.1, 0.4, 0.35, 0.8];
    private static readonly bool[] HandY = [false, false, true, true];

    [Fact]
    public void A_case_worked_by_hand_gives_its_numbers()
    {
        BinaryMetrics m = BinaryMetrics.Compute(HandP, HandY, new BinaryMetricsOptions { Bins = 2 });
        Assert.Equal(0.75, m.Auroc!.Value, 1e-15);
        Assert.Equal((1.0 / 2) + (0.5 * 2 / 3), m.Auprc!.Value, 1e-15);
        Assert.Equal(new Confusion(1, 0, 2, 1), m.Confusion);
        Assert.Equal(2.0 / 3, m.F1!.Value, 1e-15);
        Assert.Equal(0.75, m.Accuracy);
        Assert.Equal(0.75, m.BalancedAccuracy);
        Assert.Equal((0.01 + 0.16 + (0.65 * 0.65) + 0.04) / 4, m.Brier!.Value, 1e-15);
        Assert.Equal(-(Math.Log(0.9) + Math.Log(0.6) + Math.Log(0.35) + Math.Log(0.8)) / 4, m.Nll!.Value, 1e-15);

        // Bins [0, 0.5): three windows, mean 0.85/3, frequency 1/3; [0.5, 1]: one window, 0.8 against 1.
        Assert.Equal((0.75 * Math.Abs((0.85 / 3) - (1.0 / 3))) + (0.25 * 0.2), m.Ece!.Value, 1e-15);
        Assert.Equal(0.2, m.Mce!.Value, 1e-15);

        // Equal mass: {0.1, 0.35} with one positive and {0.4, 0.8} with one positive.
        Assert.Equal(0.5 * (Math.Abs(0.225 - 0.5) + Math.Abs(0.6 - 0.5)), m.EceEqualMass!.Value, 1e-15);
    }

    [Fact]
    public void Equal_scores_count_half_a_pair()
    {
        Assert.Equal(0.5, BinaryMetrics.Compute([0.3, 0.3, 0.3], [true, false, true]).Auroc);
        Assert.Equal(0.875, BinaryMetrics.Compute([0.2, 0.5, 0.5, 0.9], [false, false, true, true]).Auroc);
    }

    [Theory]
    [InlineData(5000, 1, null)]
    [InlineData(997, 2, null)]
    [InlineData(3000, 3, 20)]
    [InlineData(60, 4, 4)]
    public void Every_metric_agrees_with_scikit_learn(int n, ulong seed, int? ties)
    {
        (double[] p, bool[] y, _) = Samples.Draw(n, seed, ties: ties);
        BinaryMetricsOptions options = new();
        JsonNode answer = Oracle.Ask(new { op = "binary", p, y, threshold = 0.5, bins = options.Bins, clip = options.NllClip })[0]!;
        BinaryMetrics m = BinaryMetrics.Compute(p, y);
        Near("auroc", m.Auroc);
        Near("auprc", m.Auprc);
        Near("f1", m.F1);
        Near("accuracy", m.Accuracy);
        Near("balanced_accuracy", m.BalancedAccuracy);
        Near("precision", m.Precision);
        Near("recall", m.Recall);
        Near("mcc", m.Confusion.Mcc);
        Near("brier", m.Brier);
        Near("nll", m.Nll);
        Near("ece", m.Ece);
        Near("mce", m.Mce);
        Near("reliability", m.BrierDecomposition!.Value.Reliability);
        Near("resolution", m.BrierDecomposition!.Value.Resolution);
        Near("best_f1", ThresholdChoice.BestF1(p, y).F1);
        if (ties is null && n % options.Bins == 0)
        {
            Near("ece_equal_mass", m.EceEqualMass); // np.array_split cuts elsewhere when n is no multiple, and cuts through ties
        }

        RocCurve roc = RocCurve.Compute(p, y);
        JsonArray expected = answer["roc"]!.AsArray();
        Assert.Equal(expected.Count, roc.Points.Count);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i]![0]!.GetValue<double>(), roc.Points[i].FalsePositiveRate, 1e-12);
            Assert.Equal(expected[i]![1]!.GetValue<double>(), roc.Points[i].TruePositiveRate, 1e-12);
        }

        // scikit-learn lists precision and recall by rising threshold and closes with the point (0, 1).
        JsonArray pr = answer["pr"]!.AsArray();
        for (int i = 1; i < roc.Points.Count; i++)
        {
            JsonNode at = pr[pr.Count - 1 - i]!;
            Assert.Equal(at[0]!.GetValue<double>(), roc.Points[i].Confusion.Recall!.Value, 1e-12);
            Assert.Equal(at[1]!.GetValue<double>(), roc.Points[i].Confusion.Precision!.Value, 1e-12);
        }

        void Near(string key, double? actual) => Assert.Equal(answer.Number(key), actual!.Value, 1e-10);
    }

    [Fact]
    public void Equal_mass_error_agrees_with_numpy_where_bins_divide_evenly()
    {
        (double[] p, bool[] y, _) = Samples.Draw(1500, 11);
        JsonNode answer = Oracle.Ask(new { op = "binary", p, y, threshold = 0.5, bins = 15, clip = 1e-7 })[0]!;
        Assert.Equal(answer.Number("ece_equal_mass"), BinaryMetrics.Compute(p, y).EceEqualMass!.Value, 1e-12);
    }

    [Fact]
    public void Absent_class_or_window_leaves_what_is_undefined_null()
    {
        BinaryMetrics none = BinaryMetrics.Compute(ReadOnlySpan<double>.Empty, []);
        Assert.All(Enum.GetValues<BinaryMetric>(), k => Assert.Null(none.Get(k)));
        Assert.Null(none.Prevalence);

        BinaryMetrics negatives = BinaryMetrics.Compute([0.1, 0.2], [false, false]);
        Assert.Null(negatives.Auroc);
        Assert.Null(negatives.Auprc);
        Assert.Null(negatives.F1);
        Assert.Null(negatives.BalancedAccuracy);
        Assert.Equal(1, negatives.Accuracy);
        Assert.Equal((0.01 + 0.04) / 2, negatives.Brier!.Value, 1e-15);
        Assert.Equal(0.15, negatives.Ece!.Value, 1e-15);
        Assert.Null(BinaryMetrics.Compute([0.1, 0.2], [true, true]).Auroc);
    }

    [Fact]
    public void Bad_numbers_are_refused_by_position()
    {
        Assert.Contains("score 1 of 2 is NaN", Assert.Throws<ArgumentException>(() => BinaryMetrics.Compute([0.1, double.NaN], [true, false])).Message);
        Assert.Contains("1.5", Assert.Throws<ArgumentException>(() => BinaryMetrics.Compute([0.1, 1.5], [true, false])).Message);
        Assert.Contains("2 scores but 1 labels", Assert.Throws<ArgumentException>(() => BinaryMetrics.Compute([0.1, 0.5], [true])).Message);
    }

    [Fact]
    public void Mere_scores_rank_even_when_infinite_and_have_no_probability_metrics()
    {
        BinaryMetricsOptions scores = new() { ScoresAreProbabilities = false, Threshold = -2 };
        BinaryMetrics m = BinaryMetrics.Compute([double.NegativeInfinity, -3, -1, double.PositiveInfinity], [false, false, true, true], scores);
        Assert.Equal(1, m.Auroc);
        Assert.Equal(1, m.F1);
        Assert.Null(m.Brier);
        Assert.Null(m.Nll);
        Assert.Null(m.Ece);
    }

    [Fact]
    public void A_saturated_error_costs_the_clip_and_is_counted()
    {
        BinaryMetrics m = BinaryMetrics.Compute([0.0, 1.0, 0.5], [true, true, false], new BinaryMetricsOptions { NllClip = 1e-3 });
        Assert.Equal((-Math.Log(1e-3) - Math.Log(0.999) - Math.Log(0.5)) / 3, m.Nll!.Value, 1e-14);
        Assert.Equal(1, m.NllClipped);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Rising_maps_leave_ranking_metrics_unchanged(ulong seed)
    {
        (double[] p, bool[] y, _) = Samples.Draw(400, seed, ties: 50);
        BinaryMetrics before = BinaryMetrics.Compute(p, y);
        double[] mapped = [.. p.Select(v => v * v * v)];
        double[] falling = [.. p.Select(v => 1 - v)];
        Assert.Equal(before.Auroc!.Value, BinaryMetrics.Compute(mapped, y).Auroc!.Value, 1e-14);
        Assert.Equal(before.Auprc!.Value, BinaryMetrics.Compute(mapped, y).Auprc!.Value, 1e-14);
        Assert.Equal(1 - before.Auroc.Value, BinaryMetrics.Compute(falling, y).Auroc!.Value, 1e-14);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void Order_of_windows_does_not_matter(ulong seed)
    {
        (double[] p, bool[] y, _) = Samples.Draw(501, seed, ties: 30);
        int[] order = [.. Enumerable.Range(0, p.Length)];
        new QDistill.Numerics.Philox(seed + 100).Shuffle(order.AsSpan());
        BinaryMetrics a = BinaryMetrics.Compute(p, y);
        BinaryMetrics b = BinaryMetrics.Compute([.. order.Select(i => p[i])], [.. order.Select(i => y[i])]);
        Assert.All(Enum.GetValues<BinaryMetric>(), k => Assert.Equal(a.Get(k)!.Value, b.Get(k)!.Value, 1e-13));
    }

    [Fact]
    public void Murphy_parts_add_up_to_the_Brier_score_and_close_without_remainder_on_few_distinct_predictions()
    {
        (double[] p, bool[] y, _) = Samples.Draw(800, 9, ties: 10);
        BinaryMetrics m = BinaryMetrics.Compute(p, y, new BinaryMetricsOptions { Bins = 11 });
        BrierDecomposition d = m.BrierDecomposition!.Value;
        Assert.Equal(0, d.WithinBin, 1e-14);
        Assert.Equal(m.Brier!.Value, d.Reliability - d.Resolution + d.Uncertainty, 1e-14);
        Assert.Equal(m.Prevalence!.Value * (1 - m.Prevalence.Value), d.Uncertainty, 1e-15);
    }

    [Fact]
    public void Reliability_bins_reproduce_the_calibration_errors()
    {
        (double[] p, bool[] y, _) = Samples.Draw(1234, 21, ties: 60);
        BinaryMetrics m = BinaryMetrics.Compute(p, y);
        Assert.Equal(m.Ece!.Value, Error(ReliabilityDiagram.EqualWidth(p, y)), 1e-13);
        Assert.Equal(m.EceEqualMass!.Value, Error(ReliabilityDiagram.EqualMass(p, y)), 1e-13);
        Assert.Equal(1234, ReliabilityDiagram.EqualMass(p, y).Sum(b => b.Count));

        static double Error(IReadOnlyList<ReliabilityBin> bins) =>
            bins.Where(b => b.Count > 0).Sum(b => b.Count * Math.Abs(b.Observed!.Value - b.MeanPrediction!.Value)) / bins.Sum(b => b.Count);
    }

    [Fact]
    public void Wilson_interval_has_the_published_values()
    {
        // Newcombe (1998), table I: 81 of 263 gives 0.2553 to 0.3662, 0 of 20 gives 0 to 0.1611.
        (double low, double high) = new ReliabilityBin(0, 1, 263, 81, 0.3).ObservedInterval!.Value;
        Assert.Equal(0.2553, low, 5e-5);
        Assert.Equal(0.3662, high, 5e-5);
        Assert.Equal(0.1611, new ReliabilityBin(0, 1, 20, 0, 0).ObservedInterval!.Value.High, 5e-5);
    }

    [Fact]
    public void Chosen_threshold_lies_between_scores_and_gives_the_promised_F1()
    {
        (double[] p, bool[] y, _) = Samples.Draw(300, 31);
        (double threshold, double f1) = ThresholdChoice.BestF1(p, y);
        Assert.DoesNotContain(threshold, p);
        Assert.Equal(f1, BinaryMetrics.Compute(p, y, new BinaryMetricsOptions { Threshold = threshold }).F1);
        Assert.Contains("only negatives", Assert.Throws<ArgumentException>(() => ThresholdChoice.BestF1([0.1], [false])).Message);
    }

    [Fact]
    public void A_thinned_curve_keeps_its_ends_and_its_area_nearly()
    {
        (double[] p, bool[] y, _) = Samples.Draw(20_000, 41);
        IReadOnlyList<RocPoint> thin = RocCurve.Compute(p, y).Thinned(300);
        Assert.True(thin.Count <= 300);
        Assert.Equal((0.0, 0.0), (thin[0].FalsePositiveRate, thin[0].TruePositiveRate));
        Assert.Equal((1.0, 1.0), (thin[^1].FalsePositiveRate, thin[^1].TruePositiveRate));
        double area = 0;
        for (int i = 1; i < thin.Count; i++)
        {
            area += (thin[i].FalsePositiveRate - thin[i - 1].FalsePositiveRate) * (thin[i].TruePositiveRate + thin[i - 1].TruePositiveRate) / 2;
        }

        Assert.Equal(BinaryMetrics.Compute(p, y).Auroc!.Value, area, 1e-3);
    }

    [Fact]
    public void Multiclass_metrics_agree_with_scikit_learn()
    {
        var rng = new QDistill.Numerics.Philox(5);
        const int n = 700, k = 4;
        double[] p = new double[n * k];
        int[] labels = new int[n];
        for (int i = 0; i < n; i++)
        {
            labels[i] = rng.NextInt(k);
            double sum = 0;
            for (int c = 0; c < k; c++)
            {
                sum += p[(i * k) + c] = Math.Exp((c == labels[i] ? 1 : 0) + rng.NextGaussian());
            }

            for (int c = 0; c < k; c++)
            {
                p[(i * k) + c] /= sum;
            }
        }

        JsonNode answer = Oracle.Ask(new { op = "multiclass", p, classes = k, labels, bins = 15, clip = 1e-7 })[0]!;
        MulticlassMetrics m = MulticlassMetrics.Compute(p, k, labels);
        Assert.Equal(answer.Number("accuracy"), m.Accuracy!.Value, 1e-12);
        Assert.Equal(answer.Number("balanced_accuracy"), m.BalancedAccuracy!.Value, 1e-12);
        Assert.Equal(answer.Number("macro_f1"), m.MacroF1!.Value, 1e-12);
        Assert.Equal(answer.Number("macro_auroc"), m.MacroAuroc!.Value, 1e-12);
        Assert.Equal(answer.Number("nll"), m.Nll!.Value, 1e-12);
        Assert.Equal(answer.Number("brier"), m.Brier!.Value, 1e-12);
        Assert.Equal(answer.Number("ece_top_label"), m.EceTopLabel!.Value, 1e-12);
        Assert.Equal(answer.Number("ece_classwise"), m.EceClasswise!.Value, 1e-12);
        p[0] += 0.5;
        Assert.Throws<ArgumentException>(() => MulticlassMetrics.Compute(p, k, labels));
        Assert.Contains("label 0 is 4", Assert.Throws<ArgumentException>(() => MulticlassMetrics.Compute([0.5, 0.5, 0, 0], k, [4])).Message);
    }
}
