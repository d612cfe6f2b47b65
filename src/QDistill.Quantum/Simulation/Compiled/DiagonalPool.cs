namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>
/// The diagonals of one circuit that depend on weights alone, in one place for all threads: the first one that takes new weights builds them, the others read them. Threads so share what of them is in the cache.
/// </summary>
internal sealed class DiagonalPool : IDisposable
{
    private readonly Lock gate = new();
    private readonly List<Tables> all = [];
    private bool disposed;

    /// <summary>Gives back what was held and takes the tables of some weights.</summary>
    /// <param name="held">What was held before, or null.</param>
    /// <param name="weights">[p]</param>
    /// <param name="sizes">The bytes of every table; 0 for none.</param>
    /// <param name="build">Fills tables for these weights.</param>
    public Tables Exchange(Tables? held, ReadOnlySpan<double> weights, long[] sizes, Action<AlignedBuffer?[]> build)
    {
        lock (gate)
        {
            Tables? free = null;
            LetGo(held);
            foreach (Tables t in all)
            {
                if (weights.SequenceEqual(t.Weights))
                {
                    t.Users++;
                    return t;
                }

                free = t.Users == 0 ? t : free;
            }

            if (free is null)
            {
                free = new Tables(weights.Length, sizes);
                all.Add(free);
            }

            weights.CopyTo(free.Weights);
            build(free.Buffers);
            free.Users = 1;
            return free;
        }
    }

    /// <summary>Gives back what was held.</summary>
    public void Release(Tables? held)
    {
        lock (gate)
        {
            LetGo(held);
        }
    }

    /// <summary>Frees the tables that nobody holds; the others go when they are given back.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            foreach (Tables t in all)
            {
                if (t.Users == 0)
                {
                    t.Dispose();
                }
            }
        }
    }

    private void LetGo(Tables? held)
    {
        if (held is not null && --held.Users == 0 && disposed)
        {
            held.Dispose();
        }
    }

    /// <summary>The tables of one vector of weights.</summary>
    internal sealed class Tables : IDisposable
    {
        public Tables(int weightCount, long[] sizes)
        {
            Weights = new double[weightCount];
            Buffers = new AlignedBuffer?[sizes.Length];
            for (int s = 0; s < sizes.Length; s++)
            {
                Buffers[s] = sizes[s] > 0 ? new AlignedBuffer(sizes[s]) : null;
            }
        }

        public double[] Weights { get; }

        public AlignedBuffer?[] Buffers { get; }

        /// <summary>How many runners hold them.</summary>
        public int Users { get; set; }

        public void Dispose()
        {
            foreach (AlignedBuffer? b in Buffers)
            {
                b?.Dispose();
            }
        }
    }
}
