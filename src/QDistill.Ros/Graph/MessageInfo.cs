namespace QDistill.Ros;

/// <summary>What came with a message.</summary>
/// <param name="SourceTimestamp">When it was published, ns since the Unix epoch.</param>
/// <param name="ReceptionTimestamp">When its bytes reached this process, ns since the Unix epoch.</param>
/// <param name="PublisherGid">Who published it; empty when the publisher had gone before it was ever seen.</param>
public readonly record struct MessageInfo(long SourceTimestamp, long ReceptionTimestamp, Gid PublisherGid)
{
    /// <summary>Whether the message was handed over within this process, without the middleware.</summary>
    public bool FromIntraProcess { get; init; }
}
