using System.Runtime.CompilerServices;

namespace QDistill.Features;

/// <summary>
/// Which of N equal sectors a direction falls in; sector 0 is centred ahead, the others follow counter-clockwise. Directions are compared by their diamond angle
/// (a monotone stand-in for the arctangent), through a table that leaves at most a step or two to search.
/// </summary>
internal sealed class SectorTable
{
    private const int Bins = 512;
    private readonly float[] bounds; // upper bound of segment s; segment N is the second half of sector 0
    private readonly byte[] first = new byte[Bins];
    private readonly int sectors;

    public SectorTable(int sectors)
    {
        this.sectors = sectors;
        bounds = new float[sectors + 1];
        for (int s = 0; s < sectors; s++)
        {
            (double sin, double cos) = Math.SinCos((s + 0.5) * 2 * Math.PI / sectors);
            bounds[s] = Diamond((float)cos, (float)sin);
        }

        if (sectors == 1)
        {
            bounds[0] = float.PositiveInfinity;
        }

        bounds[sectors] = float.PositiveInfinity;
        for (int b = 0, s = 0; b < Bins; b++)
        {
            while (bounds[s] <= b * (4f / Bins))
            {
                s++;
            }

            first[b] = (byte)s;
        }
    }

    /// <summary>The sector of direction (x, y); sector 0 for the origin.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Of(float x, float y)
    {
        float d = Diamond(x, y);
        int s = first[Math.Min((int)(d * (Bins / 4f)), Bins - 1)];
        while (bounds[s] <= d)
        {
            s++;
        }

        return s == sectors ? 0 : s;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Diamond(float x, float y)
    {
        float sum = MathF.Abs(x) + MathF.Abs(y);
        if (!(sum > 0))
        {
            return 0;
        }

        float q = y / sum;
        return x >= 0 ? (y >= 0 ? q : 4 + q) : 2 - q;
    }
}
