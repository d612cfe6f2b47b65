using System.Globalization;
using QDistill.Msgs.TypeDescriptionInterfaces;

namespace QDistill.Ros;

/// <summary>Makes of a definition what <c>type_description_interfaces</c> carries: the structure whose canonical JSON the RIHS01 hash is taken of, and the texts behind it.</summary>
internal static class TypeDescriptions
{
    /// <summary>Fills the description of a type and of all types inside it.</summary>
    public static void Describe(MessageDefinition definition, TypeDescription description)
    {
        Describe(definition, description.TypeDescription_);
        description.ReferencedTypeDescriptions.Clear();
        foreach (MessageDefinition other in TypeDescriptionHash.Referenced(definition))
        {
            Describe(other, description.ReferencedTypeDescriptions.AddNew());
        }
    }

    /// <summary>
    /// Adds the text of a type and of all types inside it, in the description's order. Types that rosidl derives (a service's request, an action's services) are
    /// <c>implicit</c> and have none. As in rosidl's own tables, the last line's end is left out.
    /// </summary>
    public static void AddSources(MessageDefinition definition, Sequence<TypeSource> sources)
    {
        foreach (MessageDefinition one in TypeDescriptionHash.Referenced(definition).Prepend(definition))
        {
            TypeSource source = sources.AddNew();
            source.TypeName = one.Name;
            source.Encoding = one.Whole is null ? one.Name.Split('/')[1] : "implicit";
            source.RawFileContents = one.Whole is null ? one.Text.TrimEnd('\n') : string.Empty;
        }
    }

    /// <summary>A default as rosidl writes it, which is Python's <c>str</c>: <c>True</c>, <c>0.0</c>, <c>1e-05</c>, <c>(1, 2)</c>, and strings as they are.</summary>
    internal static string DefaultText(object? value) => value switch
    {
        null => string.Empty,
        string text => text,
        object[] { Length: 1 } one => $"({Literal(one[0])},)",
        object[] items => $"({string.Join(", ", items.Select(Literal))})",
        _ => Literal(value),
    };

    private static void Describe(MessageDefinition definition, IndividualTypeDescription description)
    {
        description.TypeName = definition.Name;
        description.Fields.Clear();
        foreach (FieldDefinition one in TypeDescriptionHash.Fields(definition))
        {
            Field field = description.Fields.AddNew();
            field.Name = one.Name;
            field.Type.TypeId = (byte)TypeDescriptionHash.TypeIdOf(one.Type);
            field.Type.Capacity = (ulong)one.Type.Capacity;
            field.Type.StringCapacity = (ulong)one.Type.StringBound;
            field.Type.NestedTypeName = one.Type.MessageName ?? string.Empty;
            field.DefaultValue = DefaultText(one.Default);
        }
    }

    private static string Literal(object value) => value switch
    {
        bool b => b ? "True" : "False",
        double d => Number(d),
        string s => "'" + s.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal) + "'",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
    };

    // Python's shortest form: plain between 1e-4 and 1e16, otherwise with an exponent of at least two digits.
    private static string Number(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        double size = Math.Abs(value);
        if (size is 0 or (>= 1e-4 and < 1e16))
        {
            string plain = value.ToString(size < 1e15 ? "R" : "F0", CultureInfo.InvariantCulture);
            return plain.Contains('.', StringComparison.Ordinal) ? plain : plain + ".0";
        }

        string[] parts = value.ToString("R", CultureInfo.InvariantCulture).Split('E');
        int exponent = int.Parse(parts[1], CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{parts[0]}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):D2}");
    }
}
