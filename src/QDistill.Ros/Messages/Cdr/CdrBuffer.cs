using System.Diagnostics.CodeAnalysis;

namespace QDistill.Ros;

/// <summary>A growable buffer for one encoded message, meant to be reused: it grows to the largest message and then allocates no more. Not thread-safe.</summary>
public sealed class CdrBuffer
{
    // Room for one more primitive and its padding is always kept, so that the writer checks once per value.
    internal const int Slack = 16;

    private byte[] bytes;

    /// <summary>Creates an empty buffer.</summary>
    /// <param name="capacity">Bytes to hold before the first growth.</param>
    public CdrBuffer(int capacity = 256) => bytes = new byte[Math.Max(capacity, CdrReader.HeaderSize) + Slack];

    /// <summary>The bytes written, encapsulation header included.</summary>
    public int Length { get; internal set; }

    /// <summary>The bytes written; valid until the buffer is written again.</summary>
    public ReadOnlySpan<byte> Span => bytes.AsSpan(0, Length);

    /// <summary>The bytes written; valid until the buffer is written again.</summary>
    public ReadOnlyMemory<byte> Memory => bytes.AsMemory(0, Length);

    internal Span<byte> All => bytes;

    internal Span<byte> Grow(int used, long needed)
    {
        long size = Math.Max(needed + Slack, bytes.Length * 2L);
        if (needed + Slack > Array.MaxLength)
        {
            ThrowTooLarge(needed);
        }

        byte[] larger = GC.AllocateUninitializedArray<byte>((int)Math.Min(size, Array.MaxLength));
        bytes.AsSpan(0, used).CopyTo(larger);
        return bytes = larger;
    }

    [DoesNotReturn]
    private static void ThrowTooLarge(long needed) => throw new CdrException($"the message needs {needed} bytes, more than one buffer can hold");
}
