using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace QDistill.Features;

/// <summary>
/// Averages an image of any size over the cells of a fixed grid, as luminance from 0 to 255 (ITU-R BT.601, the Y of JPEG). Cells need not hold whole pixels: those on a border
/// count by their share. Sums are formed in one order at any vector width, so that the result has the same bits on every machine.
/// </summary>
internal sealed class ImageReducer(int columns, int rows)
{
    private const float RedWeight = 0.299f, GreenWeight = 0.587f, BlueWeight = 0.114f;
    private float[] line = [], sums = [];

    /// <summary>Whether the bytes are an image of that size: neither empty nor beyond 2^15 on a side, and all there.</summary>
    public static bool Fits(PixelFormat format, uint width, uint height, uint step, long length)
    {
        long row = (long)width * format.Channels * format.SampleBytes;
        uint least = format.Bayer ? 2u : 1u;
        return width >= least && height >= least && width <= 1 << 15 && height <= 1 << 15 && step >= row && length >= ((long)step * (height - 1)) + row;
    }

    /// <summary>Reduces an image that <see cref="Fits"/>.</summary>
    /// <param name="format">How its pixels lie.</param>
    /// <param name="width">Pixels per row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="step">Bytes from one row to the next.</param>
    /// <param name="bigEndian">The byte order of 16-bit samples.</param>
    /// <param name="data">The pixels.</param>
    /// <param name="grid">Receives the luminances [rows, columns].</param>
    public void Reduce(PixelFormat format, int width, int height, int step, bool bigEndian, ReadOnlySpan<byte> data, Span<float> grid)
    {
        // A Bayer cell becomes one pixel, so that every pixel has all three colours in their right proportion.
        int cells = format.Bayer ? width / 2 : width, lines = format.Bayer ? height / 2 : height, samples = cells * format.Channels;
        if (sums.Length < samples)
        {
            sums = new float[samples];
            line = new float[samples];
        }

        Span<float> sum = sums.AsSpan(0, samples), converted = line.AsSpan(0, samples);
        for (int r = 0; r < rows; r++)
        {
            double top = (double)r * lines / rows, bottom = (double)(r + 1) * lines / rows;
            sum.Clear();
            for (int y = (int)top; y < bottom; y++)
            {
                float weight = (float)((Math.Min(y + 1, bottom) - Math.Max(y, top)) / (bottom - top));
                if (format.Bayer)
                {
                    ReadBayer(format, data[(2 * y * step)..], data[(((2 * y) + 1) * step)..], bigEndian, converted);
                    Accumulate(converted, weight, sum);
                }
                else if (format.SampleBytes == 2)
                {
                    ReadWords(data.Slice(y * step, samples * 2), bigEndian, converted);
                    Accumulate(converted, weight, sum);
                }
                else
                {
                    Accumulate(data.Slice(y * step, samples), weight, sum);
                }
            }

            if (format.Channels > 1)
            {
                ToLuminance(format, sum, cells);
            }

            ReduceLine(sum[..cells], grid.Slice(r * columns, columns));
        }
    }

    private static void Accumulate(ReadOnlySpan<byte> row, float weight, Span<float> sum)
    {
        int i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            ref byte from = ref MemoryMarshal.GetReference(row);
            ref float to = ref MemoryMarshal.GetReference(sum);
            Vector256<float> w = Vector256.Create(weight);
            for (; i <= row.Length - Vector256<byte>.Count; i += Vector256<byte>.Count)
            {
                (Vector256<ushort> low, Vector256<ushort> high) = Vector256.Widen(Vector256.LoadUnsafe(ref from, (nuint)i));
                (Vector256<uint> a, Vector256<uint> b) = Vector256.Widen(low);
                (Vector256<uint> c, Vector256<uint> d) = Vector256.Widen(high);
                (Vector256.LoadUnsafe(ref to, (nuint)i) + (w * Vector256.ConvertToSingle(a.AsInt32()))).StoreUnsafe(ref to, (nuint)i);
                (Vector256.LoadUnsafe(ref to, (nuint)i + 8) + (w * Vector256.ConvertToSingle(b.AsInt32()))).StoreUnsafe(ref to, (nuint)i + 8);
                (Vector256.LoadUnsafe(ref to, (nuint)i + 16) + (w * Vector256.ConvertToSingle(c.AsInt32()))).StoreUnsafe(ref to, (nuint)i + 16);
                (Vector256.LoadUnsafe(ref to, (nuint)i + 24) + (w * Vector256.ConvertToSingle(d.AsInt32()))).StoreUnsafe(ref to, (nuint)i + 24);
            }
        }

        for (; i < row.Length; i++)
        {
            sum[i] += weight * row[i];
        }
    }

    private static void Accumulate(ReadOnlySpan<float> row, float weight, Span<float> sum)
    {
        int i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            ref float from = ref MemoryMarshal.GetReference(row);
            ref float to = ref MemoryMarshal.GetReference(sum);
            Vector256<float> w = Vector256.Create(weight);
            for (; i <= row.Length - Vector256<float>.Count; i += Vector256<float>.Count)
            {
                (Vector256.LoadUnsafe(ref to, (nuint)i) + (w * Vector256.LoadUnsafe(ref from, (nuint)i))).StoreUnsafe(ref to, (nuint)i);
            }
        }

        for (; i < row.Length; i++)
        {
            sum[i] += weight * row[i];
        }
    }

    private static void ReadWords(ReadOnlySpan<byte> row, bool bigEndian, Span<float> into)
    {
        const float scale = 255f / 65535f;
        ReadOnlySpan<ushort> words = MemoryMarshal.Cast<byte, ushort>(row);
        for (int i = 0; i < into.Length; i++)
        {
            into[i] = scale * (bigEndian == BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(words[i]) : words[i]);
        }
    }

    private static void ReadBayer(PixelFormat format, ReadOnlySpan<byte> even, ReadOnlySpan<byte> odd, bool bigEndian, Span<float> into)
    {
        ReadOnlySpan<byte> redRow = format.RedY == 0 ? even : odd, blueRow = format.RedY == 0 ? odd : even;
        int red = format.RedX, green = 1 - red;
        const float scale = 255f / 65535f;
        for (int i = 0, x = 0; i < into.Length; i++, x += 2)
        {
            // Red and blue lie across the diagonal; the greens beside them.
            into[i] = format.SampleBytes == 1
                ? (RedWeight * redRow[x + red]) + (0.5f * GreenWeight * (redRow[x + green] + blueRow[x + red])) + (BlueWeight * blueRow[x + green])
                : scale * ((RedWeight * Word(redRow, x + red)) + (0.5f * GreenWeight * (Word(redRow, x + green) + Word(blueRow, x + red))) + (BlueWeight * Word(blueRow, x + green)));
        }

        int Word(ReadOnlySpan<byte> row, int i) => bigEndian ? (row[2 * i] << 8) | row[(2 * i) + 1] : row[2 * i] | (row[(2 * i) + 1] << 8);
    }

    private static void ToLuminance(PixelFormat format, Span<float> samples, int cells)
    {
        int channels = format.Channels;
        for (int i = 0, at = 0; i < cells; i++, at += channels)
        {
            samples[i] = (RedWeight * samples[at + format.R]) + (GreenWeight * samples[at + format.G]) + (BlueWeight * samples[at + format.B]);
        }
    }

    private void ReduceLine(ReadOnlySpan<float> from, Span<float> to)
    {
        int width = from.Length;
        if (width % columns == 0)
        {
            int whole = width / columns;
            float share = 1f / whole;
            for (int c = 0, x = 0; c < to.Length; c++)
            {
                float sum = 0;
                for (int end = x + whole; x < end; x++)
                {
                    sum += from[x];
                }

                to[c] = sum * share;
            }

            return;
        }

        for (int c = 0; c < to.Length; c++)
        {
            double left = (double)c * width / columns, right = (double)(c + 1) * width / columns, sum = 0;
            for (int x = (int)left; x < right; x++)
            {
                sum += (Math.Min(x + 1, right) - Math.Max(x, left)) * from[x];
            }

            to[c] = (float)(sum / (right - left));
        }
    }
}
