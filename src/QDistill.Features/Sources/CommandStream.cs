namespace QDistill.Features;

/// <summary>One velocity command.</summary>
internal struct CommandRecord
{
    public double Vx, Wz;
}

/// <summary>The command in force: the last one received, until its time-out.</summary>
internal sealed class CommandStream(SourceConfig config) : SourceStream<CommandRecord>(config)
{
    public double Linear { get; private set; }

    public double Angular { get; private set; }

    public void OnRecord(long stampNs, in CommandRecord record) => Enqueue(stampNs, record);

    protected override bool Take(long stampNs, in CommandRecord r)
    {
        if (!double.IsFinite(r.Vx + r.Wz))
        {
            return false;
        }

        (Linear, Angular) = (r.Vx, r.Wz);
        return true;
    }

    protected override void Forget() => (Linear, Angular) = (0, 0);
}
