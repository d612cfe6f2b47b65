namespace QDistill.Bags.Mcap;

/// <summary>
/// A stretch of records that is read as one: a chunk, or (with <see cref="IsPlain"/>) messages that stand outside chunks.
/// Its times bound those of its messages.
/// </summary>
internal sealed class McapChunkEntry
{
    /// <summary>Where the record (or the first of the plain records) starts in the file.</summary>
    public required long Offset { get; init; }

    /// <summary>Where the stored records start in the file.</summary>
    public required long RecordsOffset { get; init; }

    /// <summary>How many bytes of stored records there are; of a cut-off chunk only what the file still holds.</summary>
    public required long StoredSize { get; set; }

    /// <summary>The size of the records once decompressed, as declared.</summary>
    public required long Size { get; set; }

    public required long StartTime { get; set; }

    public required long EndTime { get; set; }

    public string Compression { get; init; } = string.Empty;

    public uint Crc { get; init; }

    /// <summary>Messages outside chunks.</summary>
    public bool IsPlain { get; init; }

    /// <summary>The file ends within it: whole messages are taken, the rest is let go, and nothing can be checked.</summary>
    public bool IsCutOff { get; init; }

    /// <summary>The channels it has messages of, when an index says so.</summary>
    public ushort[]? Channels { get; init; }

    public string Describe() => IsPlain ? $"the records at bytes {Offset} to {Offset + StoredSize}" : $"the chunk at byte {Offset}";
}
