using QDistill.Features;
using Xunit.Abstractions;

namespace QDistill.Simulation.Tests;

/// <summary>
/// Whether the simulated task is worth learning: hits happen often enough, the time-to-collision rule is decent, and a plain logistic regression fitted on other worlds
/// beats it without being perfect. Prints the figures.
/// </summary>
public class HonestWorldTests(ITestOutputHelper output)
{
    private const int Training = 16, HeldOut = 16;

    [Fact]
    public void The_rule_is_decent_and_learning_beats_it_without_being_perfect()
    {
        RobotConfig robot = RobotConfig.Load(Path.Combine(SharedData.Repository, "robots", "simulated_agv.yaml"));
        var tables = new List<FeatureWindows>();
        double minutes = 0;
        int hits = 0;
        for (ulong seed = 1; seed <= Training + HeldOut; seed++)
        {
            FeatureWindows table = FeatureWindows.Start($"sim{seed}", robot, out FeatureExtractor extractor);
            SimulationSummary summary = new Simulator(new SimulationConfig()).Run(seed, 120, (topic, _, log, _, data) => extractor.OnSerialized(extractor.SourceOfTopic(topic), data, log));
            table.Complete();
            tables.Add(table);
            minutes += 2;
            hits += table.Events.Count;
            output.WriteLine($"{table.Name}: {table.Events.Count} hits, {summary.Distance:F0} m, {table.Collision.Count(t => t == Truth.Hazard)} positive of {table.Collision.Count(t => t != Truth.Unknown)}");
        }

        (double[][] x, bool[] y, _) = Rows(tables.Take(Training));
        (double[][] heldX, bool[] heldY, double[] rule) = Rows(tables.Skip(Training));
        Standardise(x, heldX);
        double[] weights = Logistic.Fit(x, y, ridge: 100);
        double learned = Auroc([.. heldX.Select(row => Logistic.Score(weights, row))], heldY), ttc = Auroc(rule, heldY), share = (double)heldY.Count(p => p) / heldY.Length;
        double learnedPrecision = AveragePrecision([.. heldX.Select(row => Logistic.Score(weights, row))], heldY), rulePrecision = AveragePrecision(rule, heldY);
        output.WriteLine($"average precision: time-to-collision rule {rulePrecision:F3}, logistic regression {learnedPrecision:F3}");
        output.WriteLine($"hits per minute {hits / minutes:F2}; positives {share:P1}; held-out AUROC: time-to-collision rule {ttc:F3}, logistic regression {learned:F3}");

        Assert.All(tables, t => Assert.InRange(t.Events.Count, 0, 10));
        Assert.InRange(hits / minutes, 0.5, 2);
        Assert.InRange(share, 0.015, 0.08);
        Assert.InRange(ttc, 0.75, 0.93);
        Assert.InRange(learned, ttc + 0.01, 0.98);
    }

    private static (double[][] X, bool[] Y, double[] Rule) Rows(IEnumerable<FeatureWindows> tables)
    {
        var x = new List<double[]>();
        var y = new List<bool>();
        var rule = new List<double>();
        foreach (FeatureWindows t in tables)
        {
            for (int i = 0; i < t.Count; i++)
            {
                if (t.Collision[i] != Truth.Unknown)
                {
                    x.Add([.. t.Row(i).ToArray().Select(v => (double)v)]);
                    y.Add(t.Collision[i] == Truth.Hazard);
                    rule.Add(t.TtcScore[i]);
                }
            }
        }

        return ([.. x], [.. y], [.. rule]);
    }

    private static void Standardise(double[][] x, double[][] held)
    {
        for (int j = 0; j < x[0].Length; j++)
        {
            double mean = x.Average(r => r[j]), deviation = Math.Sqrt(x.Average(r => (r[j] - mean) * (r[j] - mean))) + 1e-9;
            foreach (double[] row in x.Concat(held))
            {
                row[j] = Math.Clamp((row[j] - mean) / deviation, -6, 6);
            }
        }
    }

    /// <summary>The Mann-Whitney statistic with ties at half.</summary>
    private static double Auroc(double[] score, bool[] truth)
    {
        int[] order = [.. Enumerable.Range(0, score.Length).OrderBy(i => score[i])];
        double ranks = 0;
        for (int i = 0; i < order.Length;)
        {
            int j = i;
            while (j < order.Length && score[order[j]] == score[order[i]])
            {
                j++;
            }

            ranks += order[i..j].Count(k => truth[k]) * ((i + 1 + j) / 2.0);
            i = j;
        }

        double positives = truth.Count(t => t), negatives = truth.Length - positives;
        return (ranks - (positives * (positives + 1) / 2)) / (positives * negatives);
    }

    /// <summary>The mean, over the positives, of the precision at each one's score; ties count as one threshold.</summary>
    private static double AveragePrecision(double[] score, bool[] truth)
    {
        int[] order = [.. Enumerable.Range(0, score.Length).OrderByDescending(i => score[i])];
        double sum = 0, hits = 0;
        for (int i = 0; i < order.Length;)
        {
            int j = i;
            while (j < order.Length && score[order[j]] == score[order[i]])
            {
                j++;
            }

            int fresh = order[i..j].Count(k => truth[k]);
            hits += fresh;
            sum += fresh * hits / j;
            i = j;
        }

        return sum / hits;
    }

    /// <summary>Ridge logistic regression by Newton's method; the last weight is the intercept.</summary>
    private static class Logistic
    {
        public static double Score(double[] w, double[] x)
        {
            double s = w[^1];
            for (int i = 0; i < x.Length; i++)
            {
                s += w[i] * x[i];
            }

            return s;
        }

        public static double[] Fit(double[][] x, bool[] y, double ridge)
        {
            int d = x[0].Length + 1;
            double[] w = new double[d], row = new double[d];
            row[^1] = 1;
            for (int iteration = 0; iteration < 8; iteration++)
            {
                double[][] h = [.. Enumerable.Range(0, d).Select(_ => new double[d + 1])];
                for (int n = 0; n < x.Length; n++)
                {
                    x[n].CopyTo(row, 0);
                    double p = 1 / (1 + Math.Exp(-Score(w, x[n]))), e = p - (y[n] ? 1 : 0), v = Math.Max(p * (1 - p), 1e-6);
                    for (int i = 0; i < d; i++)
                    {
                        h[i][d] += e * row[i];
                        for (int j = 0; j < d; j++)
                        {
                            h[i][j] += v * row[i] * row[j];
                        }
                    }
                }

                for (int i = 0; i < d; i++)
                {
                    h[i][i] += ridge;
                    h[i][d] += ridge * w[i];
                }

                for (int k = 0; k < d; k++)
                {
                    for (int i = 0; i < d; i++)
                    {
                        double f = i == k ? 0 : h[i][k] / h[k][k];
                        for (int j = k; j <= d && f != 0; j++)
                        {
                            h[i][j] -= f * h[k][j];
                        }
                    }
                }

                for (int i = 0; i < d; i++)
                {
                    w[i] -= h[i][d] / h[i][i];
                }
            }

            return w;
        }
    }
}
