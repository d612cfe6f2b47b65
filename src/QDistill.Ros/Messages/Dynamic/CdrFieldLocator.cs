using System.Text;
using QDistill.Configuration;

namespace QDistill.Ros;

/// <summary>Names the field at which a payload stops being valid. Runs only after a failure, so that the generated readers need not keep track.</summary>
internal static class CdrFieldLocator
{
    /// <summary>The path of the field, or null when the payload fails before the first field, or nowhere.</summary>
    public static string? Locate(MessageType type, ReadOnlySpan<byte> payload)
    {
        var path = new StringBuilder();
        try
        {
            MessageDefinition structure = type.Structure;
            var reader = new CdrReader(payload);
            Walk(structure, ref reader, path);
            return null;
        }
        catch (CdrException)
        {
            return path.Length > 0 ? path.ToString() : null;
        }
        catch (UserErrorException)
        {
            return null;
        }
    }

    private static void Walk(MessageDefinition definition, ref CdrReader reader, StringBuilder path)
    {
        if (definition.Fields.Count == 0)
        {
            reader.ReadEmptyStructure();
            return;
        }

        int length = path.Length;
        foreach (FieldDefinition field in definition.Fields)
        {
            path.Append(length > 0 ? "." : string.Empty).Append(field.Name);
            Field(field.Type, ref reader, path);
            path.Length = length;
        }
    }

    private static void Field(FieldType type, ref CdrReader reader, StringBuilder path)
    {
        int size = type.Kind.PrimitiveSize();
        int count = type.Array switch
        {
            ArrayKind.None => 1,
            ArrayKind.Fixed => type.Capacity,
            ArrayKind.BoundedSequence => reader.ReadCount(MinimumSize(type), type.Capacity),
            _ => reader.ReadCount(MinimumSize(type)),
        };
        if (size > 0)
        {
            reader.Skip(count, size);
            return;
        }

        int length = path.Length;
        for (int i = 0; i < count; i++)
        {
            if (type.Array != ArrayKind.None)
            {
                path.Append('[').Append(i).Append(']');
            }

            switch (type.Kind)
            {
                case FieldKind.String:
                    reader.ReadStringBytes(type.StringBound);
                    break;
                case FieldKind.WString:
                    reader.SkipWString(type.StringBound);
                    break;
                default:
                    Walk(type.Message!, ref reader, path);
                    break;
            }

            path.Length = length;
        }
    }

    private static int MinimumSize(FieldType type) => type.Kind == FieldKind.Message ? 1 : type.Kind.IsPrimitive() ? type.Kind.PrimitiveSize() : 4;
}
