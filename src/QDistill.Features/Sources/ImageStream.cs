namespace QDistill.Features;

/// <summary>One camera image, reduced on arrival: mean luminance of each grid cell, and full-resolution statistics that the grid would blur away.</summary>
internal sealed class ImageRecord
{
    public float[] Grid = [];
    public int[] Sums = [];
    public int[] ColumnStart = [];
    public double Edges, Sharpness;
    public bool Usable;
}

/// <summary>Brightness, contrast, edges, blur and looming of the latest image.</summary>
internal sealed class ImageStream(SourceConfig config, VisionFeaturesConfig features) : SourceStream<ImageRecord>(config)
{
    // A step of this many grey levels between neighbouring pixels is an edge.
    private const int EdgeStep = 24;
    private readonly AffineFlow flow = new(features.Columns, features.Rows);
    private float[] last = new float[features.Columns * features.Rows];
    private bool hasLast;
    private Smoothed looming = new(features.Smoothing);

    public double Brightness { get; private set; }

    public double Contrast { get; private set; }

    public double EdgeDensity { get; private set; }

    public double Sharpness { get; private set; }

    public ref readonly Smoothed Looming => ref looming;

    public ImageRecord Slot() => NextSlot();

    public void OnRecord(long stampNs, ImageRecord record) => Enqueue(stampNs, record);

    /// <summary>Reduces one image; an encoding or size that cannot be read makes the record unusable.</summary>
    public void Reduce(ImageRecord into, int width, int height, int step, string encoding, ReadOnlySpan<byte> data)
    {
        (int bytes, int r, int g, int b) = encoding switch
        {
            "mono8" or "8UC1" => (1, 0, 0, 0),
            "rgb8" or "8UC3" => (3, 0, 1, 2),
            "bgr8" => (3, 2, 1, 0),
            "rgba8" => (4, 0, 1, 2),
            "bgra8" => (4, 2, 1, 0),
            _ => default,
        };
        int columns = features.Columns, rows = features.Rows;
        into.Usable = bytes > 0 && width >= columns && height >= rows && step >= width * bytes && data.Length >= ((long)step * (height - 1)) + (width * bytes);
        if (!into.Usable)
        {
            return;
        }

        if (into.Grid.Length == 0)
        {
            into.Grid = new float[columns * rows];
        }

        if (into.Sums.Length < width)
        {
            into.Sums = new int[width];
            into.ColumnStart = new int[columns + 1];
        }

        for (int c = 0; c <= columns; c++)
        {
            into.ColumnStart[c] = (int)((long)width * c / columns);
        }

        Span<int> sums = into.Sums.AsSpan(0, width);
        long edges = 0, pairs = 0, laplacianSum = 0, laplacianSquares = 0;
        for (int row = 0; row < rows; row++)
        {
            int y0 = (int)((long)height * row / rows), y1 = (int)((long)height * (row + 1) / rows);
            sums.Clear();
            for (int y = y0; y < y1; y++)
            {
                ReadOnlySpan<byte> line = data.Slice(y * step, width * bytes);
                bool examine = y == y0;
                int before = 0, before2 = 0;
                for (int x = 0, i = 0; x < width; x++, i += bytes)
                {
                    int v = bytes == 1 ? line[x] : ((77 * line[i + r]) + (150 * line[i + g]) + (29 * line[i + b])) >> 8;
                    sums[x] += v;
                    if (examine)
                    {
                        // One line in each band is enough for statistics of neighbouring pixels.
                        if (x > 0)
                        {
                            edges += Math.Abs(v - before) >= EdgeStep ? 1 : 0;
                            pairs++;
                        }

                        if (x > 1)
                        {
                            int laplacian = v - (2 * before) + before2;
                            laplacianSum += laplacian;
                            laplacianSquares += (long)laplacian * laplacian;
                        }

                        before2 = before;
                        before = v;
                    }
                }
            }

            for (int c = 0; c < columns; c++)
            {
                int from = into.ColumnStart[c], to = into.ColumnStart[c + 1];
                long sum = 0;
                for (int x = from; x < to; x++)
                {
                    sum += sums[x];
                }

                into.Grid[(row * columns) + c] = (float)sum / ((to - from) * (y1 - y0));
            }
        }

        into.Edges = (double)edges / pairs;
        double mean = (double)laplacianSum / pairs;
        into.Sharpness = ((double)laplacianSquares / pairs) - (mean * mean);
    }

    protected override bool Take(long stampNs, in ImageRecord r)
    {
        if (!r.Usable)
        {
            hasLast = false;
            looming.Reset();
            return false;
        }

        double sum = 0, squares = 0;
        foreach (float v in r.Grid)
        {
            sum += v;
            squares += (double)v * v;
        }

        int n = r.Grid.Length;
        Brightness = sum / n / 255;
        Contrast = Math.Sqrt(Math.Max(0, (squares / n) - (sum / n * (sum / n)))) / 255;
        EdgeDensity = r.Edges;
        Sharpness = r.Sharpness;
        double dt = SinceLast(stampNs);
        if (hasLast && dt > 0)
        {
            if (flow.Estimate(last, r.Grid, out double expansion))
            {
                looming.Update(expansion / dt, dt);
            }
            else
            {
                looming.Reset();
            }
        }

        r.Grid.CopyTo(last, 0);
        hasLast = true;
        return true;
    }

    protected override void Forget()
    {
        hasLast = false;
        looming.Reset();
    }
}
