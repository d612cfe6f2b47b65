using System.Numerics;

namespace QDistill.Quantum;

/// <summary>Dot products of many rows with many rows, in tiles that keep eight sums in registers.</summary>
internal static class DotProducts
{
    private const int Tile = 64;

    /// <summary>
    /// Hands out a_i·b_j tile by tile for all i and j (or for j ≤ i where symmetric), on as many threads as <paramref name="parallel"/> says.
    /// </summary>
    /// <param name="a">[n, width]</param>
    /// <param name="n">Rows of a.</param>
    /// <param name="b">[m, width]</param>
    /// <param name="m">Rows of b.</param>
    /// <param name="width">Numbers in a row.</param>
    /// <param name="symmetric">Whether only j ≤ i is wanted.</param>
    /// <param name="result">Receives [n, m].</param>
    /// <param name="parallel">The threads.</param>
    public static void Multiply(double[] a, int n, double[] b, int m, int width, bool symmetric, double[] result, ParallelOptions parallel)
    {
        Parallel.For(0, (n + Tile - 1) / Tile, parallel, t =>
        {
            int top = t * Tile, bottom = Math.Min(n, top + Tile);
            int right = symmetric ? bottom : m;
            for (int j0 = 0; j0 < right; j0 += Tile)
            {
                int j1 = Math.Min(right, j0 + Tile);
                for (int i = top; i < bottom; i += 2)
                {
                    int j = j0;
                    for (; i + 2 <= bottom && j + 4 <= j1; j += 4)
                    {
                        Block(a, b, width, i, j, m, result);
                    }

                    for (int r = i; r < Math.Min(i + 2, bottom); r++)
                    {
                        for (int c = j; c < j1; c++)
                        {
                            result[((long)r * m) + c] = Dot(a.AsSpan(r * width, width), b.AsSpan(c * width, width));
                        }
                    }
                }
            }
        });
    }

    /// <summary>One dot product.</summary>
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        int w = Vector<double>.Count, k = 0;
        Vector<double> sum = Vector<double>.Zero;
        for (; k + w <= a.Length; k += w)
        {
            sum += new Vector<double>(a[k..]) * new Vector<double>(b[k..]);
        }

        double s = Vector.Sum(sum);
        for (; k < a.Length; k++)
        {
            s += a[k] * b[k];
        }

        return s;
    }

    private static unsafe void Block(double[] a, double[] b, int width, int i, int j, int m, double[] result)
    {
        int w = Vector<double>.Count;
        fixed (double* pa = &a[i * width], pb = &b[j * width])
        {
            double* a1 = pa + width, b1 = pb + width, b2 = b1 + width, b3 = b2 + width;
            Vector<double> s00 = Vector<double>.Zero, s01 = s00, s02 = s00, s03 = s00, s10 = s00, s11 = s00, s12 = s00, s13 = s00;
            int k = 0;
            for (; k + w <= width; k += w)
            {
                Vector<double> x = Vector.Load(pa + k), y = Vector.Load(a1 + k);
                Vector<double> v0 = Vector.Load(pb + k), v1 = Vector.Load(b1 + k), v2 = Vector.Load(b2 + k), v3 = Vector.Load(b3 + k);
                s00 = Vector.FusedMultiplyAdd(x, v0, s00);
                s01 = Vector.FusedMultiplyAdd(x, v1, s01);
                s02 = Vector.FusedMultiplyAdd(x, v2, s02);
                s03 = Vector.FusedMultiplyAdd(x, v3, s03);
                s10 = Vector.FusedMultiplyAdd(y, v0, s10);
                s11 = Vector.FusedMultiplyAdd(y, v1, s11);
                s12 = Vector.FusedMultiplyAdd(y, v2, s12);
                s13 = Vector.FusedMultiplyAdd(y, v3, s13);
            }

            double r00 = Vector.Sum(s00), r01 = Vector.Sum(s01), r02 = Vector.Sum(s02), r03 = Vector.Sum(s03);
            double r10 = Vector.Sum(s10), r11 = Vector.Sum(s11), r12 = Vector.Sum(s12), r13 = Vector.Sum(s13);
            for (; k < width; k++)
            {
                (r00, r01, r02, r03) = (r00 + (pa[k] * pb[k]), r01 + (pa[k] * b1[k]), r02 + (pa[k] * b2[k]), r03 + (pa[k] * b3[k]));
                (r10, r11, r12, r13) = (r10 + (a1[k] * pb[k]), r11 + (a1[k] * b1[k]), r12 + (a1[k] * b2[k]), r13 + (a1[k] * b3[k]));
            }

            Span<double> row = result.AsSpan(((i * m) + j), 4), next = result.AsSpan(((i + 1) * m) + j, 4);
            (row[0], row[1], row[2], row[3]) = (r00, r01, r02, r03);
            (next[0], next[1], next[2], next[3]) = (r10, r11, r12, r13);
        }
    }
}
