namespace QDistill.Bags;

/// <summary>How a bag is written.</summary>
public sealed record BagWriteOptions
{
    /// <summary>The compression of the chunks.</summary>
    public BagCompression Compression { get; init; } = BagCompression.Zstd;

    /// <summary>zstd's level, 1 (fastest) to 22 (smallest).</summary>
    public int ZstdLevel { get; init; } = 1;

    /// <summary>A chunk is written to the file once it holds so many bytes, 1 KiB to 256 MiB. A killed process loses at most the open chunk.</summary>
    public int ChunkSize { get; init; } = 1 << 20;

    /// <summary>Whether a bag of that name, finished or not, is replaced; otherwise it is an error. The old bag stays until the new one is whole.</summary>
    public bool Overwrite { get; init; }

    /// <summary>The ROS distribution to name in the metadata; empty by default.</summary>
    public string RosDistro { get; init; } = string.Empty;
}
