namespace QDistill.Features;

/// <summary>Whether a contact source reports contact.</summary>
internal struct ContactRecord
{
    public bool Pressed;
}

/// <summary>The state of one contact source and when it last reported contact.</summary>
internal sealed class ContactStream(SourceConfig config) : SourceStream<ContactRecord>(config)
{
    public bool Pressed { get; private set; }

    /// <summary>The stamp of the last message that reported contact [ns]; <see cref="long.MinValue"/> when none has.</summary>
    public long LastPressedNs { get; private set; } = long.MinValue;

    public void OnRecord(long stampNs, in ContactRecord record) => Enqueue(stampNs, record);

    protected override bool Take(long stampNs, in ContactRecord r)
    {
        Pressed = r.Pressed;
        if (Pressed)
        {
            LastPressedNs = stampNs;
        }

        return true;
    }

    protected override void Forget()
    {
        Pressed = false;
        LastPressedNs = long.MinValue;
    }
}
