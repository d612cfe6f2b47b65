using System.Globalization;
using System.Text;
using QDistill.Configuration;
using QDistill.Numerics;

namespace QDistill.Quantum;

/// <summary>How gradients of an ansatz spread over random weights, at one size.</summary>
/// <param name="Ansatz">The ansatz.</param>
/// <param name="Observable">The observable.</param>
/// <param name="Qubits">n.</param>
/// <param name="Layers">Layers.</param>
/// <param name="Weights">Weights p.</param>
/// <param name="Component">The weight whose derivative was taken.</param>
/// <param name="Mean">The mean of ∂⟨O⟩/∂w; 0 for an ansatz of Pauli rotations.</param>
/// <param name="Variance">Its variance.</param>
/// <param name="StandardError">The standard error of that variance.</param>
/// <param name="MeanVariance">The variance of a component, averaged over all p.</param>
public sealed record GradientVariance(
    string Ansatz, string Observable, int Qubits, int Layers, int Weights, int Component, double Mean, double Variance, double StandardError, double MeanVariance);

/// <summary>
/// Barren-plateau diagnostics: the variance of a gradient component over weights uniform in [−π, π), by qubits and depth. Where it falls exponentially with the qubits, training
/// by shots is hopeless (McClean et al., Nat. Commun. 9, 4812 (2018); for the observable's locality Cerezo et al., Nat. Commun. 12, 1791 (2021)).
/// </summary>
public static class BarrenPlateau
{
    private const int Chunk = 256;

    /// <summary>Measures all sizes, exactly but for the finite number of weight sets.</summary>
    /// <param name="ansatz">A name of <see cref="Ansatz.All"/>.</param>
    /// <param name="qubits">The numbers of qubits.</param>
    /// <param name="layers">The numbers of layers, each at least 1.</param>
    /// <param name="observable">The observable for n qubits; Z0 Z1 … Z(n−1) when null.</param>
    /// <param name="samples">Random sets of weights, at least 2.</param>
    /// <param name="seed">Their seed.</param>
    /// <param name="component">The weight for (n, p); the middle one when null.</param>
    /// <param name="cancellation">Ends the run between parts.</param>
    /// <exception cref="UserErrorException">A name is unknown or a size out of range.</exception>
    public static IReadOnlyList<GradientVariance> Measure(
        string ansatz,
        IEnumerable<int> qubits,
        IEnumerable<int> layers,
        Func<int, Observable>? observable = null,
        int samples = 500,
        ulong seed = 1,
        Func<int, int, int>? component = null,
        CancellationToken cancellation = default)
    {
        Ansatz family = Ansatz.Get(ansatz);
        observable ??= n => Observable.Of(new PauliString(0, (1 << n) - 1));
        if (samples < 2)
        {
            throw new UserErrorException($"a variance over {samples} sets of weights is not defined", null, "take at least 2, better some hundred");
        }

        int[] depths = [.. layers];
        var rows = new List<GradientVariance>();
        foreach (int n in qubits)
        {
            foreach (int depth in depths)
            {
                var builder = new CircuitBuilder(n);
                if (depth < 1)
                {
                    throw new UserErrorException($"an ansatz of {depth} layers has no gradient", null, "take at least 1 layer");
                }

                for (int l = 0; l < depth; l++)
                {
                    family.Append(builder, l, depth);
                }

                Circuit circuit = builder.Build();
                int k = component?.Invoke(n, circuit.WeightCount) ?? circuit.WeightCount / 2;
                if (k < 0 || k >= circuit.WeightCount)
                {
                    throw new UserErrorException($"the ansatz '{ansatz}' on {n} qubits with {depth} layers has {circuit.WeightCount} weights, so there is no weight {k}");
                }

                rows.Add(One(circuit, family.Name, depth, observable(n), samples, seed, k, cancellation));
            }
        }

        return rows;
    }

    /// <summary>The rows as a table for people.</summary>
    public static string ToTable(IEnumerable<GradientVariance> rows)
    {
        var text = new StringBuilder("qubits  layers  weights     variance     ± error   mean over all\n");
        foreach (GradientVariance r in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"{r.Qubits,6}  {r.Layers,6}  {r.Weights,7}  {r.Variance,11:E3}  {r.StandardError,10:E1}  {r.MeanVariance,14:E3}\n");
        }

        return text.ToString();
    }

    /// <summary>The rows as CSV with a header.</summary>
    public static string ToCsv(IEnumerable<GradientVariance> rows)
    {
        var text = new StringBuilder("ansatz,observable,qubits,layers,weights,component,mean,variance,standard_error,mean_variance\n");
        foreach (GradientVariance r in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"{r.Ansatz},\"{r.Observable}\",{r.Qubits},{r.Layers},{r.Weights},{r.Component},{r.Mean:R},{r.Variance:R},{r.StandardError:R},{r.MeanVariance:R}\n");
        }

        return text.ToString();
    }

    private static GradientVariance One(Circuit circuit, string ansatz, int layers, Observable observable, int samples, ulong seed, int component, CancellationToken cancellation)
    {
        int p = circuit.WeightCount;
        using var engine = new StateVector(LiftedCircuit.WeightsAsInputs(circuit), [observable]);
        double[] sum = new double[p], square = new double[p], chosen = new double[samples];
        for (int first = 0; first < samples; first += Chunk)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(Chunk, samples - first);
            double[] weights = new double[count * p], gradients = new double[count * p], ones = new double[count];
            Array.Fill(ones, 1);
            for (int i = 0; i < count; i++)
            {
                var random = new Philox(seed, (ulong)(first + i));
                for (int j = 0; j < p; j++)
                {
                    weights[(i * p) + j] = random.NextDouble(-Math.PI, Math.PI);
                }
            }

            engine.ExpectationsAndVjp([], weights, count, ones, [], gradients);
            for (int i = 0; i < count; i++)
            {
                chosen[first + i] = gradients[(i * p) + component];
                for (int j = 0; j < p; j++)
                {
                    sum[j] += gradients[(i * p) + j];
                    square[j] += gradients[(i * p) + j] * gradients[(i * p) + j];
                }
            }
        }

        double mean = chosen.Average(), second = 0, fourth = 0, all = 0;
        foreach (double g in chosen)
        {
            double s = (g - mean) * (g - mean);
            second += s / (samples - 1);
            fourth += s * s / samples;
        }

        for (int j = 0; j < p; j++)
        {
            all += (square[j] - (sum[j] * sum[j] / samples)) / (samples - 1) / p;
        }

        return new GradientVariance(ansatz, observable.ToString(), circuit.Qubits, layers, p, component, mean, second, Math.Sqrt(Math.Max(0, fourth - (second * second)) / samples), all);
    }
}
