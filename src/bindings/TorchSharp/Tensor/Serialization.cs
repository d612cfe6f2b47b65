namespace TorchSharp;

// TorchSharp's own file format (.dat): numbers in LEB128; a tensor is its element type, its rank, its sizes and its bytes in row-major order; a
// state_dict is the number of entries, then for each its name (length-prefixed UTF-8) and its tensor.
public static partial class TensorExtensionMethods
{
    // A size no tensor reaches: beyond it the file is not what it seems.
    private const int MostDimensions = 64;

    /// <summary>Writes the tensor.</summary>
    public static void Save(this torch.Tensor tensor, BinaryWriter writer)
    {
        Write(writer, (long)tensor.dtype);
        long[] shape = tensor.shape;
        Write(writer, shape.Length);
        foreach (long s in shape)
        {
            Write(writer, s);
        }

        using torch.Tensor dense = tensor.detach().contiguous();
        writer.Write(dense.bytes);
        GC.KeepAlive(dense);
    }

    /// <summary>Reads values into a tensor of the same element type and shape.</summary>
    /// <exception cref="ArgumentException">Type or shape differ.</exception>
    public static void Load(this torch.Tensor tensor, BinaryReader reader, bool skip = false)
    {
        using torch.Tensor read = Read(reader);
        if (skip)
        {
            return;
        }

        if (read.dtype != tensor.dtype || !read.shape.AsSpan().SequenceEqual(tensor.shape))
        {
            throw new ArgumentException($"the file holds {read.dtype} [{string.Join(", ", read.shape)}] where {tensor.dtype} [{string.Join(", ", tensor.shape)}] is expected");
        }

        using IDisposable guard = torch.no_grad();
        tensor.copy_(read);
    }

    internal static torch.Tensor Read(BinaryReader reader)
    {
        long type = ReadNumber(reader), rank = ReadNumber(reader);
        if (!Enum.IsDefined((torch.ScalarType)type) || rank is < 0 or > MostDimensions)
        {
            throw new InvalidDataException("this is not a tensor in TorchSharp's format");
        }

        long[] shape = new long[rank];
        for (int i = 0; i < shape.Length; i++)
        {
            shape[i] = ReadNumber(reader);
        }

        long bytes = shape.Aggregate((long)torch.SizeOf((torch.ScalarType)type), (p, s) => checked(p * s));
        if (reader.BaseStream.CanSeek && bytes > reader.BaseStream.Length - reader.BaseStream.Position)
        {
            throw new InvalidDataException($"the file ends before the {bytes} bytes of a tensor");
        }

        torch.Tensor result = torch.empty(shape, (torch.ScalarType)type);
        reader.BaseStream.ReadExactly(result.bytes);
        return result;
    }

    internal static void Write(BinaryWriter writer, long value)
    {
        while (value >= 0x80)
        {
            writer.Write((byte)(value | 0x80));
            value >>= 7;
        }

        writer.Write((byte)value);
    }

    internal static long ReadNumber(BinaryReader reader)
    {
        long value = 0;
        for (int shift = 0; shift < 63; shift += 7)
        {
            byte b = reader.ReadByte();
            value |= (long)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("this is not a file in TorchSharp's format");
    }
}

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Reads a tensor from a stream in TorchSharp's own format.</summary>
        public static Tensor Load(BinaryReader reader) => TensorExtensionMethods.Read(reader);

        /// <summary>Reads a tensor from a file in TorchSharp's own format.</summary>
        public static Tensor Load(string location)
        {
            using var reader = new BinaryReader(File.OpenRead(location));
            return Load(reader);
        }
    }

    public static partial class nn
    {
        internal static class StateFile
        {
            public static void Save(BinaryWriter writer, Dictionary<string, Tensor> state, IList<string>? skip)
            {
                KeyValuePair<string, Tensor>[] entries = [.. state.Where(e => skip?.Contains(e.Key) != true)];
                TensorExtensionMethods.Write(writer, entries.Length);
                foreach ((string key, Tensor value) in entries)
                {
                    writer.Write(key);
                    value.Save(writer);
                }
            }

            public static void Load(BinaryReader reader, Dictionary<string, Tensor> state, bool strict, IList<string>? skip, Dictionary<string, bool>? loaded)
            {
                long entries = TensorExtensionMethods.ReadNumber(reader);
                if (strict && entries != state.Count)
                {
                    throw new ArgumentException($"Mismatched state_dict sizes: expected {state.Count}, but found {entries} entries.");
                }

                for (long i = 0; i < entries; i++)
                {
                    string key = reader.ReadString();
                    bool found = state.TryGetValue(key, out Tensor? target);
                    if (!found && strict)
                    {
                        throw new ArgumentException($"Mismatched module state names: the target modules does not have a submodule or buffer named '{key}'");
                    }

                    if (found && skip?.Contains(key) != true)
                    {
                        target!.Load(reader);
                    }
                    else
                    {
                        TensorExtensionMethods.Read(reader).Dispose();
                    }

                    loaded?.Add(key, found);
                }
            }
        }
    }
}
