namespace QDistill.Ros;

/// <summary>Counts samples that could not be read, and tells which are the first of their source, so that each source is logged once. Thread-safe.</summary>
internal sealed class MalformedSamples
{
    private const int RememberedSources = 256;

    private readonly HashSet<Gid> sources = [];
    private long count;

    public long Count => Interlocked.Read(ref count);

    /// <summary>Counts one.</summary>
    /// <returns>Whether it is the first of its source.</returns>
    public bool Add(Gid source)
    {
        Interlocked.Increment(ref count);
        return IsFirst(source);
    }

    /// <summary>Whether nothing of this source was seen before; it is from now on.</summary>
    public bool IsFirst(Gid source)
    {
        lock (sources)
        {
            return sources.Count < RememberedSources && sources.Add(source);
        }
    }
}
