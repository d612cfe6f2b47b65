using System.Collections.Immutable;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>
/// The Fubini–Study metric tensor F_ij = Re⟨∂_iψ|∂_jψ⟩ − ⟨∂_iψ|ψ⟩⟨ψ|∂_jψ⟩ of a circuit's weights, in its block-diagonal form: within a layer of commuting gates it is the covariance of
/// their generators in the state that enters the layer, which is exact there; elements between layers are left out (Stokes et al., Quantum 4, 269 (2020), eq. 11). A quarter of the quantum Fisher
/// information. A weight that turns gates of several layers adds up what each layer gives. A batch gives the mean over its samples.
/// </summary>
public sealed class FubiniStudyMetric : IDisposable
{
    private readonly ImmutableArray<Layer> layers;
    private StateVector[]? engines;

    /// <summary>Finds the layers of a circuit.</summary>
    public FubiniStudyMetric(Circuit circuit)
    {
        Circuit = circuit;
        List<Generator> gates = Generator.Of(circuit);
        int[] level = Levels(gates);
        var found = ImmutableArray.CreateBuilder<Layer>();
        foreach (int l in Enumerable.Range(0, gates.Count).Where(i => IsWeighted(gates[i])).Select(i => level[i]).Distinct().Order())
        {
            // Gates that come before the layer: lower levels, and the fixed gates of its own. Sorting by level is the same circuit, for gates change places only with gates they commute with.
            Gate[] before = [.. Enumerable.Range(0, gates.Count).Where(i => level[i] < l || (level[i] == l && !IsWeighted(gates[i])))
                .OrderBy(i => level[i]).ThenBy(i => IsWeighted(gates[i])).ThenBy(i => i).Select(i => gates[i].Gate)];
            var prefix = new Circuit(circuit.Qubits, circuit.InputCount, circuit.WeightCount, [.. before], circuit.Preparation, null);
            found.Add(new Layer(prefix, [.. Enumerable.Range(0, gates.Count).Where(i => level[i] == l && IsWeighted(gates[i])).Select(i => gates[i])]));
        }

        layers = found.ToImmutable();
    }

    /// <summary>The circuit.</summary>
    public Circuit Circuit { get; }

    /// <summary>The weights of each layer, sorted.</summary>
    public IReadOnlyList<ImmutableArray<int>> Layers => [.. layers.Select(l => l.Weights)];

    /// <summary>The circuits that one sample costs: one for each layer (in as many measurement bases as it takes).</summary>
    public int CircuitsPerSample => layers.Length;

    /// <summary>The exact metric from our own simulator.</summary>
    /// <param name="weights">[p]</param>
    /// <param name="inputs">[batch, d]</param>
    /// <param name="batch">The number of samples, at least 1.</param>
    /// <exception cref="UserErrorException">A size does not fit.</exception>
    public MetricTensor Evaluate(ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int batch)
    {
        Check(weights, inputs, batch);
        if (engines is null)
        {
            StateVector[] made = [.. layers.Select(l => new StateVector(l.Prefix, l.Observables))];
            if (Interlocked.CompareExchange(ref engines, made, null) is not null)
            {
                Array.ForEach(made, e => e.Dispose());
            }
        }

        double[] metric = new double[Circuit.WeightCount * Circuit.WeightCount];
        for (int l = 0; l < layers.Length; l++)
        {
            layers[l].Add(engines[l].Expectations(weights, inputs, batch), weights, inputs, batch, metric);
        }

        return new MetricTensor(Circuit.WeightCount, metric);
    }

    /// <summary>The metric by a back end's expectations; by shots, products of two estimates leave a bias of the order of 1/shots.</summary>
    /// <param name="backend">Where the layers' circuits run; they have no name, so the Q# programs cannot run them.</param>
    /// <param name="weights">[p]</param>
    /// <param name="inputs">[batch, d]</param>
    /// <param name="batch">The number of samples, at least 1.</param>
    /// <param name="cancellation">Ends the run between layers.</param>
    /// <exception cref="UserErrorException">A size does not fit, or the back end failed.</exception>
    public MetricTensor Evaluate(ITeacherBackend backend, ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int batch, CancellationToken cancellation = default)
    {
        Check(weights, inputs, batch);
        double[] metric = new double[Circuit.WeightCount * Circuit.WeightCount];
        for (int l = 0; l < layers.Length; l++)
        {
            var request = new EvaluationRequest { Observables = layers[l].Observables, FirstSample = (long)l << 36 };
            layers[l].Add(backend.Evaluate(layers[l].Prefix, weights, inputs, batch, request, cancellation).Expectations, weights, inputs, batch, metric);
        }

        return new MetricTensor(Circuit.WeightCount, metric);
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(Interlocked.Exchange(ref engines, null) ?? [], e => e.Dispose());

    private static bool IsWeighted(Generator g) => g.Gate.Angles.Any(a => a.DependsOnWeights);

    /// <summary>As early as gates fit that must not pass each other: a weighted gate ends the level of what it does not commute with, a fixed one shares it.</summary>
    private static int[] Levels(List<Generator> gates)
    {
        int[] level = new int[gates.Count];
        for (int i = 0; i < level.Length; i++)
        {
            for (int h = 0; h < i; h++)
            {
                int least = level[h] + (IsWeighted(gates[h]) ? 1 : 0);
                if (least > level[i] && !gates[i].CommutesWith(gates[h]))
                {
                    level[i] = least;
                }
            }
        }

        return level;
    }

    private void Check(ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int batch)
    {
        Circuit.Check(weights, inputs, batch);
        if (batch < 1)
        {
            throw new UserErrorException("the metric of no samples is not defined", null, "give at least one sample (of no inputs, where the circuit has none)");
        }
    }

    /// <summary>Commuting weighted gates, and the circuit before them.</summary>
    private sealed class Layer
    {
        private readonly ImmutableArray<Generator> gates;
        private readonly ImmutableArray<(int Weight, int Gate)> slopes;
        private readonly bool fixedSlopes;
        private readonly Dictionary<PauliString, int> index = [];
        private readonly (double Coefficient, int Observable)[][] singles;
        private readonly (double Coefficient, int Observable)[][] pairs;

        public Layer(Circuit prefix, ImmutableArray<Generator> gates)
        {
            Prefix = prefix;
            this.gates = gates;
            slopes = [.. gates.SelectMany((g, i) => g.Gate.Angles.SelectMany(a => a.Terms).SelectMany(t => new[] { t.A, t.B })
                .Where(v => v.Kind == VariableKind.Weight).Select(v => (v.Index, i)).Distinct())];
            Weights = [.. slopes.Select(s => s.Weight).Distinct().Order()];
            fixedSlopes = gates.All(g => !g.Gate.Angles[0].Terms.Any(t => (t.A.IsInput && t.B.Kind == VariableKind.Weight) || (t.B.IsInput && t.A.Kind == VariableKind.Weight)));
            var strings = new List<PauliString>();
            singles = [.. gates.Select(g => g.Terms.Select(t => (t.Coefficient, Find(t.Pauli))).ToArray())];
            pairs = new (double, int)[gates.Length * gates.Length][];
            for (int i = 0; i < gates.Length; i++)
            {
                for (int j = 0; j <= i; j++)
                {
                    pairs[(i * gates.Length) + j] = pairs[(j * gates.Length) + i] = [.. from s in gates[i].Terms from t in gates[j].Terms
                        let product = Generator.Product(s.Pauli, t.Pauli) select (s.Coefficient * t.Coefficient * product.Sign, Find(product.Pauli))];
                }
            }

            Observables = [.. strings.Select(Observable.Of)];

            // The identity is no observable: −1 stands for it.
            int Find(PauliString p)
            {
                if (p == PauliString.Identity)
                {
                    return -1;
                }

                if (!index.TryGetValue(p, out int at))
                {
                    index[p] = at = strings.Count;
                    strings.Add(p);
                }

                return at;
            }
        }

        public Circuit Prefix { get; }

        public ImmutableArray<int> Weights { get; }

        public IReadOnlyList<Observable> Observables { get; }

        /// <summary>Adds the batch's mean of J^T Cov(K) J to the metric.</summary>
        public void Add(double[] expectations, ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int batch, double[] metric)
        {
            int d = inputs.Length / batch, m = Observables.Count;
            if (fixedSlopes)
            {
                AddMean(expectations, batch, weights, inputs[..d], 1, metric);
                return;
            }

            for (int s = 0; s < batch; s++)
            {
                AddMean(expectations.AsSpan(s * m, m), 1, weights, inputs.Slice(s * d, d), 1.0 / batch, metric);
            }
        }

        /// <summary>The covariances are linear in the expectations but for the products of means, so samples of equal slopes are averaged first.</summary>
        private void AddMean(ReadOnlySpan<double> expectations, int samples, ReadOnlySpan<double> weights, ReadOnlySpan<double> input, double share, double[] metric)
        {
            int n = gates.Length, m = Observables.Count;
            double[] average = new double[m], mean = new double[n], products = new double[n * n], chain = new double[slopes.Length];
            for (int s = 0; s < samples; s++)
            {
                ReadOnlySpan<double> e = expectations.Slice(s * m, m);
                for (int k = 0; k < m; k++)
                {
                    average[k] += e[k] / samples;
                }

                for (int i = 0; i < n; i++)
                {
                    mean[i] = Value(singles[i], e);
                    for (int j = 0; j <= i; j++)
                    {
                        products[(i * n) + j] += mean[i] * mean[j] / samples;
                    }
                }
            }

            for (int i = 0; i < chain.Length; i++)
            {
                chain[i] = gates[slopes[i].Gate].Gate.Angles[0].Derivative(new Variable(VariableKind.Weight, slopes[i].Weight), weights, input);
            }

            for (int i = 0; i < chain.Length; i++)
            {
                for (int j = 0; j < chain.Length; j++)
                {
                    (int gi, int gj) = (Math.Max(slopes[i].Gate, slopes[j].Gate), Math.Min(slopes[i].Gate, slopes[j].Gate));
                    metric[(slopes[i].Weight * weights.Length) + slopes[j].Weight] += share * chain[i] * chain[j] * (Value(pairs[(gi * n) + gj], average) - products[(gi * n) + gj]);
                }
            }
        }

        private static double Value((double Coefficient, int Observable)[] terms, ReadOnlySpan<double> e)
        {
            double sum = 0;
            foreach ((double c, int o) in terms)
            {
                sum += c * (o < 0 ? 1 : e[o]);
            }

            return sum;
        }
    }
}
