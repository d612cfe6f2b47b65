namespace QDistill.Features;

/// <summary>
/// The similarity motion between one grey image and the next: shift, expansion and rotation about the centre, with gain and offset of the exposure. Least squares on the
/// brightness constancy equation (Lucas and Kanade 1981) with the motion model shared by the whole image and gradients taken from the earlier image (Hager and Belhumeur
/// 1998), from coarse to fine. The expansion is half the mean divergence of the flow; per second it is the inverse time to contact of a frontal approach
/// (Lee 1976). Turning the camera about its own axes shifts or rotates the image but does not expand it.
/// </summary>
internal sealed class SimilarityFlow
{
    private const int Unknowns = 6; // shift x, shift y, expansion, rotation, gain, offset
    private const int Iterations = 8;
    private const double Converged = 0.003; // pixels at the border
    private const double LeastDeviation = 1; // grey levels: below it there is only noise to follow
    private const double Unexplained = 0.25; // the greatest share of the image's variance that may be left
    private readonly Level[] levels;
    private readonly double[] normal = new double[Unknowns * Unknowns], factor = new double[Unknowns * Unknowns], right = new double[Unknowns];
    private readonly int columns, rows, firstHalvings;
    private readonly float[] halved;
    private bool hasBefore;

    public SimilarityFlow(int columns, int rows)
    {
        (this.columns, this.rows) = (columns, rows);
        int w = columns, h = rows, first = 0;
        while (w > 96 && h >= 32)
        {
            (w, h) = (w / 2, h / 2);
            first++;
        }

        firstHalvings = first;
        var all = new List<Level> { new(w, h) };
        while (w / 2 >= 16 && h / 2 >= 12)
        {
            (w, h) = (w / 2, h / 2);
            all.Add(new Level(w, h));
        }

        levels = [.. all];
        halved = first == 0 ? [] : new float[(columns / 2) * (rows / 2)];
    }

    /// <summary>Forgets the image before.</summary>
    public void Forget() => hasBefore = false;

    /// <summary>Takes the next image in and estimates how it came out of the one before.</summary>
    /// <param name="image">The luminances [rows, columns].</param>
    /// <param name="expansion">How much larger things have become (0.1: by a tenth).</param>
    /// <returns>False for the first image, and when there is too little texture or the two do not match.</returns>
    public bool Next(ReadOnlySpan<float> image, out double expansion)
    {
        foreach (Level level in levels)
        {
            (level.Before, level.Now) = (level.Now, level.Before);
        }

        Build(image);
        bool had = hasBefore;
        hasBefore = true;
        expansion = 0;
        return had && Estimate(out expansion);
    }

    private void Build(ReadOnlySpan<float> image)
    {
        Level finest = levels[0];
        if (firstHalvings == 0)
        {
            Smooth(image, columns, rows, finest);
        }
        else
        {
            // From the second time on in place: what is read never lies before what is written.
            int w = columns, h = rows;
            ReadOnlySpan<float> from = image;
            for (int k = 0; k < firstHalvings; k++)
            {
                Halve(from, w, halved, w / 2, h / 2);
                (w, h) = (w / 2, h / 2);
                from = halved;
            }

            Smooth(from, w, h, finest);
        }

        for (int k = 1; k < levels.Length; k++)
        {
            Halve(levels[k - 1].Now, levels[k - 1].Width, levels[k].Now, levels[k].Width, levels[k].Height);
        }
    }

    private static void Halve(ReadOnlySpan<float> from, int fromWidth, Span<float> to, int width, int height)
    {
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<float> a = from.Slice(2 * y * fromWidth, 2 * width), b = from.Slice(((2 * y) + 1) * fromWidth, 2 * width);
            Span<float> row = to.Slice(y * width, width);
            for (int x = 0; x < row.Length; x++)
            {
                row[x] = 0.25f * (a[2 * x] + a[(2 * x) + 1] + b[2 * x] + b[(2 * x) + 1]);
            }
        }
    }

    /// <summary>A binomial 3×3 filter: without it interpolation between pixels would smooth one image more than the other and bias the estimate.</summary>
    private static void Smooth(ReadOnlySpan<float> from, int w, int h, Level level)
    {
        Span<float> to = level.Now, line = level.Line;
        for (int y = 0; y < h; y++)
        {
            ReadOnlySpan<float> up = from.Slice(Math.Max(0, y - 1) * w, w), here = from.Slice(y * w, w), down = from.Slice(Math.Min(h - 1, y + 1) * w, w);
            for (int x = 0; x < line.Length; x++)
            {
                line[x] = (0.25f * (up[x] + down[x])) + (0.5f * here[x]);
            }

            Span<float> row = to.Slice(y * w, w);
            row[0] = (0.75f * line[0]) + (0.25f * line[1]);
            row[^1] = (0.75f * line[^1]) + (0.25f * line[^2]);
            for (int x = 1; x < row.Length - 1; x++)
            {
                row[x] = (0.25f * (line[x - 1] + line[x + 1])) + (0.5f * line[x]);
            }
        }
    }

    private bool Estimate(out double expansion)
    {
        double tx = 0, ty = 0, s = 0, rot = 0, gain = 0, offset = 0;
        expansion = 0;
        for (int k = levels.Length - 1; k >= 0; k--)
        {
            Level level = levels[k];
            int w = level.Width, h = level.Height;
            if (k < levels.Length - 1)
            {
                (tx, ty) = (2 * tx, 2 * ty);
            }

            if (!Prepare(level, out double mean, out double deviation))
            {
                return false;
            }

            double unexplained = 1;
            for (int iteration = 0; iteration < Iterations; iteration++)
            {
                double residual = Residual(level, mean, tx, ty, s, rot, gain, offset, out int used);
                if (used < w * h / 3)
                {
                    return false;
                }

                unexplained = residual / (used * deviation * deviation);
                double whole = (double)(w - 2) * (h - 2) / used;
                Substitute(whole);
                tx += right[0];
                ty += right[1];
                s += right[2];
                rot += right[3];
                gain += right[4];
                offset += right[5];
                if (!(Math.Abs(s) < 0.5 && Math.Abs(rot) < 0.5 && Math.Abs(tx) < 0.5 * w && Math.Abs(ty) < 0.5 * h && Math.Abs(gain) < 0.9))
                {
                    return false;
                }

                if (Math.Abs(right[0]) + Math.Abs(right[1]) + (0.5 * w * (Math.Abs(right[2]) + Math.Abs(right[3]))) < Converged)
                {
                    break;
                }
            }

            if (k == 0 && !(unexplained < Unexplained))
            {
                return false;
            }
        }

        // A turn about the optical axis shortens the cosine part; the length of the whole is the magnification.
        expansion = Math.Sqrt(((1 + s) * (1 + s)) + (rot * rot)) - 1;
        return true;
    }

    /// <summary>Gradients and normal matrix of the earlier image; false when it has too little texture in some direction.</summary>
    private bool Prepare(Level level, out double mean, out double deviation)
    {
        int w = level.Width, h = level.Height;
        ReadOnlySpan<float> image = level.Before;
        double cx = 0.5 * (w - 1), cy = 0.5 * (h - 1), sum = 0, squares = 0;
        for (int y = 1; y < h - 1; y++)
        {
            foreach (float v in image.Slice((y * w) + 1, w - 2))
            {
                sum += v;
                squares += v * (double)v;
            }
        }

        int inner = (w - 2) * (h - 2);
        mean = sum / inner;
        deviation = Math.Sqrt(Math.Max(0, (squares / inner) - (mean * mean)));
        if (!(deviation >= LeastDeviation))
        {
            return false;
        }

        Array.Clear(normal);
        Span<double> n = normal, a = stackalloc double[Unknowns];
        for (int y = 1; y < h - 1; y++)
        {
            double dy = y - cy;
            for (int x = 1; x < w - 1; x++)
            {
                int at = (y * w) + x;
                double gx = 0.5 * (image[at + 1] - image[at - 1]), gy = 0.5 * (image[at + w] - image[at - w]), dx = x - cx;
                (level.Gx[at], level.Gy[at]) = ((float)gx, (float)gy);
                a[0] = gx;
                a[1] = gy;
                a[2] = (gx * dx) + (gy * dy);
                a[3] = (gy * dx) - (gx * dy);
                a[4] = mean - image[at];
                a[5] = -1;
                for (int i = 0; i < Unknowns; i++)
                {
                    double ai = a[i];
                    for (int j = 0; j <= i; j++)
                    {
                        n[(i * Unknowns) + j] += ai * a[j];
                    }
                }
            }
        }

        return Factorize();
    }

    /// <summary>The right-hand side −Aᵀe of the update at the present motion; returns the sum of squares of e.</summary>
    private double Residual(Level level, double mean, double tx, double ty, double s, double rot, double gain, double offset, out int used)
    {
        int w = level.Width, h = level.Height;
        ReadOnlySpan<float> before = level.Before, now = level.Now, gx = level.Gx, gy = level.Gy;
        double cx = 0.5 * (w - 1), cy = 0.5 * (h - 1);
        double r0 = 0, r1 = 0, r2 = 0, r3 = 0, r4 = 0, r5 = 0, total = 0;
        used = 0;
        for (int y = 1; y < h - 1; y++)
        {
            double dy = y - cy, u0 = cx + tx - (rot * dy), v0 = y + ty + (s * dy);
            int row = y * w;
            for (int x = 1; x < w - 1; x++)
            {
                double dx = x - cx, u = u0 + ((1 + s) * dx), v = v0 + (rot * dx);
                if (!(u >= 0 && v >= 0 && u < w - 1 && v < h - 1))
                {
                    continue;
                }

                int iu = (int)u, iv = (int)v, k = (iv * w) + iu, at = row + x;
                double fu = u - iu, fv = v - iv;
                double up = now[k] + (fu * (now[k + 1] - now[k])), down = now[k + w] + (fu * (now[k + w + 1] - now[k + w]));
                double b = before[at] - mean;
                double e = up + (fv * (down - up)) - before[at] - (gain * b) - offset;
                double gxe = gx[at] * e, gye = gy[at] * e;
                r0 -= gxe;
                r1 -= gye;
                r2 -= (gxe * dx) + (gye * dy);
                r3 -= (gye * dx) - (gxe * dy);
                r4 += b * e;
                r5 += e;
                total += e * e;
                used++;
            }
        }

        (right[0], right[1], right[2], right[3], right[4], right[5]) = (r0, r1, r2, r3, r4, r5);
        return total;
    }

    /// <summary>Cholesky; false when the normal matrix is not safely positive.</summary>
    private bool Factorize()
    {
        for (int i = 0; i < Unknowns; i++)
        {
            double scale = normal[(i * Unknowns) + i];
            for (int j = 0; j <= i; j++)
            {
                double sum = normal[(i * Unknowns) + j];
                for (int k = 0; k < j; k++)
                {
                    sum -= factor[(i * Unknowns) + k] * factor[(j * Unknowns) + k];
                }

                if (i != j)
                {
                    factor[(i * Unknowns) + j] = sum / factor[(j * Unknowns) + j];
                }
                else if (sum > 1e-3 * scale && sum > 1e-3)
                {
                    factor[(i * Unknowns) + i] = Math.Sqrt(sum);
                }
                else
                {
                    return false;
                }
            }
        }

        return true;
    }

    private void Substitute(double scale)
    {
        for (int i = 0; i < Unknowns; i++)
        {
            for (int k = 0; k < i; k++)
            {
                right[i] -= factor[(i * Unknowns) + k] * right[k];
            }

            right[i] /= factor[(i * Unknowns) + i];
        }

        for (int i = Unknowns - 1; i >= 0; i--)
        {
            for (int k = i + 1; k < Unknowns; k++)
            {
                right[i] -= factor[(k * Unknowns) + i] * right[k];
            }

            right[i] /= factor[(i * Unknowns) + i];
        }

        for (int i = 0; i < Unknowns; i++)
        {
            right[i] *= scale;
        }
    }

    private sealed class Level(int width, int height)
    {
        public readonly int Width = width, Height = height;
        public readonly float[] Gx = new float[width * height], Gy = new float[width * height], Line = new float[width];
        public float[] Before = new float[width * height], Now = new float[width * height];
    }
}
