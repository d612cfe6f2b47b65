namespace QDistill.Ros;

/// <summary>
/// Reads payloads of one version of a type into messages of another: an old bag's into the classes compiled in today. Fields are matched by name; numbers are converted,
/// a field that the payload lacks gets its default, and one that the target lacks is dropped. Not thread-safe.
/// </summary>
public sealed class MessageConverter
{
    private readonly DynamicMessage? source;
    private readonly MessageDefinition target;
    private readonly CdrBuffer buffer = new();

    /// <summary>Prepares reading payloads of <paramref name="from"/> into messages of <paramref name="to"/>.</summary>
    /// <param name="from">The definition that the payloads follow, such as a bag's.</param>
    /// <param name="to">The definition of the messages to fill.</param>
    public MessageConverter(MessageDefinition from, MessageDefinition to)
    {
        target = to;
        source = from.Hash == to.Hash ? null : new DynamicMessage(from);
    }

    /// <summary>False when both definitions have the same hash: payloads are then read directly, at full speed.</summary>
    public bool IsNeeded => source is not null;

    /// <summary>Decodes a payload into a message of the target type.</summary>
    /// <exception cref="CdrException">The bytes are not a message of the source definition.</exception>
    public void Deserialize(ReadOnlySpan<byte> payload, IMessage into)
    {
        if (source is null)
        {
            Cdr.Deserialize(payload, into);
            return;
        }

        Cdr.Deserialize(payload, source);
        var converted = new DynamicMessage(target); // fresh, so that what is not copied is the default and not the last message's
        Copy(source, converted);
        Cdr.Deserialize(Cdr.Serialize(converted, buffer), into);
    }

    private static void Copy(DynamicMessage from, DynamicMessage to)
    {
        for (int i = 0; i < to.Definition.Fields.Count; i++)
        {
            FieldDefinition field = to.Definition.Fields[i];
            int other = from.Definition.IndexOf(field.Name);
            if (other < 0)
            {
                continue; // keeps the default
            }

            FieldType a = from.Definition.Fields[other].Type, b = field.Type;
            if (a.Array == ArrayKind.None != (b.Array == ArrayKind.None) || Family(a.Kind) != Family(b.Kind))
            {
                continue;
            }

            object value = from.GetField(other);
            if (b.Kind != FieldKind.Message)
            {
                CopyValues(value, to, field);
            }
            else if (b.Array == ArrayKind.None)
            {
                Copy((DynamicMessage)value, (DynamicMessage)to.GetField(i));
            }
            else
            {
                CopyMessages((Sequence<DynamicMessage>)value, (Sequence<DynamicMessage>)to.GetField(i), b);
            }
        }
    }

    private static void CopyMessages(Sequence<DynamicMessage> from, Sequence<DynamicMessage> to, FieldType type)
    {
        int count = type.Array == ArrayKind.Sequence ? from.Count : Math.Min(from.Count, type.Capacity);
        to.Resize(type.Array == ArrayKind.Fixed ? type.Capacity : count);
        for (int i = 0; i < count; i++)
        {
            Copy(from[i], to[i]);
        }
    }

    private static void CopyValues(object value, DynamicMessage to, FieldDefinition field)
    {
        try
        {
            if (field.Type.Array == ArrayKind.Fixed && ((ISequence)value).Count != field.Type.Capacity)
            {
                return;
            }

            to.Set(field.Name, value);
        }
        catch (ArgumentException)
        {
            // A number that the narrower field cannot hold, or more elements than its bound: the default stays, as for a missing field.
        }
    }

    private static int Family(FieldKind kind) => kind switch
    {
        FieldKind.Message => 2,
        FieldKind.String or FieldKind.WString => 1,
        _ => 0,
    };
}
