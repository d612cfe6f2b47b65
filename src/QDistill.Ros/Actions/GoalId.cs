using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using QDistill.Msgs.UniqueIdentifierMsgs;

namespace QDistill.Ros;

/// <summary>The UUID of a goal, chosen by the client that sends it.</summary>
public readonly record struct GoalId
{
    private const int Size = 16;
    private readonly UInt128 value;

    private GoalId(UInt128 value) => this.value = value;

    /// <summary>All zeros: in a cancel request it stands for no goal in particular.</summary>
    public static GoalId Zero => default;

    /// <summary>A random one (RFC 4122, version 4), as rclpy makes.</summary>
    public static GoalId New()
    {
        Span<byte> bytes = stackalloc byte[Size];
        Guid.NewGuid().TryWriteBytes(bytes, bigEndian: true, out _);
        return From(bytes);
    }

    /// <summary>From 16 bytes in the order of the message.</summary>
    public static GoalId From(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    /// <summary>From the message.</summary>
    public static GoalId From(UUID message) => From(message.Uuid);

    /// <summary>From 32 hexadecimal digits, with or without dashes.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out GoalId id)
    {
        id = default;
        if (!Guid.TryParse(text, out Guid guid))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[Size];
        guid.TryWriteBytes(bytes, bigEndian: true, out _);
        id = From(bytes);
        return true;
    }

    /// <summary>Into the message.</summary>
    public void CopyTo(UUID message) => BinaryPrimitives.WriteUInt128BigEndian(message.Uuid, value);

    /// <summary>32 hexadecimal digits, as <c>ros2 action send_goal</c> prints it.</summary>
    public override string ToString() => value.ToString("x32", System.Globalization.CultureInfo.InvariantCulture);
}
