using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ArmCrc32 = System.Runtime.Intrinsics.Arm.Crc32;

namespace QDistill.Bags.Compression;

/// <summary>
/// CRC-32 of ISO 3309 / zlib (polynomial 0xEDB88320, reflected), the checksum of MCAP. Folded by carry-less multiplication on x86
/// (Gopal, Ozturk et al., "Fast CRC computation for generic polynomials using PCLMULQDQ", Intel 2009), by the CRC instructions on Arm, else sliced by 8.
/// </summary>
internal static class Crc32
{
    private static readonly uint[] Table = MakeTable();

    /// <summary>The checksum of one piece of data.</summary>
    public static uint Compute(ReadOnlySpan<byte> data) => Append(0, data);

    /// <summary>Continues a checksum with the bytes that follow; start with 0.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        uint state = ~crc;
        if (Pclmulqdq.IsSupported && Sse2.IsSupported && data.Length >= 64)
        {
            int whole = data.Length & ~15;
            state = Fold(state, data[..whole]);
            data = data[whole..];
        }
        else if (ArmCrc32.Arm64.IsSupported)
        {
            while (data.Length >= 8)
            {
                state = ArmCrc32.Arm64.ComputeCrc32(state, BinaryPrimitives.ReadUInt64LittleEndian(data));
                data = data[8..];
            }
        }

        return ~Sliced(state, data);
    }

    internal static uint AppendPortable(uint crc, ReadOnlySpan<byte> data) => ~Sliced(~crc, data);

    private static uint Sliced(uint state, ReadOnlySpan<byte> data)
    {
        ref uint t = ref MemoryMarshal.GetArrayDataReference(Table);
        while (data.Length >= 8)
        {
            uint a = BinaryPrimitives.ReadUInt32LittleEndian(data) ^ state;
            uint b = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
            state = Unsafe.Add(ref t, (7 * 256) + (int)(a & 255)) ^ Unsafe.Add(ref t, (6 * 256) + (int)((a >> 8) & 255))
                ^ Unsafe.Add(ref t, (5 * 256) + (int)((a >> 16) & 255)) ^ Unsafe.Add(ref t, (4 * 256) + (int)(a >> 24))
                ^ Unsafe.Add(ref t, (3 * 256) + (int)(b & 255)) ^ Unsafe.Add(ref t, (2 * 256) + (int)((b >> 8) & 255))
                ^ Unsafe.Add(ref t, 256 + (int)((b >> 16) & 255)) ^ Unsafe.Add(ref t, (int)(b >> 24));
            data = data[8..];
        }

        foreach (byte value in data)
        {
            state = Unsafe.Add(ref t, (int)((state ^ value) & 255)) ^ (state >> 8);
        }

        return state;
    }

    /// <summary>At least 64 bytes, a multiple of 16. The constants are x^n mod P, bit-reflected, for the folding distances of the paper.</summary>
    private static uint Fold(uint state, ReadOnlySpan<byte> data)
    {
        Vector128<ulong> by64 = Vector128.Create(0x0154442bd4UL, 0x01c6e41596UL);
        Vector128<ulong> by16 = Vector128.Create(0x01751997d0UL, 0x00ccaa009eUL);
        ref byte p = ref MemoryMarshal.GetReference(data);
        Vector128<ulong> x0 = Load(ref p, 0) ^ Vector128.Create(state, 0, 0, 0).AsUInt64();
        Vector128<ulong> x1 = Load(ref p, 16), x2 = Load(ref p, 32), x3 = Load(ref p, 48);
        int at = 64;
        for (; at + 64 <= data.Length; at += 64)
        {
            x0 = Step(x0, by64) ^ Load(ref p, at);
            x1 = Step(x1, by64) ^ Load(ref p, at + 16);
            x2 = Step(x2, by64) ^ Load(ref p, at + 32);
            x3 = Step(x3, by64) ^ Load(ref p, at + 48);
        }

        x0 = Step(x0, by16) ^ x1;
        x0 = Step(x0, by16) ^ x2;
        x0 = Step(x0, by16) ^ x3;
        for (; at < data.Length; at += 16)
        {
            x0 = Step(x0, by16) ^ Load(ref p, at);
        }

        // 128 bits are left whose remainder is the state: the table does the last 16 bytes from a zero state.
        Span<byte> last = stackalloc byte[16];
        x0.AsByte().CopyTo(last);
        return Sliced(0, last);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Step(Vector128<ulong> x, Vector128<ulong> k) =>
        Pclmulqdq.CarrylessMultiply(x, k, 0x00) ^ Pclmulqdq.CarrylessMultiply(x, k, 0x11);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Load(ref byte p, int at) => Vector128.LoadUnsafe(ref p, (nuint)at).AsUInt64();

    private static uint[] MakeTable()
    {
        uint[] table = new uint[8 * 256];
        for (uint i = 0; i < 256; i++)
        {
            uint c = i;
            for (int bit = 0; bit < 8; bit++)
            {
                c = (c & 1) != 0 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
            }

            table[i] = c;
        }

        for (int i = 256; i < table.Length; i++)
        {
            table[i] = table[table[i - 256] & 255] ^ (table[i - 256] >> 8);
        }

        return table;
    }
}
