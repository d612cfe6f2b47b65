using QDistill.Distillation.Data;

namespace QDistill.Distillation.Teachers;

/// <summary>
/// Chooses the few features a small circuit can take: greedy maximum relevance, minimum redundancy (Peng, Long, Ding, TPAMI 2005), with the absolute
/// rank-biserial correlation |2·AUROC − 1| to the labelled collision truth as relevance and the mean absolute Pearson correlation to those already
/// chosen as redundancy.
/// </summary>
public static class FeatureRanking
{
    /// <summary>Indices of the chosen features, best first.</summary>
    /// <param name="z">Normalised features [n, d] of the labelled windows.</param>
    /// <param name="hazard">Their collision truth [n].</param>
    /// <param name="d">Number of features.</param>
    /// <param name="count">How many to choose.</param>
    public static int[] Choose(float[] z, bool[] hazard, int d, int count)
    {
        double[] relevance = new double[d];
        for (int j = 0; j < d; j++)
        {
            relevance[j] = Relevance(z, hazard, d, j);
        }

        var chosen = new List<int>();
        double[] redundancy = new double[d];
        while (chosen.Count < Math.Min(count, d))
        {
            int best = -1;
            double bestScore = double.NegativeInfinity;
            for (int j = 0; j < d; j++)
            {
                double score = relevance[j] - (chosen.Count == 0 ? 0 : redundancy[j] / chosen.Count);
                if (score > bestScore && !chosen.Contains(j))
                {
                    (best, bestScore) = (j, score);
                }
            }

            chosen.Add(best);
            for (int j = 0; j < d; j++)
            {
                redundancy[j] += Math.Abs(Correlation(z, d, best, j));
            }
        }

        return [.. chosen];
    }

    private static double Relevance(float[] z, bool[] hazard, int d, int j)
    {
        int n = hazard.Length;
        int[] order = [.. Enumerable.Range(0, n).OrderBy(i => z[(i * d) + j])];
        double rankSum = 0;
        long positives = hazard.Count(h => h);
        for (int i = 0; i < n;)
        {
            int end = i + 1;
            while (end < n && z[(order[end] * d) + j] == z[(order[i] * d) + j])
            {
                end++;
            }

            double midrank = (i + end + 1) / 2.0;
            for (; i < end; i++)
            {
                rankSum += hazard[order[i]] ? midrank : 0;
            }
        }

        double pairs = (double)positives * (n - positives);
        return pairs == 0 ? 0 : Math.Abs((2 * (rankSum - (positives * (positives + 1) / 2.0)) / pairs) - 1);
    }

    private static double Correlation(float[] z, int d, int a, int b)
    {
        int n = z.Length / d;
        double sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
        for (int i = 0; i < n; i++)
        {
            double x = z[(i * d) + a], y = z[(i * d) + b];
            sa += x;
            sb += y;
            saa += x * x;
            sbb += y * y;
            sab += x * y;
        }

        double variance = (saa - (sa * sa / n)) * (sbb - (sb * sb / n));
        return variance <= 1e-12 ? 0 : (sab - (sa * sb / n)) / Math.Sqrt(variance);
    }
}
