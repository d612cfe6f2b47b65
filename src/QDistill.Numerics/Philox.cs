using System.Runtime.CompilerServices;

namespace QDistill.Numerics;

/// <summary>
/// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011): a counter-based generator. Number i of
/// stream s under seed k is a pure function of (k, s, i), so results do not depend on how work is divided among threads.
/// The project's only source of randomness.
/// </summary>
public struct Philox
{
    private readonly uint key0;
    private readonly uint key1;
    private readonly uint stream0;
    private readonly uint stream1;
    private ulong counter;
    private uint b0, b1, b2, b3;
    private int left;
    private double spare;
    private bool hasSpare;

    /// <summary>Starts at the beginning of one stream.</summary>
    /// <param name="seed">The seed (key).</param>
    /// <param name="stream">The stream: window index, run index, or any other identity of the work item.</param>
    public Philox(ulong seed, ulong stream = 0)
    {
        this = default;
        key0 = (uint)seed;
        key1 = (uint)(seed >> 32);
        stream0 = (uint)stream;
        stream1 = (uint)(stream >> 32);
    }

    /// <summary>One block: four 32-bit numbers from a 128-bit counter and a 64-bit key.</summary>
    public static void Block(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, out uint r0, out uint r1, out uint r2, out uint r3)
    {
        for (int round = 0; round < 10; round++)
        {
            ulong p0 = 0xD2511F53UL * c0;
            ulong p1 = 0xCD9E8D57UL * c2;
            uint n0 = (uint)(p1 >> 32) ^ c1 ^ k0;
            uint n2 = (uint)(p0 >> 32) ^ c3 ^ k1;
            c1 = (uint)p1;
            c3 = (uint)p0;
            c0 = n0;
            c2 = n2;
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }

        (r0, r1, r2, r3) = (c0, c1, c2, c3);
    }

    /// <summary>A uniform 32-bit number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint NextUInt32()
    {
        if (left == 0)
        {
            Block((uint)counter, (uint)(counter >> 32), stream0, stream1, key0, key1, out b0, out b1, out b2, out b3);
            counter++;
            left = 4;
        }

        return left-- switch
        {
            4 => b0,
            3 => b1,
            2 => b2,
            _ => b3,
        };
    }

    /// <summary>A uniform 64-bit number.</summary>
    public ulong NextUInt64() => NextUInt32() | ((ulong)NextUInt32() << 32);

    /// <summary>A uniform number in [0, 1) with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A uniform number in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public double NextDouble(double low, double high) => low + ((high - low) * NextDouble());

    /// <summary>A uniform whole number in [0, <paramref name="below"/>), without bias (Lemire 2019).</summary>
    public int NextInt(int below)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(below);
        uint n = (uint)below;
        ulong m = (ulong)NextUInt32() * n;
        if ((uint)m < n)
        {
            uint threshold = (0u - n) % n;
            while ((uint)m < threshold)
            {
                m = (ulong)NextUInt32() * n;
            }
        }

        return (int)(m >> 32);
    }

    /// <summary>A standard normal number (Marsaglia's polar method).</summary>
    public double NextGaussian()
    {
        if (hasSpare)
        {
            hasSpare = false;
            return spare;
        }

        double u, v, s;
        do
        {
            u = (2 * NextDouble()) - 1;
            v = (2 * NextDouble()) - 1;
            s = (u * u) + (v * v);
        }
        while (s >= 1 || s == 0);

        double scale = Math.Sqrt(-2 * Math.Log(s) / s);
        spare = v * scale;
        hasSpare = true;
        return u * scale;
    }

    /// <summary>Shuffles in place (Fisher–Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
