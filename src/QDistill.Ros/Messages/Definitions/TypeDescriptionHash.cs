using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace QDistill.Ros;

/// <summary>
/// The RIHS01 hash of REP 2016: SHA-256 over the type description in canonical JSON (one line, <c>", "</c> and <c>": "</c> as separators, no
/// defaults, referenced types sorted by name).
/// </summary>
internal static class TypeDescriptionHash
{
    // type_description_interfaces/msg/FieldType numbers the kinds; arrays, bounded and unbounded sequences are offset by these.
    private const int ArrayOffset = 48;
    private const int BoundedSequenceOffset = 96;
    private const int SequenceOffset = 144;

    private static readonly FieldDefinition[] Filler = [new("structure_needs_at_least_one_member", new FieldType(FieldKind.UInt8))];

    public static string Of(MessageDefinition definition) =>
        "RIHS01_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Json(definition))));

    public static string Json(MessageDefinition definition)
    {
        var json = new StringBuilder("{\"type_description\": ");
        AppendIndividual(definition, json);
        json.Append(", \"referenced_type_descriptions\": [");
        string separator = string.Empty;
        foreach (MessageDefinition other in Referenced(definition))
        {
            json.Append(separator);
            AppendIndividual(other, json);
            separator = ", ";
        }

        return json.Append("]}").ToString();
    }

    /// <summary>The types inside, directly or not, each once and sorted by name.</summary>
    public static IReadOnlyCollection<MessageDefinition> Referenced(MessageDefinition definition)
    {
        var referenced = new SortedDictionary<string, MessageDefinition>(StringComparer.Ordinal);
        Collect(definition, referenced);
        return referenced.Values;
    }

    /// <summary>The fields as described: rosidl gives an empty structure one octet, on the wire and in its description.</summary>
    public static IReadOnlyList<FieldDefinition> Fields(MessageDefinition definition) => definition.Fields.Count > 0 ? definition.Fields : Filler;

    /// <summary>The number of a field's type in type_description_interfaces/msg/FieldType.</summary>
    public static int TypeIdOf(FieldType type) => TypeId(type) + type.Array switch
    {
        ArrayKind.Fixed => ArrayOffset,
        ArrayKind.BoundedSequence => BoundedSequenceOffset,
        ArrayKind.Sequence => SequenceOffset,
        _ => 0,
    };

    private static void Collect(MessageDefinition definition, SortedDictionary<string, MessageDefinition> found)
    {
        foreach (FieldDefinition field in definition.Fields)
        {
            if (field.Type.Message is { } message && found.TryAdd(message.Name, message))
            {
                Collect(message, found);
            }
        }
    }

    private static void AppendIndividual(MessageDefinition definition, StringBuilder json)
    {
        json.Append("{\"type_name\": \"").Append(definition.Name).Append("\", \"fields\": [");
        IReadOnlyList<FieldDefinition> fields = Fields(definition);
        for (int i = 0; i < fields.Count; i++)
        {
            FieldType type = fields[i].Type;
            json.Append(i > 0 ? ", " : string.Empty);
            AppendField(fields[i].Name, TypeIdOf(type), type.Capacity, type.StringBound, type.MessageName ?? string.Empty, json);
        }

        json.Append("]}");
    }

    private static void AppendField(string name, int id, int capacity, int stringCapacity, string nested, StringBuilder json) => json.Append(
        CultureInfo.InvariantCulture,
        $"{{\"name\": \"{name}\", \"type\": {{\"type_id\": {id}, \"capacity\": {capacity}, \"string_capacity\": {stringCapacity}, \"nested_type_name\": \"{nested}\"}}}}");

    private static int TypeId(FieldType type) => type.Kind switch
    {
        FieldKind.Message => 1,
        FieldKind.Int8 => 2,
        FieldKind.UInt8 or FieldKind.Char => 3, // .msg's char is IDL's uint8
        FieldKind.Int16 => 4,
        FieldKind.UInt16 => 5,
        FieldKind.Int32 => 6,
        FieldKind.UInt32 => 7,
        FieldKind.Int64 => 8,
        FieldKind.UInt64 => 9,
        FieldKind.Float32 => 10,
        FieldKind.Float64 => 11,
        FieldKind.Bool => 15,
        FieldKind.Byte => 16,
        FieldKind.String => type.StringBound > 0 ? 21 : 17,
        FieldKind.WString => type.StringBound > 0 ? 22 : 18,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type.Kind, "not a field kind"),
    };
}
