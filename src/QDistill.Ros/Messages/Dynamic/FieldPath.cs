using QDistill.Configuration;

namespace QDistill.Ros;

/// <summary>
/// One field of a message type, compiled to the jumps that lead to it, so that it is read straight from encoded messages without decoding the rest and without
/// allocation. Immutable; thread-safe.
/// </summary>
public sealed class FieldPath
{
    private readonly CdrLayout.Step[] skips;
    private readonly FieldType type;

    private FieldPath(MessageDefinition definition, string path, CdrLayout.Step[] skips, FieldType type)
    {
        Definition = definition;
        Path = path;
        this.skips = skips;
        this.type = type;
    }

    /// <summary>The message type that the path starts from.</summary>
    public MessageDefinition Definition { get; }

    /// <summary>The path as given.</summary>
    public string Path { get; }

    /// <summary>The kind of the value at the path.</summary>
    public FieldKind Kind => type.Kind;

    /// <summary>Compiles a path such as <c>pose.pose.position.x</c>, <c>ranges[0]</c> or <c>transforms[1].header.frame_id</c>.</summary>
    /// <param name="definition">The type to start from; <c>MessageType.Structure</c> of a generated class will do.</param>
    /// <param name="path">Field names joined by dots; each step into an array needs its index in square brackets.</param>
    /// <exception cref="UserErrorException">There is no such field, or the path does not end at a number, a bool or a string.</exception>
    public static FieldPath Compile(MessageDefinition definition, string path)
    {
        var skips = new List<CdrLayout.Step>();
        MessageDefinition at = definition;
        ReadOnlySpan<char> rest = path;
        while (FieldPathStep.TryTake(ref rest, out ReadOnlySpan<char> name, out int index))
        {
            int field = at.IndexOf(name);
            if (field < 0)
            {
                throw new UserErrorException(
                    $"{at.Name} has no field '{name}'", $"path '{path}'", "its fields are " + string.Join(", ", at.Fields.Select(f => f.Name)));
            }

            CdrLayout.AddFields(at, 0, field, skips);
            FieldType type = at.Fields[field].Type;
            if (type.Array == ArrayKind.None != index < 0)
            {
                throw new UserErrorException(
                    $"field '{name}' of {at.Name} is {(index < 0 ? "an array and needs an index" : "no array and takes no index")}", $"path '{path}'");
            }

            if (index >= 0)
            {
                if (type.Array == ArrayKind.Fixed && index >= type.Capacity)
                {
                    throw new UserErrorException($"the index {index} is beyond {type}", $"path '{path}'");
                }

                skips.Add(CdrLayout.Into(type, index));
            }

            if (type.Kind != FieldKind.Message && rest.IsEmpty)
            {
                return new FieldPath(definition, path, [.. skips], type);
            }

            if (type.Kind != FieldKind.Message || rest.IsEmpty)
            {
                throw new UserErrorException(
                    type.Kind == FieldKind.Message ? $"'{name}' is a message; name one of its fields" : $"field '{name}' has no fields inside", $"path '{path}'");
            }

            at = type.Message!;
        }

        throw new UserErrorException("the path is not of the form field.field[0].field", $"path '{path}'");
    }

    /// <summary>Reads a number (or a bool, as 0 or 1) from an encoded message.</summary>
    /// <param name="payload">The message with its encapsulation header.</param>
    /// <param name="value">The value; 64-bit integers are rounded to double.</param>
    /// <returns>False when a sequence on the way is too short, or the field is a string.</returns>
    /// <exception cref="CdrException">The bytes before the field are not valid.</exception>
    public bool TryReadDouble(ReadOnlySpan<byte> payload, out double value)
    {
        var reader = new CdrReader(payload);
        if (!type.Kind.IsPrimitive() || !CdrLayout.Skip(skips, ref reader))
        {
            value = 0;
            return false;
        }

        value = DynamicScalar.ToDouble(type.Kind, DynamicScalar.Read(type.Kind, ref reader));
        return true;
    }

    /// <summary>Reads an integer (or a bool, as 0 or 1) from an encoded message, without rounding.</summary>
    /// <param name="payload">The message with its encapsulation header.</param>
    /// <param name="value">The value; a uint64 above <see cref="long.MaxValue"/> wraps.</param>
    /// <returns>False when a sequence on the way is too short, or the field is no integer.</returns>
    /// <exception cref="CdrException">The bytes before the field are not valid.</exception>
    public bool TryReadInt64(ReadOnlySpan<byte> payload, out long value)
    {
        var reader = new CdrReader(payload);
        if (!type.Kind.IsPrimitive() || type.Kind is FieldKind.Float32 or FieldKind.Float64 || !CdrLayout.Skip(skips, ref reader))
        {
            value = 0;
            return false;
        }

        value = DynamicScalar.Read(type.Kind, ref reader);
        return true;
    }

    /// <summary>Reads a string from an encoded message.</summary>
    /// <param name="payload">The message with its encapsulation header.</param>
    /// <param name="old">Returned when it equals the string read; then nothing is allocated.</param>
    /// <param name="value">The text.</param>
    /// <returns>False when a sequence on the way is too short, or the field is no string.</returns>
    /// <exception cref="CdrException">The bytes before the field are not valid.</exception>
    public bool TryReadString(ReadOnlySpan<byte> payload, string? old, out string value)
    {
        var reader = new CdrReader(payload);
        if (type.Kind is not (FieldKind.String or FieldKind.WString) || !CdrLayout.Skip(skips, ref reader))
        {
            value = string.Empty;
            return false;
        }

        value = type.Kind == FieldKind.String ? reader.ReadString(old) : reader.ReadWString(old);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Definition.Name}:{Path}";
}
