using QDistill.Numerics;

namespace QDistill.Quantum;

/// <summary>Draws measurement outcomes from exact probabilities by Walker's alias method (Vose 1991): O(2^n) to prepare, O(1) a shot.</summary>
internal sealed class OutcomeSampler(int outcomes)
{
    private readonly double[] keep = new double[outcomes];
    private readonly int[] alias = new int[outcomes];
    private readonly int[] stack = new int[outcomes];

    /// <summary>Counts the outcomes of independent shots.</summary>
    /// <param name="probabilities">[2^n], at least 0; they are normalised here.</param>
    /// <param name="shots">The number of shots.</param>
    /// <param name="random">The sample's own stream.</param>
    /// <param name="counts">Receives [2^n].</param>
    public void Sample(ReadOnlySpan<double> probabilities, int shots, ref Philox random, Span<int> counts)
    {
        Prepare(probabilities);
        counts.Clear();
        for (int s = 0; s < shots; s++)
        {
            // One 64-bit number gives bin and fraction: 2^n bins leave 53 − n bits to the fraction.
            double u = random.NextDouble() * outcomes;
            int bin = (int)u;
            counts[u - bin < keep[bin] ? bin : alias[bin]]++;
        }
    }

    private void Prepare(ReadOnlySpan<double> probabilities)
    {
        double sum = 0;
        foreach (double p in probabilities)
        {
            sum += p;
        }

        int small = 0, large = outcomes;
        for (int i = 0; i < outcomes; i++)
        {
            keep[i] = probabilities[i] / sum * outcomes;
            if (keep[i] < 1)
            {
                stack[small++] = i;
            }
            else
            {
                stack[--large] = i;
            }
        }

        while (small > 0 && large < outcomes)
        {
            int s = stack[--small], l = stack[large];
            alias[s] = l;
            keep[l] -= 1 - keep[s];
            if (keep[l] < 1)
            {
                large++;
                stack[small++] = l;
            }
        }

        // What rounding left over is full.
        while (small > 0)
        {
            keep[stack[--small]] = 1;
        }

        while (large < outcomes)
        {
            keep[stack[large++]] = 1;
        }
    }
}
