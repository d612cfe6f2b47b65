using System.Runtime.CompilerServices;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>How values at several noise scales are carried on to none.</summary>
public enum Extrapolation
{
    /// <summary>A straight line by least squares.</summary>
    Linear,

    /// <summary>The polynomial through all points (Richardson).</summary>
    Richardson,

    /// <summary>A · exp(−b·scale) by least squares of the logarithms; a line where signs differ or a value vanishes.</summary>
    Exponential,
}

/// <summary>
/// Zero-noise extrapolation (Temme et al., PRL 119, 180509 (2017)) around another back end: each circuit is run at several noise scales by folding, G → G (G† G)^k, over the whole circuit and, for what
/// is left of a scale, gate by gate (Giurgica-Tiron et al., QCE 2020); expectations are carried on to scale 0. The inner back end's ledger counts every run, so it shows the cost.
/// </summary>
public sealed class ZeroNoiseBackend : ITeacherBackend
{
    private readonly ITeacherBackend inner;
    private readonly double[] scales;
    private readonly Extrapolation extrapolation;
    private readonly ConditionalWeakTable<Circuit, Circuit[]> folded = [];

    /// <summary>Creates the wrapper, which takes over the inner back end.</summary>
    /// <param name="inner">The noisy back end.</param>
    /// <param name="scales">Different noise scales of at least 1, for example 1, 2, 3; at least two.</param>
    /// <param name="extrapolation">How to carry on.</param>
    /// <exception cref="UserErrorException">The scales do not fit.</exception>
    public ZeroNoiseBackend(ITeacherBackend inner, IReadOnlyList<double> scales, Extrapolation extrapolation)
    {
        ZeroNoise.Check(scales);
        this.inner = inner;
        this.scales = [.. scales];
        this.extrapolation = extrapolation;
    }

    /// <inheritdoc/>
    public string Name => inner.Name + "+zne";

    /// <inheritdoc/>
    public bool IsExact => false;

    /// <inheritdoc/>
    public Ledger Ledger => inner.Ledger;

    /// <inheritdoc/>
    public Evaluation Evaluate(Circuit circuit, ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int batch, EvaluationRequest? request = null, CancellationToken cancellation = default)
    {
        request ??= new EvaluationRequest();
        if (request.Probabilities)
        {
            throw new UserErrorException("zero-noise extrapolation gives expectations, not probabilities");
        }

        Circuit[] circuits = folded.GetValue(circuit, c => [.. scales.Select(s => Fold(c, s))]);
        Evaluation[] runs = new Evaluation[scales.Length];
        for (int k = 0; k < scales.Length; k++)
        {
            // Different streams for different scales.
            runs[k] = inner.Evaluate(circuits[k], weights, inputs, batch, request with { FirstSample = request.FirstSample + ((long)k << 44) }, cancellation);
        }

        double[] e = new double[runs[0].Expectations.Length], v = new double[e.Length], values = new double[scales.Length];
        for (int i = 0; i < e.Length; i++)
        {
            for (int k = 0; k < values.Length; k++)
            {
                values[k] = runs[k].Expectations[i];
            }

            e[i] = Extrapolate(scales, values, extrapolation);
            for (int k = 0; k < values.Length; k++)
            {
                // First-order error propagation by the slope of the result in each value.
                double step = 1e-4, old = values[k];
                values[k] = old + step;
                double slope = (Extrapolate(scales, values, extrapolation) - e[i]) / step;
                values[k] = old;
                v[i] += slope * slope * runs[k].Variances[i];
            }
        }

        return new Evaluation(batch, runs[0].Observables, e, v, null, runs.Sum(r => r.ShotsPerSample));
    }

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();

    /// <summary>
    /// The circuit with about <paramref name="scale"/> times its gates and the same effect. What whole folds leave of the scale is spread evenly over the circuit, over one-qubit and larger gates alike, because they
    /// differ in noise: folding the last gates alone would scale that of a few.
    /// </summary>
    public static Circuit Fold(Circuit circuit, double scale)
    {
        int whole = (int)((scale - 1) / 2);
        double share = (scale - 1 - (2 * whole)) / 2;
        Gate[] inverse = [.. circuit.Gates.Reverse().Select(g => g.Inverse())];
        var folds = new List<Gate>();
        for (int k = 0; k < whole; k++)
        {
            folds.AddRange(inverse);
            folds.AddRange(circuit.Gates);
        }

        var gates = new List<Gate>();
        Span<int> seen = [0, 0];
        foreach (Gate g in circuit.Gates)
        {
            gates.Add(g);
            int before = seen[g.Qubits.Length > 1 ? 1 : 0]++;
            if (Math.Round((before + 1) * share, MidpointRounding.AwayFromZero) > Math.Round(before * share, MidpointRounding.AwayFromZero))
            {
                gates.AddRange([g.Inverse(), g]);
            }
        }

        return new Circuit(circuit.Qubits, circuit.InputCount, circuit.WeightCount, [.. gates, .. folds], circuit.Preparation, null);
    }

    /// <summary>The value at scale 0.</summary>
    public static double Extrapolate(ReadOnlySpan<double> scales, ReadOnlySpan<double> values, Extrapolation kind)
    {
        if (kind == Extrapolation.Richardson)
        {
            double sum = 0;
            for (int i = 0; i < scales.Length; i++)
            {
                double weight = 1;
                for (int j = 0; j < scales.Length; j++)
                {
                    weight *= j == i ? 1 : scales[j] / (scales[j] - scales[i]);
                }

                sum += weight * values[i];
            }

            return sum;
        }

        if (kind == Extrapolation.Exponential)
        {
            Span<double> logs = stackalloc double[scales.Length];
            bool positive = values[0] > 0, same = true;
            for (int i = 0; i < values.Length; i++)
            {
                same &= values[i] != 0 && values[i] > 0 == positive;
                logs[i] = Math.Log(Math.Abs(values[i]));
            }

            if (same)
            {
                double at = Math.Exp(Intercept(scales, logs));
                return positive ? at : -at;
            }
        }

        return Intercept(scales, values);
    }

    private static double Intercept(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        double mx = 0, my = 0, xx = 0, xy = 0;
        for (int i = 0; i < x.Length; i++)
        {
            mx += x[i] / x.Length;
            my += y[i] / x.Length;
        }

        for (int i = 0; i < x.Length; i++)
        {
            xx += (x[i] - mx) * (x[i] - mx);
            xy += (x[i] - mx) * (y[i] - my);
        }

        return my - (mx * xy / xx);
    }
}
