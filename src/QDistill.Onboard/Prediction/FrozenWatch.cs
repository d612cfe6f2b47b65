using System.Runtime.InteropServices;

namespace QDistill.Onboard;

/// <summary>
/// Knows which parts of the features have not changed, bit for bit, for too long: a sensor whose driver repeats its last message looks alive, and is not. A part without any valid
/// value is another watch's business.
/// </summary>
/// <param name="partOf">The part of each feature; −1: not watched.</param>
/// <param name="parts">The number of parts.</param>
/// <param name="timeout">Unchanged for longer than this is frozen [ns]; 0: nothing is watched.</param>
internal sealed class FrozenWatch(int[] partOf, int parts, long timeout)
{
    private readonly int[] last = new int[partOf.Length];
    private readonly long[] changedAt = new long[parts];
    private readonly bool[] moved = new bool[parts];
    private readonly bool[] present = new bool[parts];
    private bool first = true;

    /// <summary>Takes one feature vector into account. Does not allocate.</summary>
    /// <returns>The first part that is frozen, or −1.</returns>
    public int Check(ReadOnlySpan<float> values, ReadOnlySpan<byte> validity, long steadyNow)
    {
        if (timeout <= 0)
        {
            return -1;
        }

        Array.Fill(moved, first);
        Array.Clear(present);
        first = false;
        ReadOnlySpan<int> bits = MemoryMarshal.Cast<float, int>(values);
        for (int i = 0; i < partOf.Length; i++)
        {
            if (partOf[i] >= 0)
            {
                moved[partOf[i]] |= bits[i] != last[i];
                present[partOf[i]] |= ((validity[i >> 3] >> (i & 7)) & 1) != 0;
                last[i] = bits[i];
            }
        }

        int frozen = -1;
        for (int p = parts - 1; p >= 0; p--)
        {
            if (moved[p] || !present[p])
            {
                changedAt[p] = steadyNow;
            }
            else if (steadyNow - changedAt[p] > timeout)
            {
                frozen = p;
            }
        }

        return frozen;
    }

    /// <summary>Forgets what was seen.</summary>
    public void Reset() => first = true;
}
