using QDistill.Configuration;
using QDistill.Numerics;

namespace QDistill.Quantum;

/// <summary>A loss of weights. The number tells its evaluations apart, so that a loss by shots can draw others each time (times the batch, it serves as <see cref="EvaluationRequest.FirstSample"/>).</summary>
/// <param name="weights">[p]</param>
/// <param name="evaluation">0, 1, 2, …</param>
public delegate double SpsaLoss(ReadOnlySpan<double> weights, long evaluation);

/// <summary>
/// Simultaneous perturbation stochastic approximation: the whole gradient from two losses, whatever the number of weights. The step sizes are a/(k + 1 + A)^0.602 and
/// c/(k + 1)^0.101 (Spall, IEEE Trans. Autom. Control 37, 332 (1992); IEEE Trans. Aerosp. Electron. Syst. 34, 817 (1998)).
/// </summary>
public sealed record Spsa
{
    /// <summary>The seed of the perturbations.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>c, the size of the first perturbation [rad].</summary>
    public double Perturbation { get; init; } = 0.1;

    /// <summary>a, the step size.</summary>
    public double StepSize { get; init; } = 0.2;

    /// <summary>A, which damps the first steps; a tenth of the iterations is usual.</summary>
    public double Stability { get; init; } = 10;

    /// <summary>Perturbations averaged in each gradient; each costs two losses.</summary>
    public int Averages { get; init; } = 1;

    /// <summary>An estimate of the gradient: the mean over ±1 directions δ of (L(w + cδ) − L(w − cδ))/2c · δ. Its error is of order c², besides its variance.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="weights">[p]</param>
    /// <param name="iteration">k, which sets the perturbation's size and picks the directions.</param>
    /// <param name="gradient">Receives [p].</param>
    /// <returns>The mean of the losses seen.</returns>
    /// <exception cref="UserErrorException">The settings make no sense, or the loss is not finite.</exception>
    public double Gradient(SpsaLoss loss, ReadOnlySpan<double> weights, long iteration, Span<double> gradient)
    {
        if (!(Perturbation > 0) || !double.IsFinite(Perturbation) || Averages < 1)
        {
            throw new UserErrorException($"SPSA cannot work with a perturbation of {Perturbation} and {Averages} averages");
        }

        if (gradient.Length != weights.Length)
        {
            throw new UserErrorException($"the gradient needs {weights.Length} numbers, but {gradient.Length} were given");
        }

        double c = Perturbation / Math.Pow(iteration + 1, 0.101), sum = 0;
        double[] delta = new double[weights.Length], at = new double[weights.Length];
        gradient.Clear();
        for (int k = 0; k < Averages; k++)
        {
            long pair = (iteration * Averages) + k;
            var random = new Philox(Seed, (ulong)pair);
            for (int i = 0; i < delta.Length; i++)
            {
                delta[i] = (random.NextUInt32() & 1) == 0 ? 1 : -1;
            }

            double plus = At(1, 2 * pair, weights), minus = At(-1, (2 * pair) + 1, weights);
            sum += plus + minus;
            for (int i = 0; i < delta.Length; i++)
            {
                gradient[i] += (plus - minus) / (2 * c * Averages) * delta[i];
            }
        }

        return sum / (2 * Averages);

        double At(double sign, long evaluation, ReadOnlySpan<double> from)
        {
            for (int i = 0; i < at.Length; i++)
            {
                at[i] = from[i] + (sign * c * delta[i]);
            }

            double value = loss(at, evaluation);
            return double.IsFinite(value) ? value : throw new UserErrorException($"the loss of SPSA's evaluation {evaluation} is {value}, not a finite number");
        }
    }

    /// <summary>Minimises a loss by its noisy values.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="start">The first weights [p].</param>
    /// <param name="iterations">Steps; each costs 2 · <see cref="Averages"/> losses.</param>
    /// <param name="cancellation">Ends it between steps.</param>
    /// <returns>The last weights [p].</returns>
    public double[] Minimise(SpsaLoss loss, ReadOnlySpan<double> start, int iterations, CancellationToken cancellation = default)
    {
        double[] weights = start.ToArray(), gradient = new double[start.Length];
        for (int k = 0; k < iterations; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            Gradient(loss, weights, k, gradient);
            double step = StepSize / Math.Pow(k + 1 + Stability, 0.602);
            for (int i = 0; i < weights.Length; i++)
            {
                weights[i] -= step * gradient[i];
            }
        }

        return weights;
    }
}
