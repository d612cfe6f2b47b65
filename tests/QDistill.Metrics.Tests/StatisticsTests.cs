using System.Text.Json.Nodes;
using QDistill.Numerics;

namespace QDistill.Metrics.Tests;

public class StatisticsTests
{
    [Fact]
    public void A_resample_scored_by_counts_equals_the_resample_written_out()
    {
        (double[] p, bool[] y, _) = Samples.Draw(300, 1, ties: 40);
        var sample = new RankedSample(p, y, BinaryMetricsOptions.Default);
        var resampler = new Resampler(p.Length, new BootstrapOptions());
        int[] counts = new int[p.Length];
        for (int r = 0; r < 5; r++)
        {
            resampler.Draw(r, counts);
            double[] q = [.. p.SelectMany((v, i) => Enumerable.Repeat(v, counts[i]))];
            bool[] x = [.. y.SelectMany((v, i) => Enumerable.Repeat(v, counts[i]))];
            BinaryMetrics expected = BinaryMetrics.Compute(q, x), actual = sample.Evaluate([.. sample.Order.Select(i => counts[i])]);
            Assert.All(Enum.GetValues<BinaryMetric>(), k => Assert.Equal(expected.Get(k)!.Value, actual.Get(k)!.Value, 1e-12));
        }
    }

    [Fact]
    public void The_interval_of_a_mean_matches_the_closed_form_and_covers_it()
    {
        var rng = new Philox(6);
        double[] x = [.. Enumerable.Range(0, 400).Select(_ => rng.NextGaussian())];
        double half = 1.96 * Math.Sqrt(x.Average(v => v * v) - Math.Pow(x.Average(), 2)) / 20;
        Interval i = Bootstrap.Mean(x, new BootstrapOptions { Resamples = 4000 });
        Assert.Equal(x.Average() - half, i.Low!.Value, 0.012);
        Assert.Equal(x.Average() + half, i.High!.Value, 0.012);

        int covered = 0;
        for (ulong t = 0; t < 300; t++)
        {
            var draw = new Philox(99, t);
            double[] v = [.. Enumerable.Range(0, 60).Select(_ => draw.NextDouble())];
            Interval c = Bootstrap.Mean(v, new BootstrapOptions { Resamples = 400, Seed = t });
            covered += c.Low <= 0.5 && 0.5 <= c.High ? 1 : 0;
        }

        Assert.InRange(covered, 270, 298); // 285 expected, sd 3.8
    }

    [Fact]
    public void Same_seed_same_interval_and_the_estimate_lies_inside()
    {
        (double[] p, bool[] y, _) = Samples.Draw(400, 2);
        var first = Bootstrap.Intervals(p, y);
        var again = Bootstrap.Intervals(p, y);
        var other = Bootstrap.Intervals(p, y, options: new BootstrapOptions { Seed = 2 });
        foreach (BinaryMetric k in Enum.GetValues<BinaryMetric>())
        {
            Assert.Equal(first[k], again[k]);
            Assert.Equal(BinaryMetrics.Compute(p, y).Get(k), first[k].Estimate);
        }

        Assert.NotEqual(first[BinaryMetric.Nll], other[BinaryMetric.Nll]);
        Assert.InRange(first[BinaryMetric.Auroc].Estimate!.Value, first[BinaryMetric.Auroc].Low!.Value, first[BinaryMetric.Auroc].High!.Value);
    }

    [Fact]
    public void Dependent_windows_give_wider_intervals_by_group_and_by_block()
    {
        // 40 bags of 25 windows, all windows of a bag sharing most of their error: the standard error is that of 40 values, not of 1000.
        var rng = new Philox(7);
        double[] x = new double[1000];
        int[] bag = new int[1000];
        double shared = 0;
        for (int i = 0; i < 1000; i++)
        {
            if (i % 25 == 0)
            {
                shared = rng.NextGaussian();
            }

            (x[i], bag[i]) = (shared + (0.1 * rng.NextGaussian()), i / 25);
        }

        double alone = Width(new BootstrapOptions()), grouped = Width(new BootstrapOptions { Groups = bag }), blocks = Width(new BootstrapOptions { BlockLength = 50, Groups = null });
        Assert.InRange(grouped / alone, 3.5, 6.5); // sqrt(25) = 5
        Assert.InRange(blocks / alone, 3, 6.5);

        double Width(BootstrapOptions o)
        {
            Interval i = Bootstrap.Mean(x, o);
            return i.High!.Value - i.Low!.Value;
        }
    }

    [Fact]
    public void Blocks_do_not_cross_groups_and_draw_as_many_windows_as_there_are()
    {
        int[] groups = [.. Enumerable.Range(0, 100).Select(i => i / 10)];
        var resampler = new Resampler(100, new BootstrapOptions { BlockLength = 30, Groups = groups });
        int[] counts = new int[100];
        for (int r = 0; r < 50; r++)
        {
            resampler.Draw(r, counts);
            Assert.Equal(100, counts.Sum());
            for (int g = 0; g < 10; g++)
            {
                Assert.Single(counts.Skip(g * 10).Take(10).Distinct()); // a block of 30 in a run of 10 is the run
            }
        }

        Assert.Contains("3 windows but 2 group ids", Assert.Throws<ArgumentException>(() => Bootstrap.Mean([1, 2, 3], new BootstrapOptions { Groups = [1, 2] })).Message);
    }

    [Fact]
    public void A_resample_without_positives_is_left_out_and_counted()
    {
        Interval i = Bootstrap.Intervals([0.1, 0.2, 0.3, 0.9], [false, false, false, true], [BinaryMetric.Auroc])[BinaryMetric.Auroc];
        Assert.InRange(i.Resamples, 550, 800); // P(both classes in four draws) = 1 - 0.75^4 - 0.25^4 = 0.68
        Assert.Equal(1, i.Low);
        Assert.Null(Bootstrap.Intervals([], [])[BinaryMetric.Ece].Low);
    }

    [Fact]
    public void The_paired_bootstrap_sees_a_difference_that_single_intervals_hide()
    {
        (double[] p, bool[] y, _) = Samples.Draw(600, 3);
        var rng = new Philox(4);
        double[] worse = [.. p.Select(v => Math.Clamp(v + (0.15 * rng.NextGaussian()), 0, 1))];
        PairedDifference d = Bootstrap.Paired(BinaryMetric.Auroc, p, worse, y);
        Assert.True(d.PValue < 0.01);
        Assert.True(d.Difference.Low > 0);
        var a = Bootstrap.Intervals(p, y, [BinaryMetric.Auroc])[BinaryMetric.Auroc];
        var b = Bootstrap.Intervals(worse, y, [BinaryMetric.Auroc])[BinaryMetric.Auroc];
        Assert.True(a.Low < b.High);
        PairedDifference same = Bootstrap.Paired(BinaryMetric.Brier, p, p, y);
        Assert.Equal((0.0, 1.0), (same.Difference.Estimate!.Value, same.PValue!.Value));
    }

    [Fact]
    public void Wilcoxon_agrees_with_SciPy_exact_and_normal()
    {
        var rng = new Philox(8);
        double[] few = [.. Enumerable.Range(0, 14).Select(_ => rng.NextGaussian() + 0.4)];
        double[] fifty = [.. Enumerable.Range(0, 50).Select(_ => rng.NextGaussian() + 0.2)];
        double[] many = [.. Enumerable.Range(0, 200).Select(_ => Math.Round(4 * (rng.NextGaussian() + 0.15)) / 4)];
        JsonArray answers = Oracle.Ask(
            new { op = "wilcoxon", differences = few, mode = "exact" },
            new { op = "wilcoxon", differences = fifty, mode = "exact" },
            new { op = "wilcoxon", differences = many, mode = "approx" });
        (double[] Data, bool Exact)[] cases = [(few, true), (fifty, true), (many, false)];
        for (int i = 0; i < cases.Length; i++)
        {
            WilcoxonSignedRank w = WilcoxonSignedRank.Test(cases[i].Data);
            Assert.Equal(answers[i].Number("statistic"), Math.Min(w.PositiveRankSum, w.NegativeRankSum), 1e-9);
            Assert.Equal(answers[i].Number("p"), w.PValue!.Value, 1e-10);
            Assert.Equal(cases[i].Exact, w.Exact);
        }
    }

    [Theory]
    [InlineData(new double[] { 1, 1, -1, 2, 2, 3, -0.5, 0 })]
    [InlineData(new double[] { 1, 2, 3, 4, 5 })]
    [InlineData(new double[] { 1, -1, 1, -1 })]
    public void Exact_Wilcoxon_with_ties_equals_all_sign_patterns_counted(double[] differences)
    {
        double[] d = [.. differences.Where(v => v != 0)];
        double[] rank = [.. d.Select(v => d.Count(u => Math.Abs(u) < Math.Abs(v)) + ((d.Count(u => Math.Abs(u) == Math.Abs(v)) + 1) / 2.0))];
        double total = rank.Sum(), observed = d.Select((v, i) => v > 0 ? rank[i] : 0).Sum();
        int extreme = 0;
        for (int signs = 0; signs < 1 << d.Length; signs++)
        {
            double sum = rank.Where((_, i) => (signs >> i & 1) == 1).Sum();
            extreme += Math.Abs(sum - (total / 2)) >= Math.Abs(observed - (total / 2)) - 1e-9 ? 1 : 0;
        }

        Assert.Equal((double)extreme / (1 << d.Length), WilcoxonSignedRank.Test(differences).PValue!.Value, 1e-12);
    }

    [Fact]
    public void Wilcoxon_of_no_difference_is_undefined() => Assert.Null(WilcoxonSignedRank.Test([0, 0]).PValue);

    [Fact]
    public void Normal_tail_has_the_tabulated_values()
    {
        Assert.Equal(0.31731050786291410, MathSpecial.NormalTwoSided(1), 1e-15);
        Assert.Equal(0.05, MathSpecial.NormalTwoSided(1.959963984540054), 1e-15);
        Assert.Equal(5.7330314375838780e-7, MathSpecial.NormalTwoSided(-5), 1e-20);
        Assert.Equal(1, MathSpecial.NormalTwoSided(0));
        Assert.Equal(MathSpecial.NormalTwoSided(2.8284271247461900), MathSpecial.NormalTwoSided(2.8284271247461905), 1e-14);
    }

    [Fact]
    public void Holm_gives_the_worked_example()
    {
        // 0.01, 0.04, 0.03, 0.005: factors 3, 1, 2, 4, then made monotone.
        Assert.Equal([0.03, 0.06, 0.06, 0.02], HolmCorrection.Adjust([0.01, 0.04, 0.03, 0.005]).Select(v => Math.Round(v, 12)));
        Assert.Equal([1.0, 1.0], HolmCorrection.Adjust([0.7, 0.9]));
        Assert.Empty(HolmCorrection.Adjust([]));
        Assert.Throws<ArgumentException>(() => HolmCorrection.Adjust([double.NaN]));
    }

    [Fact]
    public void Risk_coverage_agrees_with_NumPy_and_averages_over_ties()
    {
        (double[] p, bool[] y, _) = Samples.Draw(500, 13);
        double[] confidence = [.. p.Select(v => Math.Max(v, 1 - v))];
        int[] wrong = [.. p.Select((v, i) => v >= 0.5 != y[i] ? 1 : 0)];
        double[] values = [.. confidence.Take(101)];
        JsonArray answers = Oracle.Ask(new { op = "aurc", confidence, wrong }, new { op = "quantiles", values, at = new[] { 0, 0.025, 0.33, 0.975, 1 } });
        RiskCoverage r = RiskCoverage.Compute(p, y);
        Assert.Equal(answers[0].Number("aurc"), r.Aurc!.Value, 1e-12);
        Assert.Equal(1, r.Points[^1].Coverage);
        Assert.Equal(wrong.Average(), r.Points[^1].Risk, 1e-12);
        double[] sorted = [.. values.Order()];
        Assert.Equal(answers[1]!["values"]!.AsArray().Select(v => Math.Round(v!.GetValue<double>(), 12)),
            new[] { 0, 0.025, 0.33, 0.975, 1 }.Select(q => Math.Round(Quantiles.Linear(sorted, q), 12)));

        // All confidences equal: every coverage has the overall error rate.
        RiskCoverage flat = RiskCoverage.Compute([0.7, 0.7, 0.7, 0.7], [true, true, false, true]);
        Assert.Equal(0.25, flat.Aurc!.Value, 1e-15);
        Assert.Equal(0, RiskCoverage.Compute([0.9, 0.8, 0.45], [true, true, true]).ExcessAurc!.Value, 1e-15);
        Assert.Null(RiskCoverage.Compute([], []).Aurc);
    }

    [Fact]
    public void Foreign_data_are_told_apart_by_rank()
    {
        OutOfDistribution d = OutOfDistribution.Compute([1, 2, 3, 4], [3.5, 5, 6]);
        Assert.Equal(11.0 / 12, d.Auroc!.Value, 1e-15);
        Assert.Equal(0.25, d.FprAt95Tpr);
        Assert.Null(OutOfDistribution.Compute([], [1]).Auroc);
    }
}
