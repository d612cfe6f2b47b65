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

    /// <summary>Reduces one image of 16UC1 (mm, 0 unknown) or 32FC1 (m, NaN unknown); +inf is free.</summary>
    public void Reduce(DepthRecord into, int width, int height, int step, bool bigEndian, string encoding, ReadOnlySpan<byte> data)
    {
        int bytes = encoding switch
        {
            "16UC1" or "mono16" => 2,
            "32FC1" => 4,
            _ => 0,
        };
        into.Usable = bytes > 0 && !bigEndian && width >= features.Sectors && height > 0 && step >= width * bytes
            && data.Length >= ((long)step * (height - 1)) + (width * bytes);
        if (!into.Usable)
        {
            return;
        }

        if (into.Strip.Length == 0)
        {
            into.Strip = new double[features.Sectors];
            into.Histogram = new int[Bins + 1];
        }

        int y0 = (int)(features.Top * height), y1 = Math.Max(y0 + 1, (int)(features.Bottom * height));
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
                if (bytes == 2)
                {
                    foreach (ushort mm in MemoryMarshal.Cast<byte, ushort>(line)[x0..x1])
                    {
                        if (mm != 0)
                        {
                            histogram[(int)Math.Min(Bins, mm * 0.001 * scale)]++;
                            known++;
                        }
                    }
                }
                else
                {
                    foreach (float m in MemoryMarshal.Cast<byte, float>(line)[x0..x1])
                    {
                        if (m > 0)
                        {
                            histogram[(int)Math.Min(Bins, m * scale)]++;
                            known++;
                        }
                    }
                }
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

    /// <summary>The lower edge of the bin in which the quantile lies [m].</summary>
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
