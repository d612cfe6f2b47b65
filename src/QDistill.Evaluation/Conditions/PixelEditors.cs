using System.Buffers.Binary;
using QDistill.Configuration;
using QDistill.Msgs.SensorMsgs;
using QDistill.Numerics;
using QDistill.Ros;

namespace QDistill.Evaluation.Conditions;

/// <summary>Disturbs raw images of 8-bit samples: mono8, rgb8, bgr8, rgba8, bgra8, Bayer patterns.</summary>
internal sealed class ImageEditor(SensorDisturbance sensor) : MessageEditor
{
    private readonly Image message = new();
    private readonly double noise = sensor["noise"], brightness = sensor["brightness"];
    private readonly int blur = (int)Math.Round(sensor["blur"]);
    private byte[] line = [];

    protected override IMessage Change(ReadOnlySpan<byte> cdr, ref Philox rng)
    {
        Cdr.Deserialize(cdr, message);
        int channels = message.Encoding switch
        {
            "mono8" or "8UC1" => 1,
            "rgb8" or "bgr8" => 3,
            "rgba8" or "bgra8" => 4,
            _ => message.Encoding.StartsWith("bayer_", StringComparison.Ordinal) && message.Encoding.EndsWith('8') ? 1 : 0,
        };
        int width = (int)message.Width, height = (int)message.Height, step = (int)message.Step;
        Span<byte> data = message.Data.Span;
        if (channels == 0)
        {
            throw new UserErrorException($"a condition cannot change images of encoding '{message.Encoding}'", null, "it can those of 8-bit samples; dropout, latency and jitter work with all");
        }

        if (step < width * channels || data.Length < (long)step * height)
        {
            return message; // malformed: the extractor says so
        }

        for (int y = 0; y < height; y++)
        {
            Span<byte> row = data.Slice(y * step, width * channels);
            if (blur > 0)
            {
                Blur(row, channels, width, channels);
            }

            for (int i = 0; i < row.Length; i++)
            {
                row[i] = (byte)Math.Clamp(Math.Round(row[i] + brightness + (noise > 0 ? noise * rng.NextGaussian() : 0)), 0, 255);
            }
        }

        for (int x = 0; blur > 0 && x < width; x++)
        {
            Blur(data[(x * channels)..], step, height, channels);
        }

        return message;
    }

    /// <summary>A box blur along one line of pixels, <paramref name="stride"/> bytes apart; at the ends over what is there.</summary>
    private void Blur(Span<byte> data, int stride, int count, int channels)
    {
        if (line.Length < count)
        {
            line = new byte[count];
        }

        for (int c = 0; c < channels; c++)
        {
            for (int i = 0; i < count; i++)
            {
                line[i] = data[(i * stride) + c];
            }

            int sum = 0, n = 0;
            for (int i = 0; i < Math.Min(blur, count); i++, n++)
            {
                sum += line[i];
            }

            for (int i = 0; i < count; i++)
            {
                if (i + blur < count)
                {
                    sum += line[i + blur];
                    n++;
                }

                if (i - blur - 1 >= 0)
                {
                    sum -= line[i - blur - 1];
                    n--;
                }

                data[(i * stride) + c] = (byte)((sum + (n / 2)) / n);
            }
        }
    }
}

/// <summary>Disturbs depth images, 16UC1 (mm) and 32FC1 (m); what is lost or beyond the reach becomes "no depth" (0 or NaN, REP-118).</summary>
internal sealed class DepthEditor(SensorDisturbance sensor) : MessageEditor
{
    private readonly Image message = new();
    private readonly double noise = sensor["noise"], bias = sensor["bias"], loss = sensor["pixel_loss"], reach = sensor["range_max"];

    protected override IMessage Change(ReadOnlySpan<byte> cdr, ref Philox rng)
    {
        Cdr.Deserialize(cdr, message);
        bool millimetres = message.Encoding is "16UC1" or "mono16", metres = message.Encoding == "32FC1", big = message.IsBigendian != 0;
        int size = millimetres ? 2 : 4, width = (int)message.Width, step = (int)message.Step;
        Span<byte> data = message.Data.Span;
        if (!(millimetres || metres))
        {
            throw new UserErrorException($"a condition cannot change depth images of encoding '{message.Encoding}'", null, "it can 16UC1 and 32FC1");
        }

        if (step < width * size || data.Length < (long)step * message.Height)
        {
            return message;
        }

        for (int y = 0; y < message.Height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                Span<byte> at = data.Slice((y * step) + (x * size), size);
                double depth = millimetres
                    ? (big ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at)) * 0.001
                    : big ? BinaryPrimitives.ReadSingleBigEndian(at) : BinaryPrimitives.ReadSingleLittleEndian(at);
                double g = noise > 0 ? rng.NextGaussian() : 0, u = loss > 0 ? rng.NextDouble() : 1;
                bool known = double.IsFinite(depth) && depth > 0;
                double d = depth + bias + (noise * g);
                bool gone = !known || u < loss || d <= 0 || (reach > 0 && d > reach);
                if (millimetres)
                {
                    ushort mm = gone ? (ushort)0 : (ushort)Math.Clamp(Math.Round(d * 1000), 1, ushort.MaxValue);
                    Write(at, mm, big);
                }
                else
                {
                    Write(at, gone ? (known ? float.NaN : (float)depth) : (float)d, big);
                }
            }
        }

        return message;
    }

    private static void Write(Span<byte> at, ushort value, bool big)
    {
        if (big)
        {
            BinaryPrimitives.WriteUInt16BigEndian(at, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(at, value);
        }
    }

    private static void Write(Span<byte> at, float value, bool big)
    {
        if (big)
        {
            BinaryPrimitives.WriteSingleBigEndian(at, value);
        }
        else
        {
            BinaryPrimitives.WriteSingleLittleEndian(at, value);
        }
    }
}
