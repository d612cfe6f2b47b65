using QDistill.Inference;

namespace QDistill.Distillation.Training;

/// <summary>
/// The energy score of a student's logits (Liu et al. 2020, "Energy-based out-of-distribution detection", eq. 4 at T = 1). Output j is a classifier of two classes with logits ±z_j/2; over all 2^k
/// combinations of the k outputs' classes, E = −log Σ exp(Σ_j ±z_j/2) = −Σ_j log(e^(z_j/2) + e^(−z_j/2)).
/// </summary>
public static class EnergyScore
{
    /// <summary>The share of validation windows beyond each end of the range.</summary>
    public const double Tail = 0.001;

    /// <summary>The energy of one window's logits [k], before calibration; at most −k log 2.</summary>
    public static double Of(ReadOnlySpan<float> logits)
    {
        double energy = 0;
        foreach (float z in logits)
        {
            double a = Math.Abs((double)z);
            energy -= (a / 2) + Math.Log(1 + Math.Exp(-a));
        }

        return energy;
    }

    /// <summary>The range in which all but a share of <see cref="Tail"/> at each end of the windows lie.</summary>
    /// <param name="logits">The validation windows' logits [n, k].</param>
    /// <param name="outputs">The number of outputs, k.</param>
    /// <returns>The range; null without windows.</returns>
    public static EnergyContract? Range(ReadOnlySpan<float> logits, int outputs)
    {
        int n = logits.Length / outputs;
        if (n == 0)
        {
            return null;
        }

        double[] energies = new double[n];
        for (int i = 0; i < n; i++)
        {
            energies[i] = Of(logits.Slice(i * outputs, outputs));
        }

        Array.Sort(energies);
        return new EnergyContract(energies[(int)(Tail * (n - 1))], energies[(int)Math.Ceiling((1 - Tail) * (n - 1))], Tail);
    }
}
