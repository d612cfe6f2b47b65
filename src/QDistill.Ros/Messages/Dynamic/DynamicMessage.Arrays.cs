using System.Collections;

namespace QDistill.Ros;

/// <content>Arrays and sequences of dynamic messages.</content>
public sealed partial class DynamicMessage
{
    private void ReadArray(int field, FieldType type, ref CdrReader reader)
    {
        if (type.Array == ArrayKind.Fixed)
        {
            // Before memory is taken: a definition may name an absurd length.
            reader.Require(type.Capacity, Math.Max(1, type.Kind.PrimitiveSize()));
        }

        object elements = Elements(field);
        bool isFixed = type.Array == ArrayKind.Fixed;
        switch (type.Kind)
        {
            case FieldKind.Bool:
                Read((Sequence<bool>)elements, isFixed, ref reader);
                break;
            case FieldKind.Byte or FieldKind.Char or FieldKind.UInt8:
                Read((Sequence<byte>)elements, isFixed, ref reader);
                break;
            case FieldKind.Int8:
                Read((Sequence<sbyte>)elements, isFixed, ref reader);
                break;
            case FieldKind.Int16:
                Read((Sequence<short>)elements, isFixed, ref reader);
                break;
            case FieldKind.UInt16:
                Read((Sequence<ushort>)elements, isFixed, ref reader);
                break;
            case FieldKind.Int32:
                Read((Sequence<int>)elements, isFixed, ref reader);
                break;
            case FieldKind.UInt32:
                Read((Sequence<uint>)elements, isFixed, ref reader);
                break;
            case FieldKind.Int64:
                Read((Sequence<long>)elements, isFixed, ref reader);
                break;
            case FieldKind.UInt64:
                Read((Sequence<ulong>)elements, isFixed, ref reader);
                break;
            case FieldKind.Float32:
                Read((Sequence<float>)elements, isFixed, ref reader);
                break;
            case FieldKind.Float64:
                Read((Sequence<double>)elements, isFixed, ref reader);
                break;
            case FieldKind.Message when isFixed:
                foreach (DynamicMessage one in (Sequence<DynamicMessage>)elements)
                {
                    one.Read(ref reader);
                }

                break;
            case FieldKind.Message:
                reader.ReadMessages((Sequence<DynamicMessage>)elements);
                break;
            case FieldKind.String when isFixed:
                foreach (ref string one in (Sequence<string>)elements)
                {
                    one = reader.ReadString(one, type.StringBound);
                }

                break;
            case FieldKind.String:
                reader.ReadStrings((Sequence<string>)elements, type.StringBound);
                break;
            case FieldKind.WString when isFixed:
                foreach (ref string one in (Sequence<string>)elements)
                {
                    one = reader.ReadWString(one, type.StringBound);
                }

                break;
            case FieldKind.WString:
                reader.ReadWStrings((Sequence<string>)elements, type.StringBound);
                break;
        }

        static void Read<T>(Sequence<T> elements, bool isFixed, ref CdrReader reader)
            where T : unmanaged
        {
            if (isFixed)
            {
                reader.Read(elements.Span);
            }
            else
            {
                reader.Read(elements);
            }
        }
    }

    private void WriteArray(int field, FieldDefinition definition, ref CdrWriter writer)
    {
        FieldType type = definition.Type;
        object elements = Elements(field);
        bool isFixed = type.Array == ArrayKind.Fixed;
        if (isFixed && Count(elements) != type.Capacity)
        {
            throw new CdrException($"the array has {Count(elements)} elements instead of {type.Capacity}", -1, null, definition.Name);
        }

        switch (type.Kind)
        {
            case FieldKind.Bool:
                Write((Sequence<bool>)elements, isFixed, ref writer);
                break;
            case FieldKind.Byte or FieldKind.Char or FieldKind.UInt8:
                Write((Sequence<byte>)elements, isFixed, ref writer);
                break;
            case FieldKind.Int8:
                Write((Sequence<sbyte>)elements, isFixed, ref writer);
                break;
            case FieldKind.Int16:
                Write((Sequence<short>)elements, isFixed, ref writer);
                break;
            case FieldKind.UInt16:
                Write((Sequence<ushort>)elements, isFixed, ref writer);
                break;
            case FieldKind.Int32:
                Write((Sequence<int>)elements, isFixed, ref writer);
                break;
            case FieldKind.UInt32:
                Write((Sequence<uint>)elements, isFixed, ref writer);
                break;
            case FieldKind.Int64:
                Write((Sequence<long>)elements, isFixed, ref writer);
                break;
            case FieldKind.UInt64:
                Write((Sequence<ulong>)elements, isFixed, ref writer);
                break;
            case FieldKind.Float32:
                Write((Sequence<float>)elements, isFixed, ref writer);
                break;
            case FieldKind.Float64:
                Write((Sequence<double>)elements, isFixed, ref writer);
                break;
            case FieldKind.Message:
                var messages = (Sequence<DynamicMessage>)elements;
                WriteCount(messages.Count, isFixed, ref writer);
                foreach (DynamicMessage one in messages)
                {
                    one.Write(ref writer);
                }

                break;
            default:
                var strings = (Sequence<string>)elements;
                WriteCount(strings.Count, isFixed, ref writer);
                foreach (string one in strings)
                {
                    if (type.Kind == FieldKind.String)
                    {
                        writer.Write(one, type.StringBound, definition.Name);
                    }
                    else
                    {
                        writer.WriteWString(one, type.StringBound, definition.Name);
                    }
                }

                break;
        }

        static void Write<T>(Sequence<T> elements, bool isFixed, ref CdrWriter writer)
            where T : unmanaged
        {
            WriteCount(elements.Count, isFixed, ref writer);
            writer.Write((ReadOnlySpan<T>)elements.Span);
        }

        static void WriteCount(int count, bool isFixed, ref CdrWriter writer)
        {
            if (!isFixed)
            {
                writer.Write(count);
            }
        }
    }

    // The Sequence<T> of an array field, made at its first use and, for a fixed array, of its full length.
    private object Elements(int field) => objects[field] ??= MakeElements(Definition.Members[field].Type);

    private static object MakeElements(FieldType type)
    {
        return type.Kind switch
        {
            FieldKind.Bool => Make<bool>(type),
            FieldKind.Byte or FieldKind.Char or FieldKind.UInt8 => Make<byte>(type),
            FieldKind.Int8 => Make<sbyte>(type),
            FieldKind.Int16 => Make<short>(type),
            FieldKind.UInt16 => Make<ushort>(type),
            FieldKind.Int32 => Make<int>(type),
            FieldKind.UInt32 => Make<uint>(type),
            FieldKind.Int64 => Make<long>(type),
            FieldKind.UInt64 => Make<ulong>(type),
            FieldKind.Float32 => Make<float>(type),
            FieldKind.Float64 => Make<double>(type),
            FieldKind.Message => Make(type, () => new DynamicMessage(type.Message!)),
            _ => Make(type, static () => string.Empty),
        };

        static Sequence<T> Make<T>(FieldType type, Func<T>? create = null)
        {
            var elements = new Sequence<T>(type.Array == ArrayKind.Sequence ? int.MaxValue : type.Capacity, create);
            elements.Resize(type.Array == ArrayKind.Fixed ? type.Capacity : 0);
            return elements;
        }
    }

    private object? Element(int field, int index)
    {
        var elements = (ISequence)Elements(field);
        return index < elements.Count ? elements.GetBoxed(index) : null;
    }

    private void SetElement(int field, int index, object value)
    {
        var elements = (ISequence)Elements(field);
        if (index >= elements.Count)
        {
            throw new KeyNotFoundException($"field '{Definition.Members[field].Name}' of {Definition.Name} has {elements.Count} elements, none of index {index}");
        }

        elements.SetBoxed(index, Converted(Definition.Members[field].Type, value));
    }

    private void SetElements(int field, IEnumerable values)
    {
        FieldType type = Definition.Members[field].Type;
        var elements = (ISequence)Elements(field);
        object[] converted = [.. values.Cast<object>().Select(v => Converted(type, v))];
        if (type.Array == ArrayKind.Fixed && converted.Length != type.Capacity)
        {
            throw new InvalidCastException($"{converted.Length} elements were given for {type}");
        }

        elements.Resize(converted.Length);
        for (int i = 0; i < converted.Length; i++)
        {
            elements.SetBoxed(i, converted[i]);
        }
    }

    private static object Converted(FieldType type, object value) =>
        type.Kind == FieldKind.Message ? OfType(type, value)
        : type.Kind.IsPrimitive() ? DynamicScalar.Box(type.Kind, DynamicScalar.FromObject(type.Kind, value))
        : (string)value;

    private static int Count(object elements) => ((ISequence)elements).Count;
}
