namespace QDistill.Bags.Mcap;

/// <summary>Which parts of MCAP a writer makes; the defaults are what bags are written with.</summary>
internal sealed record McapWriterOptions
{
    public bool Chunks { get; init; } = true;

    public bool MessageIndex { get; init; } = true;

    public bool ChunkIndex { get; init; } = true;

    public bool AttachmentIndex { get; init; } = true;

    public bool MetadataIndex { get; init; } = true;

    public bool Statistics { get; init; } = true;

    public bool RepeatSchemas { get; init; } = true;

    public bool RepeatChannels { get; init; } = true;

    public bool SummaryOffsets { get; init; } = true;

    public BagCompression Compression { get; init; } = BagCompression.Zstd;

    public int ZstdLevel { get; init; } = 1;

    /// <summary>A chunk is written once it holds so many bytes.</summary>
    public int ChunkSize { get; init; } = 1 << 20;
}
