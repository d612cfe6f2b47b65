namespace QDistill.Ros;

/// <summary>Serialization of whole messages.</summary>
public static class Cdr
{
    [ThreadStatic]
    private static CdrBuffer? scratch;

    /// <summary>Encodes a message into a new array (encapsulation header included).</summary>
    /// <exception cref="CdrException">A string or sequence exceeds its bound.</exception>
    public static byte[] Serialize(IMessage message) => SerializeInPassing(message).ToArray();

    /// <summary>Encodes a message into a buffer that is reused, and returns the bytes; they are valid until the buffer is written again.</summary>
    /// <exception cref="CdrException">A string or sequence exceeds its bound.</exception>
    public static ReadOnlySpan<byte> Serialize(IMessage message, CdrBuffer buffer)
    {
        var writer = new CdrWriter(buffer);
        try
        {
            message.Write(ref writer);
        }
        catch (CdrException e) when (e.Type is null)
        {
            throw new CdrException(e.Reason, e.Offset, message.GetMessageType().Name, e.Field);
        }

        return writer.Complete();
    }

    /// <summary>Encodes a message into a buffer of the calling thread; the bytes are valid until that thread serializes again.</summary>
    /// <exception cref="CdrException">A string or sequence exceeds its bound.</exception>
    internal static ReadOnlySpan<byte> SerializeInPassing(IMessage message) => Serialize(message, scratch ??= new CdrBuffer());

    /// <summary>Decodes a payload (encapsulation header included) into an existing message, reusing what it holds.</summary>
    /// <exception cref="CdrException">The bytes are not a message of this type; type, field and offset are named. The message is then half overwritten.</exception>
    public static void Deserialize(ReadOnlySpan<byte> payloadWithEncapsulation, IMessage into)
    {
        try
        {
            var reader = new CdrReader(payloadWithEncapsulation);
            into.Read(ref reader);
        }
        catch (CdrException e) when (e.Type is null)
        {
            MessageType type = into.GetMessageType();
            throw new CdrException(e.Reason, e.Offset, type.Name, CdrFieldLocator.Locate(type, payloadWithEncapsulation));
        }
    }

    /// <summary>Decodes a payload into a new message.</summary>
    /// <exception cref="CdrException">The bytes are not a message of this type.</exception>
    public static T Deserialize<T>(ReadOnlySpan<byte> payloadWithEncapsulation)
        where T : class, IMessage<T>, new()
    {
        var message = new T();
        Deserialize(payloadWithEncapsulation, message);
        return message;
    }
}
