namespace QDistill.Ros;

/// <summary>Bytes that are not a valid message of their type, or a message that cannot be written. The message is one sentence.</summary>
public sealed class CdrException : Exception
{
    /// <summary>Creates the error; the message is put together from the parts that are known.</summary>
    /// <param name="reason">What is wrong, without a full stop.</param>
    /// <param name="offset">Bytes from the start of the payload (encapsulation header included), or -1.</param>
    /// <param name="type">The message type, or null.</param>
    /// <param name="field">The path of the field, or null.</param>
    public CdrException(string reason, int offset = -1, string? type = null, string? field = null)
        : base(Compose(reason, offset, type, field))
    {
        Reason = reason;
        Offset = offset;
        Type = type;
        Field = field;
    }

    /// <summary>What is wrong.</summary>
    public string Reason { get; }

    /// <summary>Bytes from the start of the payload (encapsulation header included), or -1 when unknown.</summary>
    public int Offset { get; }

    /// <summary>The message type, or null when unknown.</summary>
    public string? Type { get; }

    /// <summary>The path of the field, such as <c>transforms[3].header.frame_id</c>, or null when unknown.</summary>
    public string? Field { get; }

    private static string Compose(string reason, int offset, string? type, string? field) =>
        (type is null ? string.Empty : type + (field is null ? ": " : ", "))
        + (field is null ? string.Empty : $"field {field}: ")
        + reason
        + (offset < 0 ? "." : $" (byte {offset}).");
}
