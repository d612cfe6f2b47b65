namespace QDistill.Ros;

/// <summary>
/// Messages handed over to one subscription: copies in reused instances, the last <paramref name="depth"/> of them. It allocates only until it has held as many
/// messages at once as it ever will.
/// </summary>
internal sealed class IntraProcessQueue<T>(int depth, MessagePool<T> pool)
    where T : class, IMessage<T>, new()
{
    private readonly Lock gate = new();
    private Entry[] ring = new Entry[Math.Min(depth, 4)];
    private int first;
    private int count;

    public void Enqueue(T message, in MessageInfo info, long expires)
    {
        T copy = pool.Rent();
        copy.CopyFrom(message);
        T? dropped = null;
        lock (gate)
        {
            if (count == depth)
            {
                dropped = Pop().Message;
            }
            else if (count == ring.Length)
            {
                Grow();
            }

            ring[(first + count++) % ring.Length] = new Entry(copy, info, expires);
        }

        if (dropped is not null)
        {
            pool.Return(dropped);
        }
    }

    /// <summary>Takes the oldest message that has not outlived its lifespan; give it back to the pool after use.</summary>
    public bool TryDequeue(out Entry entry, out bool more)
    {
        while (true)
        {
            lock (gate)
            {
                entry = count > 0 ? Pop() : default;
                more = count > 0;
            }

            if (entry.Message is null || !entry.IsExpired)
            {
                return entry.Message is not null;
            }

            pool.Return(entry.Message);
        }
    }

    /// <summary>Hands every message that has not outlived its lifespan, oldest first, to another queue.</summary>
    public void CopyTo(IntraProcessQueue<T> other)
    {
        lock (gate)
        {
            for (int i = 0; i < count; i++)
            {
                ref Entry entry = ref ring[(first + i) % ring.Length];
                if (!entry.IsExpired)
                {
                    other.Enqueue(entry.Message!, in entry.Info, entry.Expires);
                }
            }
        }
    }

    private Entry Pop()
    {
        Entry entry = ring[first];
        ring[first] = default;
        first = (first + 1) % ring.Length;
        count--;
        return entry;
    }

    private void Grow()
    {
        var larger = new Entry[(int)Math.Min(ring.Length * 2L, depth)];
        for (int i = 0; i < count; i++)
        {
            larger[i] = ring[(first + i) % ring.Length];
        }

        ring = larger;
        first = 0;
    }

    /// <summary>A message with what came with it; <see cref="Message"/> is null in an empty entry.</summary>
    internal readonly struct Entry(T message, in MessageInfo info, long expires)
    {
        public readonly T? Message = message;
        public readonly MessageInfo Info = info;
        public readonly long Expires = expires;

        public bool IsExpired => Expires != long.MaxValue && Clock.SystemNow > Expires;
    }
}
