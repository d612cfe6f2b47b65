using QDistill.Msgs.SensorMsgs;
using QDistill.Numerics;

namespace QDistill.Features.Tests;

/// <summary>A textured wall and a pinhole camera before it.</summary>
internal sealed class Scene
{
    private readonly double[] kx, ky, phase;

    public Scene(ulong seed = 7)
    {
        // Waves of 0.25 m to 2.5 m in all directions; each as strong as it is long, as in natural pictures.
        var random = new Philox(seed);
        (kx, ky, phase) = (new double[16], new double[16], new double[16]);
        for (int i = 0; i < kx.Length; i++)
        {
            double k = 2.5 * Math.Pow(10, i / 16.0), angle = random.NextDouble(0, Math.PI);
            (kx[i], ky[i], phase[i]) = (k * Math.Cos(angle), k * Math.Sin(angle), random.NextDouble(0, 2 * Math.PI));
        }
    }

    public double Texture(double x, double y)
    {
        double sum = 0;
        for (int i = 0; i < kx.Length; i++)
        {
            sum += Math.Sin((kx[i] * x) + (ky[i] * y) + phase[i]) * 2.5 / Math.Sqrt((kx[i] * kx[i]) + (ky[i] * ky[i]));
        }

        return 128 + (22 * sum);
    }

    /// <summary>What a camera sees that looks along z at the wall in the plane z = 0, from (x, y, −distance), turned by pan, tilt and roll [rad].</summary>
    public Image View(long stamp, double distance, double x = 0, double y = 0, double pan = 0, double tilt = 0, double roll = 0, double gain = 1, int width = 240, int height = 180)
    {
        var image = new Image { Width = (uint)width, Height = (uint)height, Step = (uint)width, Encoding = "mono8" };
        image.Header.Stamp.SetNanoseconds(stamp);
        double focal = 0.9 * width;
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                double u = (column - (0.5 * (width - 1))) / focal, v = (row - (0.5 * (height - 1))) / focal;
                (double a, double b, double c) = ((Math.Cos(roll) * u) - (Math.Sin(roll) * v), (Math.Sin(roll) * u) + (Math.Cos(roll) * v), 1.0);
                (b, c) = ((Math.Cos(tilt) * b) - (Math.Sin(tilt) * c), (Math.Sin(tilt) * b) + (Math.Cos(tilt) * c));
                (a, c) = ((Math.Cos(pan) * a) + (Math.Sin(pan) * c), (Math.Cos(pan) * c) - (Math.Sin(pan) * a));
                image.Data.Add((byte)Math.Clamp(Math.Round(gain * Texture(x + (distance * a / c), y + (distance * b / c))), 0, 255));
            }
        }

        return image;
    }
}
