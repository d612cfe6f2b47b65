using System.Globalization;

namespace QDistill.Ros;

/// <summary>
/// A message whose type is known only from its definition: from a bag, or from supplied .msg text. Fields are reached by name or by path
/// (<c>pose.pose.position.x</c>, <c>ranges[3]</c>, <c>transforms[0].header.frame_id</c>). An instance may be read again and again; it reuses what it holds. For one
/// number of many messages, <see cref="FieldPath"/> is faster and allocates nothing.
/// </summary>
public sealed partial class DynamicMessage : IMessage
{
    // Single primitives are kept as bits; everything else is an object: string, DynamicMessage or Sequence<T>.
    private readonly long[] bits;
    private readonly object?[] objects;

    /// <summary>Creates an empty message with the definition's defaults.</summary>
    public DynamicMessage(MessageDefinition definition)
    {
        Definition = definition;
        bits = new long[definition.Fields.Count];
        objects = new object?[definition.Fields.Count];
        for (int i = 0; i < definition.Fields.Count; i++)
        {
            if (definition.Fields[i].Default is { } value)
            {
                SetField(i, value);
            }
        }
    }

    /// <summary>The message's structure.</summary>
    public MessageDefinition Definition { get; }

    /// <summary>Decodes a payload (encapsulation header included).</summary>
    /// <exception cref="CdrException">The bytes are not a message of this definition.</exception>
    public static DynamicMessage Deserialize(MessageDefinition definition, ReadOnlySpan<byte> payload)
    {
        var message = new DynamicMessage(definition);
        Cdr.Deserialize(payload, message);
        return message;
    }

    /// <inheritdoc/>
    public MessageType GetMessageType() => Definition.Type;

    /// <inheritdoc/>
    public void Read(ref CdrReader reader)
    {
        FieldDefinition[] fields = Definition.Members;
        if (fields.Length == 0)
        {
            reader.ReadEmptyStructure();
        }

        for (int i = 0; i < fields.Length; i++)
        {
            FieldType type = fields[i].Type;
            if (type.Array != ArrayKind.None)
            {
                ReadArray(i, type, ref reader);
                continue;
            }

            switch (type.Kind)
            {
                case FieldKind.String:
                    objects[i] = reader.ReadString((string?)objects[i], type.StringBound);
                    break;
                case FieldKind.WString:
                    objects[i] = reader.ReadWString((string?)objects[i], type.StringBound);
                    break;
                case FieldKind.Message:
                    Nested(i).Read(ref reader);
                    break;
                default:
                    bits[i] = DynamicScalar.Read(type.Kind, ref reader);
                    break;
            }
        }
    }

    /// <inheritdoc/>
    public void Write(ref CdrWriter writer)
    {
        FieldDefinition[] fields = Definition.Members;
        if (fields.Length == 0)
        {
            writer.WriteEmptyStructure();
        }

        for (int i = 0; i < fields.Length; i++)
        {
            FieldType type = fields[i].Type;
            if (type.Array != ArrayKind.None)
            {
                WriteArray(i, fields[i], ref writer);
                continue;
            }

            switch (type.Kind)
            {
                case FieldKind.String:
                    writer.Write((string?)objects[i], type.StringBound, fields[i].Name);
                    break;
                case FieldKind.WString:
                    writer.WriteWString((string?)objects[i], type.StringBound, fields[i].Name);
                    break;
                case FieldKind.Message:
                    Nested(i).Write(ref writer);
                    break;
                default:
                    DynamicScalar.Write(type.Kind, bits[i], ref writer);
                    break;
            }
        }
    }

    /// <summary>
    /// The value at a path: a boxed number or bool, a string, a <see cref="DynamicMessage"/>, or the <see cref="Sequence{T}"/> of an array or sequence (of the primitive's
    /// C# type, string or DynamicMessage).
    /// </summary>
    /// <exception cref="KeyNotFoundException">The message has no such field, or the index is out of range.</exception>
    public object Get(string path) => TryGet(path, out object? value) ? value! : throw new KeyNotFoundException($"{Definition.Name} has no '{path}'.");

    /// <summary>The value at a path; see <see cref="Get"/>.</summary>
    /// <returns>False when there is no such field or element.</returns>
    public bool TryGet(string path, out object? value)
    {
        value = null;
        return Find(path, out DynamicMessage owner, out int field, out int index) && (value = index < 0 ? owner.GetField(field) : owner.Element(field, index)) is not null;
    }

    /// <summary>A number (or a bool, as 0 or 1) at a path.</summary>
    /// <returns>False when there is no such field or element, or it is no number.</returns>
    public bool TryGetDouble(string path, out double value)
    {
        if (Find(path, out DynamicMessage owner, out int field, out int index) && owner.Definition.Members[field].Type is var type && type.Kind.IsPrimitive())
        {
            if (type.Array == ArrayKind.None)
            {
                value = DynamicScalar.ToDouble(type.Kind, owner.bits[field]);
                return true;
            }

            if (index >= 0 && owner.Element(field, index) is { } element)
            {
                value = Convert.ToDouble(element, CultureInfo.InvariantCulture);
                return true;
            }
        }

        value = 0;
        return false;
    }

    /// <summary>A string at a path.</summary>
    /// <returns>False when there is no such field or element, or it is no string.</returns>
    public bool TryGetString(string path, out string value)
    {
        value = TryGet(path, out object? found) && found is string text ? text : string.Empty;
        return found is string;
    }

    /// <summary>The value of a field by its index in the definition; see <see cref="Get"/>.</summary>
    public object GetField(int field)
    {
        FieldType type = Definition.Members[field].Type;
        return type.Array != ArrayKind.None ? Elements(field)
            : type.Kind == FieldKind.Message ? Nested(field)
            : type.Kind.IsPrimitive() ? DynamicScalar.Box(type.Kind, bits[field])
            : objects[field] ?? string.Empty;
    }

    /// <summary>Sets the value at a path; numbers are converted to the field's type, arrays take any enumerable.</summary>
    /// <exception cref="KeyNotFoundException">The message has no such field, or the index is out of range.</exception>
    /// <exception cref="ArgumentException">The value does not fit the field.</exception>
    public void Set(string path, object value)
    {
        if (!Find(path, out DynamicMessage owner, out int field, out int index))
        {
            throw new KeyNotFoundException($"{Definition.Name} has no '{path}'.");
        }

        try
        {
            if (index < 0)
            {
                owner.SetField(field, value);
            }
            else
            {
                owner.SetElement(field, index, value);
            }
        }
        catch (Exception e) when (e is InvalidCastException or FormatException or OverflowException)
        {
            throw new ArgumentException($"the value does not fit field '{path}' ({owner.Definition.Members[field].Type}) of {Definition.Name}", nameof(value), e);
        }
    }

    private void SetField(int field, object value)
    {
        FieldType type = Definition.Members[field].Type;
        if (type.Array != ArrayKind.None)
        {
            SetElements(field, (System.Collections.IEnumerable)value);
        }
        else if (type.Kind == FieldKind.Message)
        {
            objects[field] = OfType(type, value);
        }
        else if (type.Kind.IsPrimitive())
        {
            bits[field] = DynamicScalar.FromObject(type.Kind, value);
        }
        else
        {
            objects[field] = (string)value;
        }
    }

    private static DynamicMessage OfType(FieldType type, object value) => value is DynamicMessage m && m.Definition.Name == type.MessageName
        ? m
        : throw new InvalidCastException($"the value is not a {type.MessageName}");

    private DynamicMessage Nested(int field) =>
        (DynamicMessage)(objects[field] ??= new DynamicMessage(Definition.Members[field].Type.Message!));

    // Follows the path to the message that owns its last field; index is that of the last step, or -1.
    private bool Find(string path, out DynamicMessage owner, out int field, out int index)
    {
        owner = this;
        field = -1;
        index = -1;
        ReadOnlySpan<char> rest = path;
        while (FieldPathStep.TryTake(ref rest, out ReadOnlySpan<char> name, out index))
        {
            field = owner.Definition.IndexOf(name);
            if (field < 0 || (index >= 0 && owner.Definition.Members[field].Type.Array == ArrayKind.None))
            {
                return false;
            }

            if (rest.IsEmpty)
            {
                return true;
            }

            if ((index < 0 ? owner.GetField(field) : owner.Element(field, index)) is not DynamicMessage next)
            {
                return false;
            }

            owner = next;
        }

        return false;
    }
}
