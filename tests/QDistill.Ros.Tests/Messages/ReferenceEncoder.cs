using System.Buffers.Binary;
using System.Text;
using QDistill.Ros;

namespace QDistill.Ros.Tests.Messages;

/// <summary>
/// A second, deliberately plain CDR encoder for either byte order: it shares no code with <see cref="CdrWriter"/>, and makes the payloads that the
/// property tests hold the real one against.
/// </summary>
internal sealed class ReferenceEncoder(bool bigEndian)
{
    private readonly List<byte> body = [];

    public static byte[] Encode(DynamicMessage message, bool bigEndian)
    {
        var encoder = new ReferenceEncoder(bigEndian);
        encoder.Message(message);
        return [0, bigEndian ? (byte)0 : (byte)1, 0, 0, .. encoder.body];
    }

    private void Message(DynamicMessage message)
    {
        if (message.Definition.Fields.Count == 0)
        {
            body.Add(0);
        }

        for (int i = 0; i < message.Definition.Fields.Count; i++)
        {
            FieldType type = message.Definition.Fields[i].Type;
            object value = message.GetField(i);
            if (type.Array == ArrayKind.None)
            {
                Element(type.Kind, value);
                continue;
            }

            object[] elements = [.. ((System.Collections.IEnumerable)value).Cast<object>()];
            if (type.Array != ArrayKind.Fixed)
            {
                Number(elements.Length, 4);
            }

            foreach (object element in elements)
            {
                Element(type.Kind, element);
            }
        }
    }

    private void Element(FieldKind kind, object value)
    {
        switch (kind)
        {
            case FieldKind.Message:
                Message((DynamicMessage)value);
                break;
            case FieldKind.String:
                byte[] text = Encoding.UTF8.GetBytes((string)value);
                Number(text.Length + 1, 4);
                body.AddRange(text);
                body.Add(0);
                break;
            case FieldKind.WString:
                Number(((string)value).Length, 4);
                foreach (char c in (string)value)
                {
                    Number(c, 2);
                }

                break;
            case FieldKind.Float32:
                Number(BitConverter.SingleToInt32Bits((float)value), 4);
                break;
            case FieldKind.Float64:
                Number(BitConverter.DoubleToInt64Bits((double)value), 8);
                break;
            case FieldKind.Bool:
                body.Add((bool)value ? (byte)1 : (byte)0);
                break;
            case FieldKind.UInt64:
                Number((long)(ulong)value, 8);
                break;
            default:
                Number(Convert.ToInt64(value), kind.PrimitiveSize());
                break;
        }
    }

    private void Number(long value, int size)
    {
        while (body.Count % size != 0)
        {
            body.Add(0);
        }

        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        IEnumerable<byte> used = bytes.Take(size);
        body.AddRange(bigEndian ? used.Reverse() : used);
    }
}
