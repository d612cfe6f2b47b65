namespace QDistill.Bags;

/// <summary>A topic of a bag that is being written.</summary>
public sealed class BagWriterTopic
{
    internal BagWriterTopic(BagWriter owner, ushort channel, string name, RecordedType type, IReadOnlyList<OfferedQoS> offeredQoS)
    {
        Owner = owner;
        Channel = channel;
        Name = name;
        Type = type;
        OfferedQoS = offeredQoS;
    }

    /// <summary>The topic's name.</summary>
    public string Name { get; }

    /// <summary>The topic's type.</summary>
    public RecordedType Type { get; }

    /// <summary>The QoS recorded with it.</summary>
    public IReadOnlyList<OfferedQoS> OfferedQoS { get; }

    /// <summary>How many messages the bag holds of it, those found by <see cref="BagWriter.Resume"/> included.</summary>
    public long MessageCount { get; internal set; }

    /// <summary>The latest log time among them [ns]; <see cref="long.MinValue"/> when there are none.</summary>
    public long LastLogTime { get; internal set; } = long.MinValue;

    internal BagWriter Owner { get; }

    internal ushort Channel { get; }
}
