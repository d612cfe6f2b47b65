using QDistill.Numerics;

namespace QDistill.Distillation.Teachers;

/// <summary>
/// A binary regression tree by exact greedy splits of least weighted squared error (Breiman et al., CART, 1984, ch. 8). On 0/1 targets that is the Gini criterion, so the same tree serves forests and
/// boosting. Nodes lie in arrays; node 0 is the root, a leaf has feature −1.
/// </summary>
/// <param name="Feature">Of each node: the feature it splits by, or −1.</param>
/// <param name="Threshold">Samples at or below it go left.</param>
/// <param name="Left">The left child; the right one follows as <paramref name="Right"/>.</param>
/// <param name="Right">The right child.</param>
/// <param name="Value">What a leaf says.</param>
internal sealed record DecisionTree(int[] Feature, double[] Threshold, int[] Left, int[] Right, double[] Value)
{
    /// <summary>How a tree grows.</summary>
    /// <param name="Depth">The most splits on the way to a leaf.</param>
    /// <param name="LeafSize">The least samples in a leaf.</param>
    /// <param name="FeaturesPerSplit">How many randomly chosen features each split may use; 0 for all.</param>
    public readonly record struct Growth(int Depth, int LeafSize, int FeaturesPerSplit);

    /// <summary>Grows a tree.</summary>
    /// <param name="x">Samples [n, d].</param>
    /// <param name="target">Targets [n].</param>
    /// <param name="weight">Sample weights [n]; those of weight 0 do not take part.</param>
    /// <param name="leaf">What a leaf of these samples says.</param>
    /// <param name="growth">How.</param>
    /// <param name="rng">Chooses features.</param>
    public static DecisionTree Grow(double[] x, double[] target, double[] weight, Func<int[], double> leaf, Growth growth, ref Philox rng)
    {
        int n = target.Length, d = x.Length / n;
        var builder = new Builder(x, target, weight, d, leaf, growth);
        builder.Add([.. Enumerable.Range(0, n).Where(i => weight[i] > 0)], 0, ref rng);
        return builder.Tree();
    }

    /// <summary>What the tree says of a sample.</summary>
    public double Predict(ReadOnlySpan<double> sample)
    {
        int node = 0;
        while (Feature[node] >= 0)
        {
            node = sample[Feature[node]] <= Threshold[node] ? Left[node] : Right[node];
        }

        return Value[node];
    }

    private sealed class Builder(double[] x, double[] target, double[] weight, int d, Func<int[], double> leaf, Growth growth)
    {
        private readonly List<(int Feature, double Threshold, int Left, int Right, double Value)> nodes = [];

        public DecisionTree Tree() => new([.. nodes.Select(n => n.Feature)], [.. nodes.Select(n => n.Threshold)], [.. nodes.Select(n => n.Left)], [.. nodes.Select(n => n.Right)], [.. nodes.Select(n => n.Value)]);

        public int Add(int[] samples, int depth, ref Philox rng)
        {
            int at = nodes.Count;
            nodes.Add((-1, 0, 0, 0, 0));
            if (depth >= growth.Depth || samples.Length < 2 * growth.LeafSize || Best(samples, ref rng) is not { } split)
            {
                nodes[at] = (-1, 0, 0, 0, leaf(samples));
                return at;
            }

            int left = Add([.. samples.Where(i => x[(i * d) + split.Feature] <= split.Threshold)], depth + 1, ref rng);
            int right = Add([.. samples.Where(i => x[(i * d) + split.Feature] > split.Threshold)], depth + 1, ref rng);
            nodes[at] = (split.Feature, split.Threshold, left, right, 0);
            return at;
        }

        /// <summary>The split that lowers the squared error most; null when none lowers it.</summary>
        private (int Feature, double Threshold)? Best(int[] samples, ref Philox rng)
        {
            int[] candidates = [.. Enumerable.Range(0, d)];
            if (growth.FeaturesPerSplit > 0 && growth.FeaturesPerSplit < d)
            {
                rng.Shuffle<int>(candidates);
                candidates = candidates[..growth.FeaturesPerSplit];
            }

            double total = 0, mass = 0;
            foreach (int i in samples)
            {
                total += weight[i] * target[i];
                mass += weight[i];
            }

            double best = (total * total / mass) + 1e-10;
            (int, double)? split = null;
            int[] order = new int[samples.Length];
            double[] keys = new double[samples.Length];
            foreach (int f in candidates)
            {
                for (int i = 0; i < samples.Length; i++)
                {
                    (order[i], keys[i]) = (samples[i], x[(samples[i] * d) + f]);
                }

                Array.Sort(keys, order);
                double left = 0, leftMass = 0;
                for (int i = 0; i + 1 < order.Length; i++)
                {
                    left += weight[order[i]] * target[order[i]];
                    leftMass += weight[order[i]];
                    if (keys[i] == keys[i + 1] || i + 1 < growth.LeafSize || order.Length - i - 1 < growth.LeafSize)
                    {
                        continue;
                    }

                    double right = total - left, score = (left * left / leftMass) + (right * right / (mass - leftMass));
                    // Splits of several features that part the samples alike differ by rounding alone: the first feature keeps it.
                    if (score > best + (1e-13 * mass))
                    {
                        // The middle, unless rounding puts it on the upper value.
                        double middle = (keys[i] / 2) + (keys[i + 1] / 2);
                        (best, split) = (score, (f, middle < keys[i + 1] ? middle : keys[i]));
                    }
                }
            }

            return split;
        }
    }
}
