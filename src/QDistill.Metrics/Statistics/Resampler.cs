using QDistill.Numerics;

namespace QDistill.Metrics;

/// <summary>Draws how often each of n windows occurs in a resample: windows, whole groups, or blocks.</summary>
internal sealed class Resampler
{
    private readonly int n;
    private readonly ulong seed;
    private readonly int[][]? groups;
    private readonly int[]? runEnd; // exclusive end of the run of consecutive windows of one group that holds window i
    private readonly int blockLength;

    public Resampler(int n, BootstrapOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Resamples, "options.Resamples");
        ArgumentOutOfRangeException.ThrowIfNegative(options.BlockLength, "options.BlockLength");
        if (!(options.Confidence is > 0 and < 1))
        {
            throw new ArgumentException("options.Confidence must lie between 0 and 1");
        }

        if (options.Groups is { } g && g.Count != n)
        {
            throw new ArgumentException($"there are {n} windows but {g.Count} group ids");
        }

        (this.n, seed, blockLength) = (n, options.Seed, options.BlockLength);
        if (blockLength > 1)
        {
            runEnd = new int[n];
            for (int i = n - 1; i >= 0; i--)
            {
                bool ends = i == n - 1 || (options.Groups is { } ids && ids[i] != ids[i + 1]);
                runEnd[i] = ends ? i + 1 : runEnd[i + 1];
            }
        }
        else if (options.Groups is { } ids)
        {
            groups = [.. Enumerable.Range(0, n).GroupBy(i => ids[i]).Select(members => members.ToArray())];
        }
    }

    /// <summary>Fills the counts of resample number <paramref name="resample"/>.</summary>
    public void Draw(int resample, Span<int> counts)
    {
        counts.Clear();
        var rng = new Philox(seed, (ulong)resample);
        if (groups is not null)
        {
            for (int k = 0; k < groups.Length; k++)
            {
                foreach (int i in groups[rng.NextInt(groups.Length)])
                {
                    counts[i]++;
                }
            }
        }
        else if (runEnd is not null)
        {
            for (int drawn = 0; drawn < n;)
            {
                // A start near the end of its run is moved back so that the block is whole where the run allows; every window can occur.
                int start = rng.NextInt(n);
                int end = Math.Min(start + blockLength, runEnd[start]);
                for (; end - start < blockLength && start > 0 && runEnd[start - 1] == runEnd[start]; start--)
                {
                }

                for (int i = start; i < end && drawn < n; i++, drawn++)
                {
                    counts[i]++;
                }
            }
        }
        else
        {
            for (int k = 0; k < n; k++)
            {
                counts[rng.NextInt(n)]++;
            }
        }
    }
}
