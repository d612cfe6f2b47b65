namespace QDistill.Bags;

/// <summary>Which part of a bag to read, and how to meet damage.</summary>
public sealed record BagReadOptions
{
    /// <summary>The topics to read, by exact name; null = all. A name that the bag does not have selects nothing.</summary>
    public IReadOnlyCollection<string>? Topics { get; init; }

    /// <summary>The first log time to read [ns], inclusive.</summary>
    public long StartTime { get; init; } = long.MinValue;

    /// <summary>The last log time to read [ns], inclusive.</summary>
    public long EndTime { get; init; } = long.MaxValue;

    /// <summary>
    /// False (default): damage inside the data (a CRC that does not match, a chunk that cannot be decompressed, a malformed page) ends reading with an error.
    /// True: the damaged part is left out and named in <see cref="BagInfo.Warnings"/>. A cut-off end is never an error: what lies before is read, with a warning.
    /// </summary>
    public bool SkipDamaged { get; init; }

    /// <summary>Whether messages that are not CDR are read too (their bytes as they are); otherwise opening such a topic is an error.</summary>
    public bool AnySerializationFormat { get; init; }
}
