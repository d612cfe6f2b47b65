namespace QDistill.Bags;

/// <summary>One message as it was recorded. <see cref="Data"/> stays valid until the reader is asked for the next one.</summary>
public readonly ref struct BagMessage
{
    internal BagMessage(BagTopic topic, long logTime, long publishTime, ReadOnlySpan<byte> data)
    {
        Topic = topic;
        LogTime = logTime;
        PublishTime = publishTime;
        Data = data;
    }

    /// <summary>The topic; the same object for every message of it.</summary>
    public BagTopic Topic { get; }

    /// <summary>When the recorder received it [ns since the epoch].</summary>
    public long LogTime { get; }

    /// <summary>When it was published [ns since the epoch]; equal to <see cref="LogTime"/> where the storage does not keep it (sqlite3).</summary>
    public long PublishTime { get; }

    /// <summary>The serialized message with its 4-byte encapsulation header.</summary>
    public ReadOnlySpan<byte> Data { get; }
}
