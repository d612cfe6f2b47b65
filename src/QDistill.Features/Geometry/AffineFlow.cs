namespace QDistill.Features;

/// <summary>
/// The similarity motion between two small grey images: shift, expansion and rotation about the centre, with a change of brightness, by iterated least squares on the
/// brightness constancy equation (Lucas and Kanade 1981, with the motion model shared by the whole image). Expansion per time is the inverse time to contact of a
/// frontal approach; the divergence of the flow is twice that.
/// </summary>
internal sealed class AffineFlow(int columns, int rows)
{
    private const int Unknowns = 5; // shift x, shift y, expansion, rotation, brightness
    private const int Iterations = 6;
    private readonly double[] normal = new double[Unknowns * Unknowns], right = new double[Unknowns];

    /// <summary>Estimates the expansion from one image to the next (0.1: a tenth larger). False when there is too little texture or the images do not match.</summary>
    public bool Estimate(ReadOnlySpan<float> before, ReadOnlySpan<float> now, out double expansion)
    {
        double tx = 0, ty = 0, s = 0, rot = 0;
        double cx = 0.5 * (columns - 1), cy = 0.5 * (rows - 1);
        expansion = 0;
        for (int iteration = 0; iteration < Iterations; iteration++)
        {
            Array.Clear(normal);
            Array.Clear(right);
            int used = 0;
            for (int y = 1; y < rows - 1; y++)
            {
                for (int x = 1; x < columns - 1; x++)
                {
                    double dx = x - cx, dy = y - cy;
                    double u = x + tx + (s * dx) - (rot * dy), v = y + ty + (s * dy) + (rot * dx);
                    int iu = (int)Math.Floor(u), iv = (int)Math.Floor(v);
                    if (iu < 0 || iv < 0 || iu >= columns - 1 || iv >= rows - 1)
                    {
                        continue;
                    }

                    double fu = u - iu, fv = v - iv;
                    int k = (iv * columns) + iu;
                    double warped = ((1 - fv) * (((1 - fu) * now[k]) + (fu * now[k + 1]))) + (fv * (((1 - fu) * now[k + columns]) + (fu * now[k + columns + 1])));
                    int at = (y * columns) + x;
                    double gx = 0.5 * (before[at + 1] - before[at - 1]), gy = 0.5 * (before[at + columns] - before[at - columns]);
                    Accumulate(gx, gy, (gx * dx) + (gy * dy), (gy * dx) - (gx * dy), before[at] - warped);
                    used++;
                }
            }

            if (used < columns * rows / 3 || !Solve())
            {
                return false;
            }

            tx += right[0];
            ty += right[1];
            s += right[2];
            rot += right[3];
            if (!(Math.Abs(s) < 0.5 && Math.Abs(rot) < 0.5 && Math.Abs(tx) < 0.5 * columns && Math.Abs(ty) < 0.5 * rows))
            {
                return false;
            }
        }

        expansion = s;
        return true;
    }

    private void Accumulate(double a, double b, double c, double d, double residual)
    {
        Span<double> row = [a, b, c, d, 1];
        for (int i = 0; i < Unknowns; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                normal[(i * Unknowns) + j] += row[i] * row[j];
            }

            right[i] += row[i] * residual;
        }
    }

    /// <summary>Cholesky in place; false when the normal matrix is not safely positive (no texture in some direction).</summary>
    private bool Solve()
    {
        for (int i = 0; i < Unknowns; i++)
        {
            double scale = normal[(i * Unknowns) + i];
            for (int j = 0; j <= i; j++)
            {
                double sum = normal[(i * Unknowns) + j];
                for (int k = 0; k < j; k++)
                {
                    sum -= normal[(i * Unknowns) + k] * normal[(j * Unknowns) + k];
                }

                if (i == j)
                {
                    if (!(sum > 1e-6 * scale) || !(sum > 1e-3))
                    {
                        return false;
                    }

                    normal[(i * Unknowns) + i] = Math.Sqrt(sum);
                }
                else
                {
                    normal[(i * Unknowns) + j] = sum / normal[(j * Unknowns) + j];
                }
            }
        }

        for (int i = 0; i < Unknowns; i++)
        {
            for (int k = 0; k < i; k++)
            {
                right[i] -= normal[(i * Unknowns) + k] * right[k];
            }

            right[i] /= normal[(i * Unknowns) + i];
        }

        for (int i = Unknowns - 1; i >= 0; i--)
        {
            for (int k = i + 1; k < Unknowns; k++)
            {
                right[i] -= normal[(k * Unknowns) + i] * right[k];
            }

            right[i] /= normal[(i * Unknowns) + i];
        }

        return true;
    }
}
