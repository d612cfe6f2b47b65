using QDistill.Metrics;
using QDistill.Numerics;

namespace QDistill.Distillation.Teachers;

/// <summary>
/// A sum of trees for one output. Boosted: logit = base + rate · Σ trees, each grown on the residuals y − p with Newton leaf values Σ w(y − p)/Σ w p(1 − p) (Friedman, Ann. Statist. 29, 1189 (2001),
/// algorithm 5). Forest: each tree on a bootstrap sample with ⌊√d⌋ random features a split; the mean of their leaves' hazard shares (Breiman, Mach. Learn. 45, 5 (2001)).
/// </summary>
/// <param name="Forest">Whether trees are averaged probabilities.</param>
/// <param name="Base">The logit before any tree.</param>
/// <param name="Rate">What every tree's value is multiplied by.</param>
/// <param name="Trees">The trees.</param>
internal sealed record TreeModel(bool Forest, double Base, double Rate, IReadOnlyList<DecisionTree> Trees)
{
    /// <summary>Grows a boosted model.</summary>
    public static TreeModel Boost(double[] x, bool[] y, double[] weight, int trees, double rate, DecisionTree.Growth growth, ulong seed)
    {
        int n = y.Length, d = x.Length / n;
        double mass = weight.Sum(), positive = Enumerable.Range(0, n).Sum(i => y[i] ? weight[i] : 0), p0 = Math.Clamp(positive / mass, 1e-6, 1 - 1e-6), start = Math.Log(p0 / (1 - p0));
        var grown = new List<DecisionTree>();
        double[] f = new double[n], residual = new double[n], p = new double[n];
        Array.Fill(f, start);
        var rng = new Philox(seed, 0x424F_4F53); // "BOOS"
        for (int t = 0; t < trees && !y.All(v => v == y[0]); t++)
        {
            for (int i = 0; i < n; i++)
            {
                p[i] = Logit.Sigmoid(f[i]);
                residual[i] = (y[i] ? 1 : 0) - p[i];
            }

            DecisionTree tree = DecisionTree.Grow(x, residual, weight, Newton, growth, ref rng);
            grown.Add(tree);
            for (int i = 0; i < n; i++)
            {
                f[i] += rate * tree.Predict(x.AsSpan(i * d, d));
            }
        }

        return new TreeModel(false, start, rate, grown);

        double Newton(int[] samples)
        {
            double numerator = 0, denominator = 0;
            foreach (int i in samples)
            {
                numerator += weight[i] * residual[i];
                denominator += weight[i] * p[i] * (1 - p[i]);
            }

            return denominator < 1e-150 ? 0 : numerator / denominator;
        }
    }

    /// <summary>Grows a forest.</summary>
    public static TreeModel Bag(double[] x, bool[] y, double[] weight, int trees, DecisionTree.Growth growth, ulong seed)
    {
        int n = y.Length;
        double[] target = [.. y.Select(v => v ? 1.0 : 0.0)];
        var grown = new DecisionTree[trees];
        for (int t = 0; t < trees; t++)
        {
            var rng = new Philox(seed, 0x464F_5245 + ((ulong)t << 32)); // "FORE"
            double[] drawn = new double[n];
            for (int i = 0; i < n; i++)
            {
                int at = rng.NextInt(n);
                drawn[at] += weight[at];
            }

            grown[t] = DecisionTree.Grow(x, target, drawn, samples =>
            {
                double mass = samples.Sum(i => drawn[i]);
                return samples.Sum(i => drawn[i] * target[i]) / mass;
            }, growth, ref rng);
        }

        return new TreeModel(true, 0, 1, grown);
    }

    /// <summary>The logit of one sample; a forest's share is kept half a vote away from 0 and 1.</summary>
    public double Logit1(ReadOnlySpan<double> sample)
    {
        double sum = 0;
        foreach (DecisionTree tree in Trees)
        {
            sum += tree.Predict(sample);
        }

        if (!Forest)
        {
            return Base + (Rate * sum);
        }

        double p = (sum + 0.5) / (Trees.Count + 1);
        return Math.Log(p / (1 - p));
    }
}
