using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace QDistill.Features;

/// <summary>One depth image, reduced on arrival to the near distance of each strip (NaN: nothing known) and the share of known pixels.</summary>
internal sealed class DepthRecord
{
    public double[] Strip = [];
    public int[] Histogram = [];
    public double Known;
    public bool Usable;
}

/// <summary>Near distances of a depth image in vertical strips, from left to right.</summary>
internal sealed class DepthStream(SourceConfig config, DepthFeaturesConfig features) : SourceStream<DepthRecord>(config)
{
    private const int Bins = 512;

    public double[] Strip { get; } = new double[features.Sectors];

    public double Clearance { get; private set; }

    public double Known { get; private set; }

    public DepthRecord Slot() => NextSlot();

    public void OnRecord(long stampNs, DepthRecord record) => Enqueue(stampNs, record);

    /// <summary>
    /// Reduces one image of 16UC1 (mm, 0 unknown) or 32FC1 (m, NaN unknown; REP 118); +inf is free, −inf too near to measure. What is nearer than the sensor can see is unknown.
    /// </summary>
    public ImageProblem Reduce(DepthRecord into, uint width, uint height, uint step, bool bigEndian, string encoding, ReadOnlySpan<byte> data)
    {
        int bytes = encoding switch
        {
            "16UC1" or "mono16" => 2,
            "32FC1" => 4,
            _ => 0,
        };
        bool fits = width >= features.Sectors && width <= 1 << 15 && height is > 0 and <= 1 << 15 && step >= (long)width * bytes
            && data.Length >= ((long)step * (height - 1)) + ((long)width * bytes);
        into.Usable = bytes > 0 && fits;
        if (into.Usable)
        {
            Reduce(into, (int)width, (int)height, (int)step, bytes, bigEndian == BitConverter.IsLittleEndian, data);
        }

        return bytes == 0 ? ImageProblem.UnknownEncoding : fits ? ImageProblem.None : ImageProblem.WrongSize;
    }

    private void Reduce(DepthRecord into, int width, int height, int step, int bytes, bool swap, ReadOnlySpan<byte> data)
    {
        if (into.Strip.Length == 0)
        {
            into.Strip = new double[features.Sectors];
            into.Histogram = new int[Bins + 1];
        }

        int y0 = Math.Min(height - 1, (int)(features.Top * height)), y1 = Math.Max(y0 + 1, (int)(features.Bottom * height));
        double scale = Bins / features.Cap;
        long all = 0, seen = 0;
        for (int s = 0; s < features.Sectors; s++)
        {
            int x0 = (int)((long)width * s / features.Sectors), x1 = (int)((long)width * (s + 1) / features.Sectors);
            Span<int> histogram = into.Histogram;
            histogram.Clear();
            int known = 0;
            for (int y = y0; y < y1; y++)
            {
                ReadOnlySpan<byte> line = data.Slice(y * step, width * bytes);
                known += bytes == 2
                    ? CountMillimetres(MemoryMarshal.Cast<byte, ushort>(line)[x0..x1], swap, histogram, scale)
                    : CountMetres(MemoryMarshal.Cast<byte, uint>(line)[x0..x1], swap, histogram, scale);
            }

            all += (long)(x1 - x0) * (y1 - y0);
            seen += known;
            into.Strip[s] = Near(histogram, known);
        }

        into.Known = (double)seen / all;
    }

    protected override bool Take(long stampNs, in DepthRecord r)
    {
        if (!r.Usable)
        {
            return false;
        }

        r.Strip.CopyTo(Strip, 0);
        Known = r.Known;
        double nearest = double.NaN;
        foreach (double d in Strip)
        {
            nearest = d < nearest || double.IsNaN(nearest) ? d : nearest;
        }

        Clearance = nearest;
        return Known > 0;
    }

    protected override void Forget() => Clearance = double.NaN;

    private int CountMillimetres(ReadOnlySpan<ushort> row, bool swap, Span<int> histogram, double scale)
    {
        int known = 0, least = Math.Max(1, (int)Math.Ceiling(features.MinRange * 1000));
        foreach (ushort raw in row)
        {
            int mm = swap ? BinaryPrimitives.ReverseEndianness(raw) : raw;
            if (mm >= least)
            {
                histogram[(int)Math.Min(Bins, mm * 0.001 * scale)]++;
                known++;
            }
        }

        return known;
    }

    private int CountMetres(ReadOnlySpan<uint> row, bool swap, Span<int> histogram, double scale)
    {
        int known = 0;
        double least = Math.Max(features.MinRange, double.Epsilon);
        foreach (uint raw in row)
        {
            float m = BitConverter.UInt32BitsToSingle(swap ? BinaryPrimitives.ReverseEndianness(raw) : raw);
            if (m >= least || float.IsNegativeInfinity(m))
            {
                // Too near to measure is as near as can be.
                histogram[(int)Math.Clamp(m * scale, features.MinRange * scale, Bins)]++;
                known++;
            }
        }

        return known;
    }

    /// <summary>The middle of the bin in which the quantile lies [m].</summary>
    private double Near(ReadOnlySpan<int> histogram, int known)
    {
        if (known == 0)
        {
            return double.NaN;
        }

        int skip = (int)(features.Quantile * known);
        int bin = 0;
        for (int sum = histogram[0]; sum <= skip; sum += histogram[bin])
        {
            bin++;
        }

        return bin >= Bins ? features.Cap : (bin + 0.5) * features.Cap / Bins;
    }
}
