namespace QDistill.Quantum;

/// <summary>Draws measurement outcomes from exact probabilities by Walker's alias method (Vose 1991): O(2^n) to prepare, O(1) a shot.</summary>
internal sealed class OutcomeSampler(int outcomes)
{
    private readonly double[] share = new double[outcomes];
    private readonly ulong[] table = new ulong[outcomes];   // the share kept, in 2^−32, above the alias
    private readonly int[] alias = new int[outcomes];
    private readonly int[] stack = new int[outcomes];
    private readonly uint[] numbers = new uint[1024];

    /// <summary>
    /// Counts the outcomes of independent shots. Each takes one 32-bit number: its product with 2^n gives the bin above and the fraction below the point, so that
    /// probabilities are kept to 2^−32.
    /// </summary>
    /// <param name="probabilities">[2^n], at least 0; they are normalised here.</param>
    /// <param name="shots">The number of shots.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="stream">The sample's own stream.</param>
    /// <param name="counts">Receives [2^n].</param>
    public void Sample(ReadOnlySpan<double> probabilities, int shots, ulong seed, ulong stream, Span<int> counts)
    {
        Prepare(probabilities);
        counts.Clear();
        for (int done = 0; done < shots; done += numbers.Length)
        {
            Span<uint> some = numbers.AsSpan(0, Math.Min(numbers.Length, shots - done));
            PhiloxBlocks.Fill(seed, stream, (ulong)done / 4, some);
            foreach (uint u in some)
            {
                ulong product = (ulong)u * (uint)outcomes;
                int bin = (int)(product >> 32);
                ulong entry = table[bin];
                int other = (int)entry;

                // All ones where the fraction lies in the share kept: a branch would be mispredicted every few shots.
                int keep = (int)(((long)(uint)product - (long)(entry >> 32)) >> 63);
                counts[other ^ ((bin ^ other) & keep)]++;
            }
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
            share[i] = probabilities[i] / sum * outcomes;
            if (share[i] < 1)
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
            share[l] -= 1 - share[s];
            if (share[l] < 1)
            {
                large++;
                stack[small++] = l;
            }
        }

        // What rounding left over is full.
        while (small > 0)
        {
            share[stack[--small]] = 1;
        }

        while (large < outcomes)
        {
            share[stack[large++]] = 1;
        }

        for (int i = 0; i < outcomes; i++)
        {
            if (share[i] >= 1)
            {
                alias[i] = i;
            }

            table[i] = ((ulong)Math.Min(uint.MaxValue, share[i] * 4294967296.0) << 32) | (uint)alias[i];
        }
    }
}
