using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>What counts say about class probabilities: the Dirichlet posterior over classes of outcomes (for two classes, Beta).</summary>
/// <param name="Mean">Posterior means [classes].</param>
/// <param name="Variance">Posterior variances [classes].</param>
/// <param name="Concentration">The Dirichlet parameters: prior plus counts [classes].</param>
public sealed record ClassPosterior(double[] Mean, double[] Variance, double[] Concentration)
{
    /// <summary>Computes the posterior.</summary>
    /// <param name="frequencies">Relative frequencies of the outcomes [2^n], as a back end's probabilities.</param>
    /// <param name="shots">The number of shots behind them.</param>
    /// <param name="classOf">The class of each outcome [2^n], from 0.</param>
    /// <param name="prior">The prior weight of each class: ½ is Jeffreys' prior for two classes, 1 the flat one.</param>
    /// <exception cref="UserErrorException">Sizes do not fit, or a number is out of range.</exception>
    public static ClassPosterior Of(ReadOnlySpan<double> frequencies, int shots, ReadOnlySpan<int> classOf, double prior = 0.5)
    {
        if (frequencies.Length != classOf.Length || shots < 1 || !(prior > 0))
        {
            throw new UserErrorException($"a posterior needs one class for each of {frequencies.Length} outcomes, at least 1 shot and a prior above 0, not {classOf.Length} classes, {shots} shots and a prior of {prior}");
        }

        int classes = 1;
        foreach (int c in classOf)
        {
            classes = Math.Max(classes, c + 1);
        }

        double[] a = new double[classes], mean = new double[classes], variance = new double[classes];
        Array.Fill(a, prior);
        for (int k = 0; k < frequencies.Length; k++)
        {
            a[classOf[k]] += frequencies[k] * shots;
        }

        double sum = a.Sum();
        for (int c = 0; c < classes; c++)
        {
            mean[c] = a[c] / sum;
            variance[c] = mean[c] * (1 - mean[c]) / (sum + 1);
        }

        return new ClassPosterior(mean, variance, a);
    }
}
