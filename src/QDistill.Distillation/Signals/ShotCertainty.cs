using QDistill.Distillation.Data;

namespace QDistill.Distillation.Signals;

/// <summary>
/// Weights windows by how certain the teacher's shots leave its answer. Each expectation has a Beta posterior over "measured 0 or 1" with Jeffreys' prior (for S shots and ⟨Z⟩ = E: α = S(1 + E)/2 + ½,
/// β = S(1 − E)/2 + ½), so that five equal shots are not taken for certainty; its variance is 4·αβ/((α + β)²(α + β + 1)), or the back end's own where that is larger (noise, mitigation). A window's
/// σ² is their mean, and its weight τ²/(τ² + σ²), the random-effects weight of DerSimonian and Laird (Control. Clin. Trials 7, 177 (1986), eq. 8) up to a factor, where τ² is the variance between
/// windows less the mean σ². Weights are scaled to mean 1.
/// </summary>
public static class ShotCertainty
{
    /// <summary>The weights [n]; all 1 for exact answers.</summary>
    public static float[] Weights(TeacherAnswers answers)
    {
        int n = answers.Count, m = answers.ObservableCount;
        float[] weights = new float[n];
        Array.Fill(weights, 1f);
        if (m == 0 || n == 0 || (answers.Shots == 0 && answers.Variances.All(v => v == 0)))
        {
            return weights;
        }

        double[] sigma = new double[n];
        double between = 0, within = 0;
        for (int o = 0; o < m; o++)
        {
            double sum = 0, squares = 0;
            for (int i = 0; i < n; i++)
            {
                double e = answers.Expectations[(i * m) + o], v = Math.Max(answers.Variances[(i * m) + o], PosteriorVariance(e, answers.Shots));
                sigma[i] += v / m;
                within += v / ((double)n * m);
                sum += e;
                squares += e * e;
            }

            between += ((squares / n) - (sum / n * (sum / n))) / m;
        }

        double tau = Math.Max(between - within, 1e-3 * within), total = 0;
        for (int i = 0; i < n; i++)
        {
            double w = tau / (tau + sigma[i]);
            weights[i] = (float)w;
            total += w;
        }

        for (int i = 0; i < n; i++)
        {
            weights[i] = (float)(weights[i] * n / total);
        }

        return weights;
    }

    /// <summary>The posterior variance of ⟨Z⟩ = 2p − 1 after a number of shots; 0 when exact.</summary>
    public static double PosteriorVariance(double expectation, int shots)
    {
        if (shots == 0)
        {
            return 0;
        }

        double e = Math.Clamp(expectation, -1, 1), a = (shots * (1 + e) / 2) + 0.5, b = (shots * (1 - e) / 2) + 0.5, s = a + b;
        return 4 * a * b / (s * s * (s + 1));
    }
}
