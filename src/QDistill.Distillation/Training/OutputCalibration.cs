using QDistill.Distillation.Data;
using QDistill.Features;
using QDistill.Metrics;

namespace QDistill.Distillation.Training;

/// <summary>
/// Calibration of k binary outputs at once: p_j = σ(a_j z_j + b_j). Platt scaling fits a and b, temperature scaling a = 1/T alone.
/// The numbers are kept as [a_0, b_0, a_1, b_1, …], the form in which they enter the exported model.
/// </summary>
public static class OutputCalibration
{
    /// <summary>The least slope: an output that ranks validation windows no better than chance becomes nearly constant, never reversed.</summary>
    private const double LeastSlope = 1e-3;

    /// <summary>Leaves logits as they are.</summary>
    public static double[] Identity(int outputs)
    {
        double[] numbers = new double[2 * outputs];
        for (int j = 0; j < outputs; j++)
        {
            numbers[2 * j] = 1;
        }

        return numbers;
    }

    /// <summary>Fits a and b of every output to windows of known truth.</summary>
    public static double[] FitPlatt(float[] logits, TeacherDataset data) => Fit(logits, data, true);

    /// <summary>Fits T of every output to windows of known truth.</summary>
    public static double[] FitTemperature(float[] logits, TeacherDataset data) => Fit(logits, data, false);

    /// <summary>Fits by name: <c>platt</c>, <c>temperature</c> or <c>none</c>.</summary>
    public static double[] Fit(string method, float[] logits, TeacherDataset data) => method switch
    {
        "platt" => FitPlatt(logits, data),
        "temperature" => FitTemperature(logits, data),
        _ => Identity(data.OutputCount),
    };

    /// <summary>Calibrated probabilities [n, k] of logits [n, k].</summary>
    public static float[] Probabilities(ReadOnlySpan<float> logits, double[] calibration, int outputs)
    {
        float[] p = new float[logits.Length];
        for (int i = 0; i < p.Length; i++)
        {
            int j = i % outputs;
            p[i] = (float)Logit.Sigmoid((calibration[2 * j] * logits[i]) + calibration[(2 * j) + 1]);
        }

        return p;
    }

    private static double[] Fit(float[] logits, TeacherDataset data, bool withBias)
    {
        int k = data.OutputCount;
        double[] numbers = Identity(k);
        for (int j = 0; j < k; j++)
        {
            var z = new List<double>();
            var y = new List<bool>();
            for (int i = 0; i < data.Count; i++)
            {
                Truth t = data.Truth[(i * k) + j];
                if (t != Truth.Unknown)
                {
                    z.Add(logits[(i * k) + j]);
                    y.Add(t == Truth.Hazard);
                }
            }

            if (y.Contains(true) && y.Contains(false))
            {
                if (withBias)
                {
                    PlattScaling platt = PlattScaling.Fit([.. z], [.. y]);
                    (numbers[2 * j], numbers[(2 * j) + 1]) = (Math.Max(platt.Slope, LeastSlope), platt.Intercept);
                }
                else
                {
                    numbers[2 * j] = 1 / TemperatureScaling.Fit([.. z], [.. y]).Temperature;
                }
            }
        }

        return numbers;
    }
}
