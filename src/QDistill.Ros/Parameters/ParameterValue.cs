using RclParameterValue = QDistill.Msgs.RclInterfaces.ParameterValue;

namespace QDistill.Ros;

/// <summary>The types of a parameter, with rcl_interfaces' numbers.</summary>
public enum ParameterType
{
    /// <summary>No value.</summary>
    NotSet = 0,

    /// <summary>true or false.</summary>
    Bool = 1,

    /// <summary>A 64-bit integer.</summary>
    Integer = 2,

    /// <summary>A double.</summary>
    Double = 3,

    /// <summary>A text.</summary>
    String = 4,

    /// <summary>Bytes.</summary>
    ByteArray = 5,

    /// <summary>Booleans.</summary>
    BoolArray = 6,

    /// <summary>64-bit integers.</summary>
    IntegerArray = 7,

    /// <summary>Doubles.</summary>
    DoubleArray = 8,

    /// <summary>Texts.</summary>
    StringArray = 9,
}

/// <summary>A parameter's value. Immutable: do not change an array that was given to or got from it.</summary>
public sealed class ParameterValue
{
    /// <summary>No value.</summary>
    public static readonly ParameterValue NotSet = new(ParameterType.NotSet, null);

    private ParameterValue(ParameterType type, object? value) => (Type, Value) = (type, value);

    /// <summary>The type.</summary>
    public ParameterType Type { get; }

    /// <summary>bool, long, double, string, an array of these or of bytes; null when not set.</summary>
    public object? Value { get; }

    /// <summary>A bool.</summary>
    public static implicit operator ParameterValue(bool value) => new(ParameterType.Bool, value);

    /// <summary>An integer.</summary>
    public static implicit operator ParameterValue(long value) => new(ParameterType.Integer, value);

    /// <summary>A double.</summary>
    public static implicit operator ParameterValue(double value) => new(ParameterType.Double, value);

    /// <summary>A text.</summary>
    public static implicit operator ParameterValue(string value) => new(ParameterType.String, value);

    /// <summary>Bytes.</summary>
    public static implicit operator ParameterValue(byte[] value) => new(ParameterType.ByteArray, value);

    /// <summary>Booleans.</summary>
    public static implicit operator ParameterValue(bool[] value) => new(ParameterType.BoolArray, value);

    /// <summary>Integers.</summary>
    public static implicit operator ParameterValue(long[] value) => new(ParameterType.IntegerArray, value);

    /// <summary>Doubles.</summary>
    public static implicit operator ParameterValue(double[] value) => new(ParameterType.DoubleArray, value);

    /// <summary>Texts.</summary>
    public static implicit operator ParameterValue(string[] value) => new(ParameterType.StringArray, value);

    /// <summary>The name of a type in ROS's messages, such as <c>integer_array</c>.</summary>
    public static string NameOf(ParameterType type) => type switch
    {
        ParameterType.NotSet => "not set",
        ParameterType.Bool => "bool",
        ParameterType.Integer => "integer",
        ParameterType.Double => "double",
        ParameterType.String => "string",
        ParameterType.ByteArray => "byte_array",
        ParameterType.BoolArray => "bool_array",
        ParameterType.IntegerArray => "integer_array",
        ParameterType.DoubleArray => "double_array",
        ParameterType.StringArray => "string_array",
        _ => $"unknown type {(int)type}",
    };

    /// <summary>The value from its message; null when the type number is none of ROS's.</summary>
    public static ParameterValue? From(RclParameterValue message) => (ParameterType)message.Type switch
    {
        ParameterType.NotSet => NotSet,
        ParameterType.Bool => message.BoolValue,
        ParameterType.Integer => message.IntegerValue,
        ParameterType.Double => message.DoubleValue,
        ParameterType.String => message.StringValue,
        ParameterType.ByteArray => message.ByteArrayValue.Span.ToArray(),
        ParameterType.BoolArray => message.BoolArrayValue.Span.ToArray(),
        ParameterType.IntegerArray => message.IntegerArrayValue.Span.ToArray(),
        ParameterType.DoubleArray => message.DoubleArrayValue.Span.ToArray(),
        ParameterType.StringArray => message.StringArrayValue.Span.ToArray(),
        _ => null,
    };

    /// <summary>Writes the value into its message.</summary>
    public void CopyTo(RclParameterValue message)
    {
        message.Type = (byte)Type;
        switch (Value)
        {
            case bool b:
                message.BoolValue = b;
                break;
            case long i:
                message.IntegerValue = i;
                break;
            case double d:
                message.DoubleValue = d;
                break;
            case string s:
                message.StringValue = s;
                break;
            case byte[] a:
                Fill(message.ByteArrayValue, a);
                break;
            case bool[] a:
                Fill(message.BoolArrayValue, a);
                break;
            case long[] a:
                Fill(message.IntegerArrayValue, a);
                break;
            case double[] a:
                Fill(message.DoubleArrayValue, a);
                break;
            case string[] a:
                Fill(message.StringArrayValue, a);
                break;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Value switch
    {
        null => "not set",
        bool b => b ? "true" : "false",
        Array a => $"[{string.Join(", ", a.Cast<object>().Select(v => Convert.ToString(v, System.Globalization.CultureInfo.InvariantCulture)))}]",
        _ => Convert.ToString(Value, System.Globalization.CultureInfo.InvariantCulture)!,
    };

    private static void Fill<T>(Sequence<T> target, T[] values)
    {
        target.Clear();
        foreach (T value in values)
        {
            target.Add(value);
        }
    }
}

/// <summary>A parameter: name and value.</summary>
/// <param name="Name">The name; dots group.</param>
/// <param name="Value">The value.</param>
public sealed record Parameter(string Name, ParameterValue Value);
