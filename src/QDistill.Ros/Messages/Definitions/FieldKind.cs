namespace QDistill.Ros;

/// <summary>The element type of a field, after the names of the ROS interface language.</summary>
public enum FieldKind : byte
{
    /// <summary><c>bool</c>: one octet, 0 or 1.</summary>
    Bool,

    /// <summary><c>byte</c>: one opaque octet.</summary>
    Byte,

    /// <summary><c>char</c>: in ROS 2 the same as <c>uint8</c>.</summary>
    Char,

    /// <summary><c>int8</c>.</summary>
    Int8,

    /// <summary><c>uint8</c>.</summary>
    UInt8,

    /// <summary><c>int16</c>.</summary>
    Int16,

    /// <summary><c>uint16</c>.</summary>
    UInt16,

    /// <summary><c>int32</c>.</summary>
    Int32,

    /// <summary><c>uint32</c>.</summary>
    UInt32,

    /// <summary><c>int64</c>.</summary>
    Int64,

    /// <summary><c>uint64</c>.</summary>
    UInt64,

    /// <summary><c>float32</c>.</summary>
    Float32,

    /// <summary><c>float64</c>.</summary>
    Float64,

    /// <summary><c>string</c>: UTF-8.</summary>
    String,

    /// <summary><c>wstring</c>: UTF-16.</summary>
    WString,

    /// <summary>Another message.</summary>
    Message,
}

/// <summary>How many elements a field holds.</summary>
public enum ArrayKind : byte
{
    /// <summary>Exactly one: not an array.</summary>
    None,

    /// <summary><c>T[N]</c>: N, known from the type.</summary>
    Fixed,

    /// <summary><c>T[&lt;=N]</c>: up to N, counted on the wire.</summary>
    BoundedSequence,

    /// <summary><c>T[]</c>: any number, counted on the wire.</summary>
    Sequence,
}

/// <summary>Facts about field kinds.</summary>
public static class FieldKinds
{
    private static readonly Dictionary<string, FieldKind> ByName = new(StringComparer.Ordinal)
    {
        ["bool"] = FieldKind.Bool,
        ["byte"] = FieldKind.Byte,
        ["char"] = FieldKind.Char,
        ["int8"] = FieldKind.Int8,
        ["uint8"] = FieldKind.UInt8,
        ["int16"] = FieldKind.Int16,
        ["uint16"] = FieldKind.UInt16,
        ["int32"] = FieldKind.Int32,
        ["uint32"] = FieldKind.UInt32,
        ["int64"] = FieldKind.Int64,
        ["uint64"] = FieldKind.UInt64,
        ["float32"] = FieldKind.Float32,
        ["float64"] = FieldKind.Float64,
        ["string"] = FieldKind.String,
        ["wstring"] = FieldKind.WString,
    };

    /// <summary>The encoded size of a primitive in bytes (which is also its alignment), or 0 for strings and messages.</summary>
    public static int PrimitiveSize(this FieldKind kind) => kind switch
    {
        <= FieldKind.UInt8 => 1,
        FieldKind.Int16 or FieldKind.UInt16 => 2,
        FieldKind.Int32 or FieldKind.UInt32 or FieldKind.Float32 => 4,
        FieldKind.Int64 or FieldKind.UInt64 or FieldKind.Float64 => 8,
        _ => 0,
    };

    /// <summary>Whether the kind is a number, a bool or an octet.</summary>
    public static bool IsPrimitive(this FieldKind kind) => kind < FieldKind.String;

    /// <summary>The name in the interface language (<c>float32</c>).</summary>
    public static string RosName(this FieldKind kind) => kind == FieldKind.Message ? "message" : kind.ToString().ToLowerInvariant();

    internal static bool TryParse(string name, out FieldKind kind) => ByName.TryGetValue(name, out kind);
}
