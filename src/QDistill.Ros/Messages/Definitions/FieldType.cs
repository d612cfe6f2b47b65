namespace QDistill.Ros;

/// <summary>The type of a field: element kind, array kind and bounds.</summary>
public sealed class FieldType
{
    internal FieldType(FieldKind kind, string? messageName = null, int stringBound = 0, ArrayKind array = ArrayKind.None, int capacity = 0)
    {
        Kind = kind;
        MessageName = messageName;
        StringBound = stringBound;
        Array = array;
        Capacity = capacity;
    }

    /// <summary>The element kind.</summary>
    public FieldKind Kind { get; }

    /// <summary>The full name (<c>std_msgs/msg/Header</c>) of the element's message type; null unless <see cref="Kind"/> is Message.</summary>
    public string? MessageName { get; internal set; }

    /// <summary>The definition of the element's message type; null unless <see cref="Kind"/> is Message.</summary>
    public MessageDefinition? Message { get; internal set; }

    /// <summary>The most bytes (string) or UTF-16 units (wstring) an element may have; 0 when unbounded.</summary>
    public int StringBound { get; }

    /// <summary>Single value, fixed array or sequence.</summary>
    public ArrayKind Array { get; }

    /// <summary>The length of a fixed array or the bound of a bounded sequence; 0 otherwise.</summary>
    public int Capacity { get; }

    /// <summary>The type as written in a .msg file, with the full name of a message type.</summary>
    public override string ToString()
    {
        string element = Kind == FieldKind.Message ? MessageName! : Kind.RosName() + (StringBound > 0 ? "<=" + StringBound : string.Empty);
        return Array switch
        {
            ArrayKind.Fixed => $"{element}[{Capacity}]",
            ArrayKind.BoundedSequence => $"{element}[<={Capacity}]",
            ArrayKind.Sequence => element + "[]",
            _ => element,
        };
    }
}

/// <summary>One field of a message.</summary>
public sealed class FieldDefinition
{
    internal FieldDefinition(string name, FieldType type, object? defaultValue = null)
    {
        Name = name;
        Type = type;
        Default = defaultValue;
    }

    /// <summary>The field's name as in the .msg file.</summary>
    public string Name { get; }

    /// <summary>The field's type.</summary>
    public FieldType Type { get; }

    /// <summary>
    /// The default from the .msg file: bool, long, ulong, double or string, an object[] of these for arrays, or null when none is given
    /// (then zero, empty or false).
    /// </summary>
    public object? Default { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Name}";
}

/// <summary>One constant of a message.</summary>
public sealed class ConstantDefinition
{
    internal ConstantDefinition(string name, FieldKind kind, object value)
    {
        Name = name;
        Kind = kind;
        Value = value;
    }

    /// <summary>The constant's name as in the .msg file.</summary>
    public string Name { get; }

    /// <summary>A primitive kind or string.</summary>
    public FieldKind Kind { get; }

    /// <summary>bool, long, ulong, double or string.</summary>
    public object Value { get; }
}
