using System.Text.Json.Nodes;
using QDistill.Numerics;

namespace QDistill.Metrics.Tests;

public class CalibrationTests
{
    [Theory]
    [InlineData(800, 1, 3.0)]
    [InlineData(200, 2, 0.7)]
    public void Fits_agree_with_SciPy_and_scikit_learn(int n, ulong seed, double sharpness)
    {
        (double[] p, bool[] y, double[] z) = Samples.Draw(n, seed, sharpness: sharpness);
        double[] tied = [.. p.Select(v => Math.Round(v, 2))];
        double[] at = [.. Enumerable.Range(0, 201).Select(i => i / 200.0)];
        JsonArray answers = Oracle.Ask(
            new { op = "temperature", logits = z, y }, new { op = "platt", logits = z, y }, new { op = "isotonic", scores = tied, y, at });
        Assert.Equal(answers[0].Number("temperature"), TemperatureScaling.Fit(z, y).Temperature, 1e-6);
        PlattScaling platt = PlattScaling.Fit(z, y);
        Assert.Equal(answers[1].Number("slope"), platt.Slope, 1e-6);
        Assert.Equal(answers[1].Number("intercept"), platt.Intercept, 1e-6);
        IsotonicRegression isotonic = IsotonicRegression.Fit(tied, y);
        JsonArray values = answers[2]!["values"]!.AsArray();
        for (int i = 0; i < at.Length; i++)
        {
            Assert.Equal(values[i]!.GetValue<double>(), isotonic.Calibrate(at[i]), 1e-9);
        }
    }

    [Fact]
    public void Temperature_of_many_classes_agrees_with_SciPy()
    {
        var rng = new Philox(8);
        int[] labels = new int[500];
        double[] logits = new double[1500];
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = rng.NextInt(3);
            for (int c = 0; c < 3; c++)
            {
                logits[(i * 3) + c] = 3 * (rng.NextGaussian() + (c == labels[i] ? 1 : 0));
            }
        }

        double expected = Oracle.Ask(new { op = "temperature_multiclass", logits, classes = 3, labels })[0].Number("temperature");
        Assert.Equal(expected, TemperatureScaling.FitMulticlass(logits, 3, labels).Temperature, 1e-6);
    }

    [Fact]
    public void Temperature_recovers_the_scale_that_generated_the_labels()
    {
        var rng = new Philox(77);
        double[] z = new double[200_000];
        bool[] y = new bool[z.Length];
        for (int i = 0; i < z.Length; i++)
        {
            double truth = 2 * rng.NextGaussian();
            y[i] = rng.NextDouble() < Logit.Sigmoid(truth);
            z[i] = 2.5 * truth;
        }

        TemperatureScaling t = TemperatureScaling.Fit(z, y);
        Assert.Equal(2.5, t.Temperature, 0.03);
        Assert.False(t.AtBound);
        double[] p = [.. z.Select(Logit.Sigmoid)], calibrated = new double[z.Length];
        t.Calibrate(p, calibrated);
        Assert.True(BinaryMetrics.Compute(p, y).Ece > 0.1);
        Assert.True(BinaryMetrics.Compute(calibrated, y).Ece < 0.006);
    }

    [Fact]
    public void Separable_data_end_at_the_bound_instead_of_running_away()
    {
        TemperatureScaling t = TemperatureScaling.Fit([-2, -1, 1, 2], [false, false, true, true]);
        Assert.Equal(TemperatureScaling.Least, t.Temperature);
        Assert.True(t.AtBound);
        Assert.Equal(TemperatureScaling.Most, TemperatureScaling.Fit([-2, -1, 1, 2], [true, true, false, false]).Temperature);
        Assert.True(double.IsFinite(PlattScaling.Fit([-2, -1, 1, 2], [false, false, true, true]).Slope));
    }

    [Fact]
    public void Platt_survives_any_unit_of_score()
    {
        (_, bool[] y, double[] z) = Samples.Draw(500, 12);
        PlattScaling plain = PlattScaling.Fit(z, y), scaled = PlattScaling.Fit([.. z.Select(v => (1e6 * v) + 3e7)], y);
        Assert.Equal(plain.CalibrateLogit(0.7), scaled.CalibrateLogit(0.7e6 + 3e7), 1e-8);

        // Scores that say nothing: the mean of the smoothed targets 2/3, 1/4, 1/4.
        PlattScaling blind = PlattScaling.Fit([1, 1, 1], [true, false, false]);
        Assert.Equal(7.0 / 18, blind.CalibrateLogit(1), 1e-9);
    }

    [Fact]
    public void Isotonic_is_the_rising_map_of_least_squares_by_brute_force()
    {
        // Over blocks of consecutive windows, the best rising step function found by trying every partition.
        var rng = new Philox(4);
        for (int trial = 0; trial < 20; trial++)
        {
            double[] x = [.. Enumerable.Range(0, 10).Select(i => (double)i)];
            bool[] y = [.. x.Select(_ => rng.NextDouble() < 0.5)];
            if (!y.Contains(true) || !y.Contains(false))
            {
                continue;
            }

            double best = double.PositiveInfinity;
            for (int cuts = 0; cuts < 512; cuts++)
            {
                double loss = 0, last = -1;
                for (int from = 0; from < 10;)
                {
                    int to = from + 1;
                    while (to < 10 && (cuts >> (to - 1) & 1) == 0)
                    {
                        to++;
                    }

                    double mean = y[from..to].Count(v => v) / (double)(to - from);
                    loss += mean < last ? double.PositiveInfinity : y[from..to].Sum(v => Math.Pow((v ? 1 : 0) - mean, 2));
                    (last, from) = (mean, to);
                }

                best = Math.Min(best, loss);
            }

            IsotonicRegression fit = IsotonicRegression.Fit(x, y);
            Assert.Equal(best, x.Select((v, i) => Math.Pow((y[i] ? 1 : 0) - fit.Calibrate(v), 2)).Sum(), 1e-12);
        }
    }

    [Fact]
    public void Calibrators_rise_and_survive_JSON_bit_for_bit()
    {
        (double[] p, bool[] y, double[] z) = Samples.Draw(300, 5);
        Calibrator[] all = [IdentityCalibration.Instance, TemperatureScaling.Fit(z, y), PlattScaling.Fit(z, y), IsotonicRegression.Fit(p, y)];
        foreach (Calibrator c in all)
        {
            string json = c.Parameters.ToJson();
            Assert.Contains($"\"method\":\"{c.Method}\"", json);
            Calibrator back = Calibrator.From(CalibrationParameters.FromJson(json));
            double last = -1;
            for (int i = 0; i <= 1000; i++)
            {
                double v = c.Calibrate(i / 1000.0);
                Assert.Equal(v, back.Calibrate(i / 1000.0));
                Assert.InRange(v, 0, 1);
                Assert.True(v >= last, $"{c.Method} falls at {i}");
                last = v;
            }
        }

        Assert.Contains("lacks its parameter 'temperature'", Assert.Throws<ArgumentException>(() => Calibrator.From(new CalibrationParameters { Method = "temperature" })).Message);
        Assert.Contains("unknown", Assert.Throws<ArgumentException>(() => Calibrator.From(new CalibrationParameters { Method = "magic" })).Message);
        Assert.Throws<ArgumentException>(() => CalibrationParameters.FromJson("{\"method\":\"platt\",\"slop\":1}"));
        Assert.Throws<ArgumentException>(() => CalibrationParameters.FromJson("{"));
    }

    [Fact]
    public void Fits_refuse_one_class_and_NaN()
    {
        Assert.Contains("only positives", Assert.Throws<ArgumentException>(() => TemperatureScaling.Fit([1, 2], [true, true])).Message);
        Assert.Contains("neither", Assert.Throws<ArgumentException>(() => IsotonicRegression.Fit([], [])).Message);
        Assert.Contains("NaN", Assert.Throws<ArgumentException>(() => PlattScaling.Fit([1, double.NaN], [true, false])).Message);
    }

    [Fact]
    public void Conformal_quantile_is_the_ranked_score()
    {
        // Scores 1 - p(truth) are 0.1 … 0.9; n = 9, alpha 0.2: rank ceil(10 * 0.8) = 8.
        double[] p = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1];
        bool[] y = [.. p.Select(_ => true)];
        Assert.Equal(0.8, SplitConformal.Fit(p, y, 0.2).Quantile, 1e-12);
        Assert.Equal(double.PositiveInfinity, SplitConformal.Fit(p, y, 0.05).Quantile);
        Assert.Equal(2, SplitConformal.Fit(p, y, 0.05).Evaluate(p, y).MeanSetSize);
    }

    [Fact]
    public void Conformal_sets_cover_exchangeable_data_as_promised()
    {
        // Coverage of one draw has mean ≥ 1 − alpha and, given the fit, is Beta-distributed with sd ≈ sqrt(alpha (1 − alpha) / n); averaged over 40 draws.
        double sum = 0, size = 0;
        for (ulong seed = 0; seed < 40; seed++)
        {
            (double[] p, bool[] y, _) = Samples.Draw(500, 1000 + seed);
            (double[] q, bool[] x, _) = Samples.Draw(2000, 5000 + seed);
            ConformalCoverage c = SplitConformal.Fit(p, y, 0.1).Evaluate(q, x);
            sum += c.Coverage!.Value / 40;
            size += c.MeanSetSize!.Value / 40;
        }

        Assert.InRange(sum, 0.893, 0.91);
        Assert.InRange(size, 0.9, 1.6);
    }

    [Fact]
    public void Conformal_sets_of_two_classes_are_the_same_by_either_entry()
    {
        (double[] p, bool[] y, _) = Samples.Draw(400, 3);
        double[] both = [.. p.SelectMany(v => new[] { 1 - v, v })];
        int[] labels = [.. y.Select(v => v ? 1 : 0)];
        SplitConformal two = SplitConformal.Fit(p, y, 0.1), many = SplitConformal.FitMulticlass(both, 2, labels, 0.1);
        Assert.Equal(two.Quantile, many.Quantile, 1e-12);
        Assert.Equal(two.Evaluate(p, y).Coverage!.Value, many.EvaluateMulticlass(both, 2, labels).Coverage!.Value, 1e-2);
    }
}
