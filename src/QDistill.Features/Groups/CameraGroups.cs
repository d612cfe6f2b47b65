namespace QDistill.Features;

/// <summary>Brightness, contrast, edges, blur and looming of a camera image.</summary>
internal sealed class VisionGroup(VisionFeaturesConfig config) : FeatureGroup
{
    public override void Describe(SchemaBuilder schema)
    {
        string grid = $"image(grid={config.Columns}x{config.Rows}";
        schema.Add("vision.brightness", "1", grid + ")");
        schema.Add("vision.contrast", "1", grid + ")");
        schema.Add("vision.edge_density", "1", "image");
        schema.Add("vision.sharpness", "1", "image");
        schema.Add("vision.looming", "1/s", $"{grid},smoothing={FeatureGroupsConfig.Number(config.Smoothing)})");
    }

    public override void Sample(StreamSet streams, ref FeatureWriter w)
    {
        ImageStream image = streams.Image!;
        w.Write(image.Brightness, image);
        w.Write(image.Contrast, image);
        w.Write(image.EdgeDensity, image);
        w.Write(image.Sharpness, image);
        w.Write(image.Looming.Value, image, image.Looming.Ready);
    }
}

/// <summary>Near distances in vertical strips of a depth image.</summary>
internal sealed class DepthGroup(DepthFeaturesConfig config) : FeatureGroup
{
    public override void Describe(SchemaBuilder schema)
    {
        string source = $"depth(cap={FeatureGroupsConfig.Number(config.Cap)},quantile={FeatureGroupsConfig.Number(config.Quantile)},rows={FeatureGroupsConfig.Number(config.Top)}-{FeatureGroupsConfig.Number(config.Bottom)})";
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
