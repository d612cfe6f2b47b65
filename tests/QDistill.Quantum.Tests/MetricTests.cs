using System.Numerics;

namespace QDistill.Quantum.Tests;

/// <summary>The Fubini–Study metric against closed forms and against derivatives of dense states.</summary>
public class MetricTests
{
    [Fact]
    public void OneQubitHasTheMetricOfTheBlochSphere()
    {
        // RY(θ) RZ(φ): ds² = (dθ² + sin²θ dφ²)/4.
        Circuit circuit = new CircuitBuilder(1).RY(0, Angle.Weight(0)).RZ(0, Angle.Weight(1)).Build();
        using var metric = new FubiniStudyMetric(circuit);
        Assert.Equal(2, metric.CircuitsPerSample);
        foreach (double theta in new[] { 0, 0.4, 1.7, 3 })
        {
            MetricTensor f = metric.Evaluate([theta, 0.9], [], 1);
            Assert.Equal(0.25, f[0, 0], 1e-12);
            Assert.Equal(Math.Sin(theta) * Math.Sin(theta) / 4, f[1, 1], 1e-12);
            Assert.Equal(0, f[0, 1], 1e-12);
        }
    }

    [Fact]
    public void LayersAreFoundAcrossTheOrderInWhichGatesAreWritten()
    {
        // RY and RZ qubit by qubit: two layers of three weights each per repetition, not one per gate.
        using var metric = new FubiniStudyMetric(TeacherCircuit.Build("angle", "hardware-efficient", 3, 2, 3));
        Assert.Equal(["0 2 4", "1 3 5", "6 8 10", "7 9 11"], metric.Layers.Select(l => string.Join(" ", l)));

        // Diagonal gates pass CZs and each other.
        using var diagonal = new FubiniStudyMetric(new CircuitBuilder(2).H(0).H(1).RZ(0, Angle.Weight(0)).CZ(0, 1).RZZ(0, 1, Angle.Weight(1)).CPhase(0, 1, Angle.Weight(2)).RZ(1, Angle.Weight(3)).Build());
        Assert.Equal("0 1 2 3", string.Join(" ", Assert.Single(diagonal.Layers)));
    }

    [Fact]
    public void WithinLayersItIsTheFullMetricOfDenseStates()
    {
        int compared = 0;
        for (ulong seed = 0; seed < 24; seed++)
        {
            int n = 1 + (int)(seed % 4);
            Circuit circuit = OneWeightEach(RandomCircuits.Make(n, 16, seed, 2, 1));
            double[] w = RandomCircuits.Vector(circuit.WeightCount, seed), x = RandomCircuits.Vector(circuit.InputCount * 2, seed + 1);
            using var metric = new FubiniStudyMetric(circuit);
            MetricTensor f = metric.Evaluate(w, x, 2);
            double[,] full = DenseMetric(circuit, w, x[..circuit.InputCount]), second = DenseMetric(circuit, w, x[circuit.InputCount..]);
            foreach (var layer in metric.Layers)
            {
                foreach (int i in layer)
                {
                    foreach (int j in layer)
                    {
                        Assert.Equal((full[i, j] + second[i, j]) / 2, f[i, j], 2e-8);
                        compared++;
                    }
                }
            }

            for (int i = 0; i < w.Length; i++)
            {
                for (int j = 0; j < w.Length; j++)
                {
                    Assert.True(f[i, j] == 0 || metric.Layers.Any(l => l.Contains(i) && l.Contains(j)));
                }
            }
        }

        Assert.True(compared > 60, $"only {compared} elements were compared");
    }

    [Theory]
    [InlineData("angle", "universal-two-qubit")]
    [InlineData("zz", "ry-rz-cz")]
    [InlineData("reuploading-scaled", "simplified-two-design")]
    [InlineData("amplitude", "strongly-entangling")]
    public void NamedTeachersHaveTheDenseMetricWithinLayers(string encoding, string ansatz)
    {
        Circuit circuit = TeacherCircuit.Build(encoding, ansatz, 3, 1, 3);
        double[] w = circuit.RandomWeights(4), x = [0.3, 1, -0.6, 0.9, -0.2, 0.5];
        using var metric = new FubiniStudyMetric(circuit);
        MetricTensor f = metric.Evaluate(w, x, 2);
        double[,] full = DenseMetric(circuit, w, x[..3]), second = DenseMetric(circuit, w, x[3..]);
        Assert.Equal(circuit.WeightCount, metric.Layers.Sum(l => l.Length));
        Assert.All(metric.Layers, layer => Assert.All(layer, i => Assert.All(layer, j => Assert.Equal((full[i, j] + second[i, j]) / 2, f[i, j], 2e-8))));
    }

    [Fact]
    public void ASharedWeightInOneLayerCarriesTheChainRule()
    {
        // Two qubits turned alike from |00⟩: F = 2 · 1/4, and with a factor 3 on one: (1 + 9)/4.
        Circuit circuit = new CircuitBuilder(2).RX(0, Angle.Weight(0)).RX(1, Angle.Weight(0, 3)).Build();
        using var metric = new FubiniStudyMetric(circuit);
        Assert.Equal(10 / 4.0, metric.Evaluate([0.7], [], 1)[0, 0], 1e-12);

        // On a Bell pair, XX turns keep the state: no metric, and the phase that both share must not be counted.
        Circuit still = new CircuitBuilder(2).H(0).CNOT(0, 1).RXX(0, 1, Angle.Weight(0)).RZZ(0, 1, Angle.Weight(1)).Build();
        using var none = new FubiniStudyMetric(still);
        Assert.All(none.Evaluate([0.7, 0.1], [], 1).Matrix, v => Assert.Equal(0, v, 1e-12));
    }

    [Fact]
    public void ShotsEstimateItThroughAnyBackEnd()
    {
        Circuit circuit = TeacherCircuit.Build("angle", "hardware-efficient", 3, 1, 3);
        double[] w = circuit.RandomWeights(4), x = [0.3, 1, -0.6];
        using var metric = new FubiniStudyMetric(circuit);
        using var exact = new StateVectorBackend();
        using var sampled = new SampledBackend(20000, 1);
        MetricTensor ours = metric.Evaluate(w, x, 1), same = metric.Evaluate(exact, w, x, 1), noisy = metric.Evaluate(sampled, w, x, 1);
        for (int i = 0; i < ours.Matrix.Length; i++)
        {
            Assert.Equal(ours.Matrix[i], same.Matrix[i], 1e-12);
            Assert.Equal(ours.Matrix[i], noisy.Matrix[i], 0.02);
        }

        Assert.Equal(metric.CircuitsPerSample, exact.Ledger.Circuits);
    }

    [Fact]
    public void NaturalGradientStepsSolveTheMetricAndBeatPlainOnes()
    {
        Circuit circuit = TeacherCircuit.Build("angle", "hardware-efficient", 3, 2, 3);
        double[] x = [0.3, 1, -0.6], g = new double[12];
        using var metric = new FubiniStudyMetric(circuit);
        using var engine = new StateVector(circuit, [Observable.Parse("Z0 Z1 + X1 X2 + 0.5*Z2")]);
        double[] natural = circuit.RandomWeights(8), plain = [.. natural];
        MetricTensor first = metric.Evaluate(natural, x, 1);
        engine.ExpectationsAndVjp(natural, x, 1, [1], g);
        double[] direction = first.Solve(g, 0.01);
        for (int i = 0; i < 12; i++)
        {
            Assert.Equal(g[i], Enumerable.Range(0, 12).Sum(j => (first[i, j] + (i == j ? 0.01 : 0)) * direction[j]), 1e-10);
        }

        for (int k = 0; k < 60; k++)
        {
            engine.ExpectationsAndVjp(natural, x, 1, [1], g);
            metric.Evaluate(natural, x, 1).Step(natural, g, 0.05, 0.01);
            engine.ExpectationsAndVjp(plain, x, 1, [1], g);
            for (int i = 0; i < 12; i++)
            {
                plain[i] -= 0.05 * g[i];
            }
        }

        Assert.True(engine.Expectations(natural, x, 1)[0] < engine.Expectations(plain, x, 1)[0] - 0.05);
    }

    [Fact]
    public void SenselessUsesAreRefused()
    {
        using var metric = new FubiniStudyMetric(new CircuitBuilder(1).RY(0, Angle.Weight(0)).Build());
        CircuitTests.Refused(() => metric.Evaluate([1.0, 2.0], [], 1), "takes 1 weights");
        CircuitTests.Refused(() => metric.Evaluate([1.0], [], 0), "no samples");
        MetricTensor f = metric.Evaluate([1.0], [], 1);
        CircuitTests.Refused(() => f.Solve([1.0], 0), "regularisation above 0");
        CircuitTests.Refused(() => f.Solve([1.0, 2.0], 1), "metric is one of 1 weights");
        CircuitTests.Refused(() => new MetricTensor(1, [-1]).Solve([1.0], 0.5), "not positive");
    }

    /// <summary>The same gates, each variable angle turned into a weight of its own (plus what it had of inputs).</summary>
    private static Circuit OneWeightEach(Circuit circuit)
    {
        var builder = new CircuitBuilder(circuit.Qubits);
        foreach (Gate g in circuit.Gates)
        {
            builder.Append(new Gate(g.Kind, g.Qubits, [.. g.Angles.Select(a => a.DependsOnWeights ? Angle.Weight(builder.NextWeight + g.Angles.IndexOf(a), 0.8) : a)], g.Pauli, g.Matrix));
        }

        return builder.Build(circuit.InputCount);
    }

    private static double[,] DenseMetric(Circuit circuit, double[] weights, double[] inputs)
    {
        const double H = 1e-3;
        int p = circuit.WeightCount;
        Complex[] state = DenseReference.Run(circuit, weights, inputs);
        var tangents = new Complex[p][];
        for (int i = 0; i < p; i++)
        {
            Complex[] At(double by)
            {
                double[] w = [.. weights];
                w[i] += by;
                return DenseReference.Run(circuit, w, inputs);
            }

            Complex[] a = At(H), b = At(-H), c = At(2 * H), d = At(-2 * H);
            tangents[i] = [.. a.Select((v, k) => ((8 * (v - b[k])) - c[k] + d[k]) / (12 * H))];
        }

        var metric = new double[p, p];
        for (int i = 0; i < p; i++)
        {
            for (int j = 0; j < p; j++)
            {
                metric[i, j] = (Inner(tangents[i], tangents[j]) - (Inner(tangents[i], state) * Inner(state, tangents[j]))).Real;
            }
        }

        return metric;
    }

    private static Complex Inner(Complex[] a, Complex[] b) => a.Zip(b, (x, y) => Complex.Conjugate(x) * y).Aggregate((x, y) => x + y);
}
