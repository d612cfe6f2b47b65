using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>Quantum states in numpy's format (.npy, version 1 and 2): an array [count, 2^n], which <c>numpy.load</c> reads and <c>numpy.save</c> writes.</summary>
public static partial class StatesFile
{
    private const string Magic = "\u0093NUMPY";

    /// <summary>Writes states as complex128.</summary>
    /// <param name="path">The file; it appears whole.</param>
    /// <param name="states">[count, 2^n]</param>
    /// <param name="count">The number of states.</param>
    public static void Write(string path, ReadOnlySpan<Complex> states, int count)
    {
        if (count < 1 || states.Length % count != 0)
        {
            throw new UserErrorException($"{states.Length} amplitudes are not {count} states of equal size", path);
        }

        string header = string.Create(CultureInfo.InvariantCulture, $"{{'descr': '<c16', 'fortran_order': False, 'shape': ({count}, {states.Length / count}), }}");
        header = header.PadRight(((header.Length + 10 + 64) / 64 * 64) - 11) + "\n";
        byte[] bytes = [.. Encoding.Latin1.GetBytes(Magic), 1, 0, (byte)header.Length, (byte)(header.Length >> 8), .. Encoding.Latin1.GetBytes(header)];
        Complex[] copy = states.ToArray();
        AtomicOutput.Write(path, stream =>
        {
            stream.Write(bytes);
            stream.Write(MemoryMarshal.AsBytes(copy.AsSpan()));
        });
    }

    /// <summary>Reads states: complex128 or complex64, or real ones as float64 or float32.</summary>
    /// <returns>The amplitudes [count, 2^n] as they stand in the file.</returns>
    /// <exception cref="UserErrorException">The file cannot be read, is cut off, or holds something else.</exception>
    public static (Complex[] States, int Count, int Qubits) Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"cannot be read ({e.Message.TrimEnd('.')})", path, "check the path and its permissions", e);
        }

        if (bytes.Length < 12 || Encoding.Latin1.GetString(bytes, 0, 6) != Magic || bytes[6] is not (1 or 2))
        {
            throw new UserErrorException("is not a numpy file (.npy) of version 1 or 2", path, "write it with numpy.save");
        }

        int start = bytes[6] == 1 ? 10 : 12;
        long length = bytes[6] == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8)) : BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8));
        string header = start + length <= bytes.Length ? Encoding.Latin1.GetString(bytes, start, (int)length) : throw new UserErrorException("is cut off within its header", path);
        Match descr = Descr().Match(header), shape = Shape().Match(header);
        if (!descr.Success || !shape.Success || !header.Contains("'fortran_order': False", StringComparison.Ordinal))
        {
            throw new UserErrorException("does not hold a plain array in C order", path, "write it with numpy.save(path, numpy.ascontiguousarray(states))");
        }

        int size = descr.Groups[1].Value switch { "<c16" => 16, "<c8" or "<f8" => 8, "<f4" => 4, string other => throw new UserErrorException($"holds numbers of the type '{other}'", path, "convert them with astype(complex)") };
        int[] axes = [.. Number().Matches(shape.Groups[1].Value).Select(m => int.TryParse(m.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : 0)];
        (int count, int dimension) = axes is [int one] ? (1, one) : axes is [int rows, int columns] ? (rows, columns) : (0, 0);
        if (count < 1 || dimension < 2 || !BitOperations.IsPow2(dimension) || dimension > 1 << Circuit.MaxQubits)
        {
            throw new UserErrorException($"holds an array of the shape ({string.Join(", ", axes)}), not [states, 2^n]", path);
        }

        ReadOnlySpan<byte> data = bytes.AsSpan(start + (int)length);
        if (data.Length != (long)count * dimension * size)
        {
            throw new UserErrorException($"holds {data.Length} bytes of numbers, but its shape needs {(long)count * dimension * size}", path, "it was cut off or damaged: write it again");
        }

        return (Numbers(data, descr.Groups[1].Value), count, BitOperations.Log2((uint)dimension));
    }

    private static Complex[] Numbers(ReadOnlySpan<byte> data, string descr)
    {
        switch (descr)
        {
            case "<c16":
                return MemoryMarshal.Cast<byte, Complex>(data).ToArray();
            case "<c8":
                ReadOnlySpan<float> pairs = MemoryMarshal.Cast<byte, float>(data);
                var complex = new Complex[pairs.Length / 2];
                for (int i = 0; i < complex.Length; i++)
                {
                    complex[i] = new Complex(pairs[2 * i], pairs[(2 * i) + 1]);
                }

                return complex;
            case "<f8":
                return Array.ConvertAll(MemoryMarshal.Cast<byte, double>(data).ToArray(), v => new Complex(v, 0));
            default:
                return Array.ConvertAll(MemoryMarshal.Cast<byte, float>(data).ToArray(), v => new Complex(v, 0));
        }
    }

    [GeneratedRegex(@"'descr':\s*'([^']*)'")]
    private static partial Regex Descr();

    [GeneratedRegex(@"'shape':\s*\(([^)]*)\)")]
    private static partial Regex Shape();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();
}
