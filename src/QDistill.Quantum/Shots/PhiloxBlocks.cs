using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using QDistill.Numerics;

namespace QDistill.Quantum;

/// <summary>The numbers of <see cref="Philox"/>, many at a time: bit for bit the same stream.</summary>
internal static unsafe class PhiloxBlocks
{
    /// <summary>Fills with the stream's numbers from the start of block <paramref name="firstBlock"/> (four numbers a block).</summary>
    public static void Fill(ulong seed, ulong stream, ulong firstBlock, Span<uint> numbers)
    {
        uint* four = stackalloc uint[4];
        fixed (uint* to = numbers)
        {
            int done = 0;
            if (Avx512F.IsSupported)
            {
                for (; done + 32 <= numbers.Length; done += 32)
                {
                    Eight(seed, stream, firstBlock + ((ulong)done / 4), to + done);
                }
            }
            else if (Avx2.IsSupported)
            {
                for (; done + 32 <= numbers.Length; done += 32)
                {
                    TwiceFour(seed, stream, firstBlock + ((ulong)done / 4), to + done);
                }
            }

            for (; done < numbers.Length; done += 4)
            {
                ulong c = firstBlock + ((ulong)done / 4);
                Philox.Block((uint)c, (uint)(c >> 32), (uint)stream, (uint)(stream >> 32), (uint)seed, (uint)(seed >> 32), out four[0], out four[1], out four[2], out four[3]);
                for (int i = 0; i < 4 && done + i < numbers.Length; i++)
                {
                    to[done + i] = four[i];
                }
            }
        }
    }

    /// <summary>Eight blocks, each 32-bit word in a 64-bit lane, where the widening multiplication wants it.</summary>
    private static void Eight(ulong seed, ulong stream, ulong block, uint* to)
    {
        Vector512<ulong> low = Vector512.Create(0xFFFFFFFFUL), c = Vector512.Create(block) + Vector512<ulong>.Indices;
        Vector512<ulong> c0 = c & low, c1 = c >> 32, c2 = Vector512.Create(stream & 0xFFFFFFFF), c3 = Vector512.Create(stream >> 32);
        Vector512<uint> m0 = Vector512.Create(0xD2511F53UL).AsUInt32(), m1 = Vector512.Create(0xCD9E8D57UL).AsUInt32();
        uint k0 = (uint)seed, k1 = (uint)(seed >> 32);
        for (int round = 0; round < 10; round++)
        {
            Vector512<ulong> p0 = Avx512F.Multiply(c0.AsUInt32(), m0), p1 = Avx512F.Multiply(c2.AsUInt32(), m1);
            c0 = (p1 >> 32) ^ c1 ^ Vector512.Create((ulong)k0);
            c2 = (p0 >> 32) ^ c3 ^ Vector512.Create((ulong)k1);
            c1 = p1 & low;
            c3 = p0 & low;
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }

        // Words 0 and 1 of a block as one 64-bit number, words 2 and 3 as the next.
        Vector512<ulong> a = c0 | (c1 << 32), b = c2 | (c3 << 32);
        Vector512<long> first = Vector512.Create(0L, 8, 1, 9, 2, 10, 3, 11), second = Vector512.Create(4L, 12, 5, 13, 6, 14, 7, 15);
        Vector512.Store(Avx512F.PermuteVar8x64x2(a, first.AsUInt64(), b), (ulong*)to);
        Vector512.Store(Avx512F.PermuteVar8x64x2(a, second.AsUInt64(), b), (ulong*)to + 8);
    }

    /// <summary>Eight blocks in two chains, because one alone waits for its multiplications.</summary>
    private static void TwiceFour(ulong seed, ulong stream, ulong block, uint* to)
    {
        Vector256<ulong> low = Vector256.Create(0xFFFFFFFFUL), c = Vector256.Create(block) + Vector256<ulong>.Indices, d = c + Vector256.Create(4UL);
        Vector256<ulong> c0 = c & low, c1 = c >> 32, c2 = Vector256.Create(stream & 0xFFFFFFFF), c3 = Vector256.Create(stream >> 32);
        Vector256<ulong> d0 = d & low, d1 = d >> 32, d2 = c2, d3 = c3;
        Vector256<uint> m0 = Vector256.Create(0xD2511F53UL).AsUInt32(), m1 = Vector256.Create(0xCD9E8D57UL).AsUInt32();
        uint k0 = (uint)seed, k1 = (uint)(seed >> 32);
        for (int round = 0; round < 10; round++)
        {
            Vector256<ulong> x0 = Vector256.Create((ulong)k0), x1 = Vector256.Create((ulong)k1);
            Vector256<ulong> p0 = Avx2.Multiply(c0.AsUInt32(), m0), p1 = Avx2.Multiply(c2.AsUInt32(), m1), q0 = Avx2.Multiply(d0.AsUInt32(), m0), q1 = Avx2.Multiply(d2.AsUInt32(), m1);
            (c0, c1, c2, c3) = ((p1 >> 32) ^ c1 ^ x0, p1 & low, (p0 >> 32) ^ c3 ^ x1, p0 & low);
            (d0, d1, d2, d3) = ((q1 >> 32) ^ d1 ^ x0, q1 & low, (q0 >> 32) ^ d3 ^ x1, q0 & low);
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }

        Store(c0 | (c1 << 32), c2 | (c3 << 32), to);
        Store(d0 | (d1 << 32), d2 | (d3 << 32), to + 16);
    }

    /// <summary>Words 0 and 1 of each block as one 64-bit number, words 2 and 3 as the next.</summary>
    private static void Store(Vector256<ulong> a, Vector256<ulong> b, uint* to)
    {
        Vector256<ulong> even = Avx2.UnpackLow(a, b), odd = Avx2.UnpackHigh(a, b);
        Vector256.Store(Avx2.Permute2x128(even, odd, 0x20), (ulong*)to);
        Vector256.Store(Avx2.Permute2x128(even, odd, 0x31), (ulong*)to + 4);
    }
}
