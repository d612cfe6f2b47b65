namespace QDistill.Features;

/// <summary>One camera image, reduced on arrival to the working grid.</summary>
internal sealed class ImageRecord
{
    public float[] Grid = [];
    public bool Usable;
}

/// <summary>Brightness, contrast, edges, blur and looming of the latest image.</summary>
internal sealed class ImageStream(SourceConfig config, VisionFeaturesConfig features) : SourceStream<ImageRecord>(config)
{
    private readonly ImageReducer reducer = new(features.Columns, features.Rows);
    private readonly SimilarityFlow flow = new(features.Columns, features.Rows);
    private Smoothed looming = new(features.Smoothing);

    /// <summary>Brightness, contrast, edges and sharpness.</summary>
    public ImageStatistics Statistics { get; private set; }

    /// <summary>The expansion rate [1/s].</summary>
    public ref readonly Smoothed Looming => ref looming;

    /// <summary>The decoder of compressed images.</summary>
    public JpegDecoder Jpeg { get; } = new(features.Columns, features.Rows);

    public ImageRecord Slot() => NextSlot();

    public void OnRecord(long stampNs, ImageRecord record) => Enqueue(stampNs, record);

    /// <summary>Reduces a raw image; one that cannot be read makes the record unusable.</summary>
    public ImageProblem Reduce(ImageRecord into, uint width, uint height, uint step, bool bigEndian, string encoding, ReadOnlySpan<byte> data)
    {
        PixelFormat format = PixelFormat.Of(encoding);
        ImageProblem problem = format.Channels == 0 ? ImageProblem.UnknownEncoding
            : ImageReducer.Fits(format, width, height, step, data.Length) ? ImageProblem.None
            : ImageProblem.WrongSize;
        into.Usable = problem == ImageProblem.None;
        if (into.Usable)
        {
            reducer.Reduce(format, (int)width, (int)height, (int)step, bigEndian, data, GridOf(into));
        }

        return problem;
    }

    /// <summary>Decodes and reduces a compressed image; what it is compressed with is told by its first bytes.</summary>
    public ImageProblem Reduce(ImageRecord into, ReadOnlySpan<byte> data)
    {
        into.Usable = false;
        if (data is not [0xFF, 0xD8, ..])
        {
            return data is [0x89, 0x50, 0x4E, 0x47, ..] ? ImageProblem.Png : ImageProblem.UnknownCompression;
        }

        ImageProblem problem = Jpeg.Decode(data, out ReadOnlySpan<byte> grey, out int width, out int height);
        if (problem == ImageProblem.None)
        {
            into.Usable = true;
            reducer.Reduce(new PixelFormat(1, 1), width, height, width, false, grey, GridOf(into));
        }

        return problem;
    }

    protected override bool Take(long stampNs, in ImageRecord r)
    {
        if (!r.Usable)
        {
            Forget();
            return false;
        }

        Statistics = ImageStatistics.Of(r.Grid, features.Columns, features.Rows, (float)features.EdgeStep);
        double dt = SinceLast(stampNs);
        if (dt == 0)
        {
            Forget();
        }

        if (flow.Next(r.Grid, out double expansion))
        {
            looming.Update(expansion / dt, dt);
        }
        else
        {
            looming.Reset();
        }

        return true;
    }

    protected override void Forget()
    {
        flow.Forget();
        looming.Reset();
    }

    private Span<float> GridOf(ImageRecord record)
    {
        if (record.Grid.Length == 0)
        {
            record.Grid = new float[features.Columns * features.Rows];
        }

        return record.Grid;
    }
}
