namespace QDistill.Bags;

/// <summary>How a written bag's chunks are compressed.</summary>
public enum BagCompression
{
    /// <summary>Not at all: fastest to read, largest.</summary>
    None,

    /// <summary>Zstandard frames: small, and fast to read.</summary>
    Zstd,

    /// <summary>LZ4 frames: less small, fastest to write.</summary>
    Lz4,
}
