namespace QDistill.Features;

/// <summary>Brightness, contrast, edges, blur and looming of a camera image.</summary>
internal sealed class VisionGroup(VisionFeaturesConfig config) : FeatureGroup
{
    public override void Describe(SchemaBuilder schema)
    {
        string grid = $"image(grid={config.Columns}x{config.Rows}", smooth = $"{grid},smoothing={FeatureGroupsConfig.Number(config.Smoothing)}";
        schema.Add("vision.brightness", "1", grid + ")");
        schema.Add("vision.contrast", "1", grid + ")");
        schema.Add("vision.edge_density", "1", $"{grid},edge_step={FeatureGroupsConfig.Number(config.EdgeStep)})");
        schema.Add("vision.sharpness", "1", grid + ")");
        schema.Add("vision.looming", "1/s", smooth + ")");
        schema.Add("vision.time_to_contact", "s", $"{smooth},cap={FeatureGroupsConfig.Number(config.TimeCap)})");
    }

    public override void Sample(StreamSet streams, ref FeatureWriter w)
    {
        ImageStream image = streams.Image!;
        ImageStatistics statistics = image.Statistics;
        double looming = image.Looming.Value;
        w.Write(statistics.Mean / 255, image);
        w.Write(statistics.Deviation / 255, image);
        w.Write(statistics.EdgeDensity, image);
        w.Write(statistics.LaplacianVariance / (255 * 255), image);
        w.Write(looming, image, image.Looming.Ready);
        w.Write(looming * config.TimeCap > 1 ? 1 / looming : config.TimeCap, image, image.Looming.Ready);
    }
}

/// <summary>Near distances in vertical strips of a depth image.</summary>
internal sealed class DepthGroup(DepthFeaturesConfig config) : FeatureGroup
{
    public override void Describe(SchemaBuilder schema)
    {
        string source = $"depth(cap={FeatureGroupsConfig.Number(config.Cap)},min={FeatureGroupsConfig.Number(config.MinRange)},quantile={FeatureGroupsConfig.Number(config.Quantile)},rows={FeatureGroupsConfig.Number(config.Top)}-{FeatureGroupsConfig.Number(config.Bottom)})";
        schema.Add("depth.clearance", "m", source);
        for (int s = 0; s < config.Sectors; s++)
        {
            schema.Add($"depth.strip_{s}", "m", source);
        }

        schema.Add("depth.known", "1", source);
    }

    public override void Sample(StreamSet streams, ref FeatureWriter w)
    {
        DepthStream depth = streams.Depth!;
        w.Write(depth.Clearance, depth);
        foreach (double strip in depth.Strip)
        {
            w.Write(strip, depth);
        }

        w.Write(depth.Known, depth);
    }
}
