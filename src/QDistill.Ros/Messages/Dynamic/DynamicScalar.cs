using System.Globalization;

namespace QDistill.Ros;

/// <summary>Single primitives of a dynamic message, kept as 64 bits: integers sign- or zero-extended, floats as the bits of their own width.</summary>
internal static class DynamicScalar
{
    public static long Read(FieldKind kind, ref CdrReader reader) => kind switch
    {
        FieldKind.Bool => reader.ReadBool() ? 1 : 0,
        FieldKind.Byte or FieldKind.Char or FieldKind.UInt8 => reader.ReadByte(),
        FieldKind.Int8 => reader.ReadSByte(),
        FieldKind.Int16 => reader.ReadInt16(),
        FieldKind.UInt16 => reader.ReadUInt16(),
        FieldKind.Int32 => reader.ReadInt32(),
        FieldKind.UInt32 => reader.ReadUInt32(),
        FieldKind.Int64 => reader.ReadInt64(),
        FieldKind.UInt64 => (long)reader.ReadUInt64(),
        FieldKind.Float32 => BitConverter.SingleToInt32Bits(reader.ReadSingle()),
        FieldKind.Float64 => BitConverter.DoubleToInt64Bits(reader.ReadDouble()),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public static void Write(FieldKind kind, long bits, ref CdrWriter writer)
    {
        switch (kind.PrimitiveSize())
        {
            case 1:
                writer.Write((byte)bits);
                break;
            case 2:
                writer.Write((short)bits);
                break;
            case 4:
                writer.Write((int)bits);
                break;
            default:
                writer.Write(bits);
                break;
        }
    }

    public static double ToDouble(FieldKind kind, long bits) => kind switch
    {
        FieldKind.Float32 => BitConverter.Int32BitsToSingle((int)bits),
        FieldKind.Float64 => BitConverter.Int64BitsToDouble(bits),
        FieldKind.UInt64 => (ulong)bits,
        _ => bits,
    };

    public static object Box(FieldKind kind, long bits) => kind switch
    {
        FieldKind.Bool => bits != 0,
        FieldKind.Byte or FieldKind.Char or FieldKind.UInt8 => (byte)bits,
        FieldKind.Int8 => (sbyte)bits,
        FieldKind.Int16 => (short)bits,
        FieldKind.UInt16 => (ushort)bits,
        FieldKind.Int32 => (int)bits,
        FieldKind.UInt32 => (uint)bits,
        FieldKind.Int64 => bits,
        FieldKind.UInt64 => (ulong)bits,
        FieldKind.Float32 => BitConverter.Int32BitsToSingle((int)bits),
        FieldKind.Float64 => BitConverter.Int64BitsToDouble(bits),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>Converts any number, or its text, to the kind.</summary>
    /// <exception cref="OverflowException">The value does not fit.</exception>
    public static long FromObject(FieldKind kind, object value)
    {
        CultureInfo c = CultureInfo.InvariantCulture;
        return kind switch
        {
            FieldKind.Bool => Convert.ToBoolean(value, c) ? 1 : 0,
            FieldKind.Byte or FieldKind.Char or FieldKind.UInt8 => Convert.ToByte(value, c),
            FieldKind.Int8 => Convert.ToSByte(value, c),
            FieldKind.Int16 => Convert.ToInt16(value, c),
            FieldKind.UInt16 => Convert.ToUInt16(value, c),
            FieldKind.Int32 => Convert.ToInt32(value, c),
            FieldKind.UInt32 => Convert.ToUInt32(value, c),
            FieldKind.Int64 => Convert.ToInt64(value, c),
            FieldKind.UInt64 => (long)Convert.ToUInt64(value, c),
            FieldKind.Float32 => BitConverter.SingleToInt32Bits(Convert.ToSingle(value, c)),
            FieldKind.Float64 => BitConverter.DoubleToInt64Bits(Convert.ToDouble(value, c)),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
    }
}
