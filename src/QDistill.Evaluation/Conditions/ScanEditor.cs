using QDistill.Msgs.SensorMsgs;
using QDistill.Numerics;
using QDistill.Ros;

namespace QDistill.Evaluation.Conditions;

/// <summary>
/// Disturbs laser scans. In order: another lidar's beams, reach and resolution, then noise, then losses. By REP-117 a beam beyond the reach is +inf (nothing there) and a lost
/// one NaN (no measurement); a loss never passes for free space.
/// </summary>
internal sealed class ScanEditor(SensorDisturbance sensor, Philox constants) : MessageEditor
{
    private readonly LaserScan message = new();
    private readonly double noise = sensor["noise"], relative = sensor["noise_relative"], bias = sensor["bias"], scale = 1 + sensor["scale"];
    private readonly double loss = sensor["beam_loss"], dead = sensor["dead_beams"], from = sensor["sector_from"], width = sensor["sector_width"];
    private readonly double reach = sensor["range_max"], resolution = sensor["resolution"];
    private readonly int beams = (int)sensor["beams"];
    private double[] luck = []; // for each beam a number in [0, 1): those below dead_beams are dead
    private float[] before = [];

    protected override IMessage Change(ReadOnlySpan<byte> cdr, ref Philox rng)
    {
        Cdr.Deserialize(cdr, message);
        if (beams > 0)
        {
            Resample();
        }

        if (reach > 0 && reach < message.RangeMax)
        {
            message.RangeMax = (float)reach;
        }

        Span<float> ranges = message.Ranges.Span;
        if (luck.Length < ranges.Length)
        {
            DrawLuck(ranges.Length);
        }

        for (int i = 0; i < ranges.Length; i++)
        {
            // Every beam takes the same draws whatever becomes of it, so that strengths share them.
            double g = noise > 0 || relative > 0 ? rng.NextGaussian() : 0, u = loss > 0 ? rng.NextDouble() : 1;
            float r = ranges[i];
            if (float.IsFinite(r) && r >= message.RangeMin && r > 0)
            {
                double d = (r * scale) + bias + (((relative * r) + noise) * g);
                d = resolution > 0 ? Math.Round(d / resolution) * resolution : d;
                r = d > message.RangeMax ? float.PositiveInfinity : (float)Math.Max(0, d);
            }

            ranges[i] = u < loss || luck[i] < dead || IsBlind(i) ? float.NaN : r;
        }

        return message;
    }

    // Each new beam looks at its own angle and sees what the nearest old one saw.
    private void Resample()
    {
        int n = message.Ranges.Count;
        if (n < 2 || beams == n)
        {
            return;
        }

        if (before.Length < n)
        {
            before = new float[n];
        }

        message.Ranges.Span.CopyTo(before);
        double increment = message.AngleIncrement, span = n * Math.Abs(increment);
        bool round = span >= (2 * Math.PI) - (0.5 * Math.Abs(increment)); // a full circle has no end beam to keep
        double step = round ? (double)n / beams : beams > 1 ? (n - 1.0) / (beams - 1) : 0;
        message.Ranges.Resize(beams);
        Span<float> after = message.Ranges.Span;
        for (int i = 0; i < beams; i++)
        {
            int nearest = (int)Math.Round(i * step);
            after[i] = before[round ? nearest % n : Math.Min(nearest, n - 1)];
        }

        message.AngleIncrement = (float)(increment * step);
        message.AngleMax = (float)(message.AngleMin + (increment * step * (beams - 1)));
        message.TimeIncrement = (float)(message.TimeIncrement * step);
        message.Intensities.Clear();
    }

    private bool IsBlind(int i)
    {
        if (width <= 0)
        {
            return false;
        }

        double angle = (message.AngleMin + (i * (double)message.AngleIncrement)) * 180 / Math.PI, past = (angle - from) % 360;
        return (past < 0 ? past + 360 : past) < width;
    }

    private void DrawLuck(int count)
    {
        Philox rng = constants; // a copy from its beginning: more beams keep the luck of the first
        luck = new double[count];
        for (int i = 0; i < count; i++)
        {
            luck[i] = rng.NextDouble();
        }
    }
}
