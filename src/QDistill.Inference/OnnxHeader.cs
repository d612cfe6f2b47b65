using System.Text;

namespace QDistill.Inference;

/// <summary>What went wrong with a file that should be an ONNX model.</summary>
internal enum OnnxFault
{
    None,
    Empty,
    NotOnnx,
    CutOff,
    NoGraph,
}

/// <summary>
/// The top level of an ONNX file (a ModelProto in protocol buffers), read without unpacking the graph: enough to tell a model from any other
/// file, a whole one from one that was cut off, and to know the operator sets it asks for.
/// </summary>
internal sealed class OnnxHeader
{
    private readonly Dictionary<string, long> opsets = [];

    private OnnxHeader()
    {
    }

    public OnnxFault Fault { get; private set; }

    public long IrVersion { get; private set; }

    /// <summary>The operator sets by domain; the standard one is the empty string.</summary>
    public IReadOnlyDictionary<string, long> Opsets => opsets;

    public static OnnxHeader Read(ReadOnlySpan<byte> file)
    {
        var header = new OnnxHeader();
        header.Fault = header.Parse(file);
        return header;
    }

    private OnnxFault Parse(ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty)
        {
            return OnnxFault.Empty;
        }

        bool hasGraph = false, known = false;
        while (!rest.IsEmpty)
        {
            if (!Varint(ref rest, out ulong tag))
            {
                return known ? OnnxFault.CutOff : OnnxFault.NotOnnx;
            }

            ulong field = tag >> 3;
            if (field is 0 or > 30)
            {
                return OnnxFault.NotOnnx; // ModelProto has no such field
            }

            switch (tag & 7)
            {
                case 0:
                    if (!Varint(ref rest, out ulong value))
                    {
                        return OnnxFault.CutOff;
                    }

                    if (field == 1)
                    {
                        IrVersion = (long)value;
                        known = true;
                    }

                    break;
                case 2:
                    if (!Varint(ref rest, out ulong length))
                    {
                        return known ? OnnxFault.CutOff : OnnxFault.NotOnnx;
                    }

                    if (length > (ulong)rest.Length)
                    {
                        return known && length < int.MaxValue ? OnnxFault.CutOff : OnnxFault.NotOnnx;
                    }

                    ReadOnlySpan<byte> content = rest[..(int)length];
                    rest = rest[(int)length..];
                    if (field == 8)
                    {
                        ReadOpset(content);
                    }

                    hasGraph |= field == 7;
                    break;
                default:
                    return OnnxFault.NotOnnx; // no field of ModelProto is of another wire type
            }
        }

        return !known ? OnnxFault.NotOnnx : hasGraph ? OnnxFault.None : OnnxFault.NoGraph;
    }

    private void ReadOpset(ReadOnlySpan<byte> content)
    {
        string domain = string.Empty;
        ulong version = 0;
        while (!content.IsEmpty && Varint(ref content, out ulong tag) && Varint(ref content, out ulong value))
        {
            if (tag == 0x0A && value <= (ulong)content.Length)
            {
                domain = Encoding.UTF8.GetString(content[..(int)value]);
                content = content[(int)value..];
            }
            else if (tag == 0x10)
            {
                version = value;
            }
        }

        opsets[domain == "ai.onnx" ? string.Empty : domain] = (long)version;
    }

    private static bool Varint(ref ReadOnlySpan<byte> from, out ulong value)
    {
        value = 0;
        for (int i = 0; i < from.Length && i < 10; i++)
        {
            value |= (ulong)(from[i] & 0x7F) << (7 * i);
            if (from[i] < 0x80)
            {
                from = from[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
