namespace QDistill.Features;

/// <summary>
/// The messages of one source on their way into features. Messages wait in stamp order until a vector is formed; only those stamped at or before its
/// time are then taken in, so that a vector never depends on anything later, in whatever order messages arrive.
/// </summary>
internal abstract class SourceStream(SourceConfig config)
{
    // A source whose messages wait longer than this beyond the last vector (dead trigger, wild stamps) is taken in early; until time has caught up it is invalid.
    internal const long WaitingSpanNs = 10_000_000_000;

    public SourceConfig Config { get; } = config;

    public long TimeoutNs { get; } = (long)(config.Timeout * 1e9);

    /// <summary>The stamp of the last message taken in [ns].</summary>
    public long LastNs { get; private protected set; } = long.MinValue;

    /// <summary>Whether a message has been taken in.</summary>
    public bool Seen => LastNs != long.MinValue;

    /// <summary>Whether the last message taken in was fit for use (finite, within the gates).</summary>
    public bool Good { get; private protected set; }

    /// <summary>Whether the source counts at the time of the last <see cref="AdvanceTo"/>.</summary>
    public bool Fresh { get; private set; }

    /// <summary>Messages dropped because a later one had been taken in already.</summary>
    public long LateCount { get; private protected set; }

    /// <summary>Messages refused as unusable.</summary>
    public long RejectedCount { get; private protected set; }

    /// <summary>Takes in everything stamped at or before <paramref name="tNs"/>, in stamp order.</summary>
    public void AdvanceTo(long tNs)
    {
        TakeUntil(tNs);
        Fresh = Seen && Good && LastNs <= tNs && tNs - LastNs <= TimeoutNs;
    }

    /// <summary>Forgets everything but the counters.</summary>
    public void Reset()
    {
        LastNs = long.MinValue;
        Good = Fresh = false;
        Clear();
    }

    private protected abstract void TakeUntil(long tNs);

    private protected abstract void Clear();
}

/// <summary>A stream of one kind of record. Records are classes that are reused or structs that are copied; neither allocates once the queue has grown.</summary>
internal abstract class SourceStream<TRecord>(SourceConfig config) : SourceStream(config)
    where TRecord : new()
{
    private readonly bool recordsAreReused = !typeof(TRecord).IsValueType;
    private (long Stamp, TRecord Record)[] waiting = [];
    private int count;

    /// <summary>The slot in which the next message is decoded.</summary>
    protected TRecord NextSlot()
    {
        if (count == waiting.Length)
        {
            int old = waiting.Length;
            Array.Resize(ref waiting, Math.Max(4, 2 * old));
            for (int i = old; i < waiting.Length; i++)
            {
                waiting[i].Record = new TRecord();
            }
        }

        return waiting[count].Record;
    }

    /// <summary>Queues a record that was decoded into <see cref="NextSlot"/> (classes) or is given by value (structs).</summary>
    protected void Enqueue(long stampNs, in TRecord record)
    {
        if (stampNs < LastNs)
        {
            LateCount++;
            return;
        }

        NextSlot();
        TRecord spare = waiting[count].Record;
        int at = count;
        while (at > 0 && waiting[at - 1].Stamp > stampNs)
        {
            waiting[at] = waiting[at - 1];
            at--;
        }

        waiting[at] = (stampNs, recordsAreReused ? spare : record);
        count++;
        if (waiting[count - 1].Stamp - waiting[0].Stamp > WaitingSpanNs)
        {
            TakeUntil(waiting[count - 1].Stamp - WaitingSpanNs);
        }
    }

    private protected override void TakeUntil(long tNs)
    {
        int taken = 0;
        while (taken < count && waiting[taken].Stamp <= tNs)
        {
            long stamp = waiting[taken].Stamp;
            Good = Take(stamp, in waiting[taken].Record);
            if (!Good)
            {
                RejectedCount++;
            }

            LastNs = stamp;
            taken++;
        }

        if (taken == 0)
        {
            return;
        }

        // What was taken goes behind what still waits, so that class records can be used again.
        for (int i = taken; i < count; i++)
        {
            (waiting[i - taken], waiting[i]) = (waiting[i], waiting[i - taken]);
        }

        count -= taken;
    }

    private protected override void Clear()
    {
        count = 0;
        Forget();
    }

    /// <summary>Takes one record in; <see cref="SourceStream.LastNs"/> is still that of the record before. Returns whether it is fit for use.</summary>
    protected abstract bool Take(long stampNs, in TRecord record);

    /// <summary>Forgets what earlier records left behind.</summary>
    protected abstract void Forget();

    /// <summary>The time since the record before [s], or 0 when there is none, the gap exceeds the time-out, or both have the same stamp.</summary>
    protected double SinceLast(long stampNs) => Seen && stampNs > LastNs && stampNs - LastNs <= TimeoutNs ? (stampNs - LastNs) * 1e-9 : 0;
}
