using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace QDistill.Features;

/// <summary>Brightness, contrast, edges and sharpness of a small luminance image (0 to 255).</summary>
/// <param name="Mean">The mean luminance.</param>
/// <param name="Deviation">Its standard deviation over the image.</param>
/// <param name="EdgeDensity">The share of inner pixels whose gradient (central differences) is at least the threshold.</param>
/// <param name="LaplacianVariance">The variance over the inner pixels of the 4-neighbour Laplacian: the focus measure of Pech-Pacheco et al. 2000; small is blurred.</param>
internal readonly record struct ImageStatistics(double Mean, double Deviation, double EdgeDensity, double LaplacianVariance)
{
    /// <summary>Computes the statistics.</summary>
    /// <param name="image">The luminances [rows, columns], at least 3×3.</param>
    /// <param name="columns">Pixels per row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="edgeStep">The least gradient of an edge [grey levels per pixel].</param>
    public static ImageStatistics Of(ReadOnlySpan<float> image, int columns, int rows, float edgeStep)
    {
        // Sums run over a row in single and over the rows in double precision: exact enough for a faint texture on a bright wall.
        double mean = 0, squares = 0, laplacians = 0, laplacianSquares = 0;
        for (int y = 0; y < rows; y++)
        {
            mean += Sum(image.Slice(y * columns, columns));
        }

        mean /= columns * rows;
        long edges = 0;
        for (int y = 0; y < rows; y++)
        {
            squares += SumSquares(image.Slice(y * columns, columns), (float)mean);
            if (y > 0 && y < rows - 1)
            {
                edges += Row(image.Slice((y - 1) * columns, 3 * columns), columns, 4 * edgeStep * edgeStep, out float l, out float ll);
                laplacians += l;
                laplacianSquares += ll;
            }
        }

        double inner = (double)(columns - 2) * (rows - 2), laplacian = laplacians / inner;
        return new ImageStatistics(mean, Math.Sqrt(squares / (columns * rows)), edges / inner, Math.Max(0, (laplacianSquares / inner) - (laplacian * laplacian)));
    }

    private static float Sum(ReadOnlySpan<float> row)
    {
        ref float p = ref MemoryMarshal.GetReference(row);
        Vector256<float> sum = default;
        int i = 0;
        for (; i <= row.Length - 8; i += 8)
        {
            sum += Vector256.LoadUnsafe(ref p, (nuint)i);
        }

        float total = Vector256.Sum(sum);
        for (; i < row.Length; i++)
        {
            total += row[i];
        }

        return total;
    }

    private static float SumSquares(ReadOnlySpan<float> row, float mean)
    {
        ref float p = ref MemoryMarshal.GetReference(row);
        Vector256<float> sum = default, m = Vector256.Create(mean);
        int i = 0;
        for (; i <= row.Length - 8; i += 8)
        {
            Vector256<float> d = Vector256.LoadUnsafe(ref p, (nuint)i) - m;
            sum += d * d;
        }

        float total = Vector256.Sum(sum);
        for (; i < row.Length; i++)
        {
            float d = row[i] - mean;
            total += d * d;
        }

        return total;
    }

    /// <summary>Edges and Laplacians of the middle one of three rows.</summary>
    private static int Row(ReadOnlySpan<float> three, int columns, float leastSquare, out float laplacians, out float squares)
    {
        ref float p = ref MemoryMarshal.GetReference(three);
        Vector256<float> sum = default, sumSquares = default, least = Vector256.Create(leastSquare);
        int edges = 0, x = 1;
        for (; x <= columns - 1 - 8; x += 8)
        {
            int at = columns + x;
            Vector256<float> here = Vector256.LoadUnsafe(ref p, (nuint)at), left = Vector256.LoadUnsafe(ref p, (nuint)(at - 1)), right = Vector256.LoadUnsafe(ref p, (nuint)(at + 1));
            Vector256<float> up = Vector256.LoadUnsafe(ref p, (nuint)(at - columns)), down = Vector256.LoadUnsafe(ref p, (nuint)(at + columns));
            Vector256<float> gx = right - left, gy = down - up;
            edges += BitOperations.PopCount(Vector256.GreaterThanOrEqual((gx * gx) + (gy * gy), least).ExtractMostSignificantBits());
            Vector256<float> laplacian = (left + right) + (up + down) - (here * 4f);
            sum += laplacian;
            sumSquares += laplacian * laplacian;
        }

        laplacians = Vector256.Sum(sum);
        squares = Vector256.Sum(sumSquares);
        for (; x < columns - 1; x++)
        {
            int at = columns + x;
            float gx = three[at + 1] - three[at - 1], gy = three[at + columns] - three[at - columns];
            edges += (gx * gx) + (gy * gy) >= leastSquare ? 1 : 0;
            float laplacian = (three[at - 1] + three[at + 1]) + (three[at - columns] + three[at + columns]) - (three[at] * 4f);
            laplacians += laplacian;
            squares += laplacian * laplacian;
        }

        return edges;
    }
}
