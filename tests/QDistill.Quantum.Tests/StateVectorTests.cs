using System.Numerics;

namespace QDistill.Quantum.Tests;

/// <summary>Amplitudes, expectations and probabilities against dense matrices and closed forms.</summary>
public class StateVectorTests
{
    public static TheoryData<GateKind, string> EveryGate()
    {
        var data = new TheoryData<GateKind, string>();
        foreach (string engine in Engines.Names)
        {
            foreach (GateKind kind in RandomCircuits.Kinds)
            {
                data.Add(kind, engine);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(EveryGate))]
    public void EveryGateEqualsItsDenseMatrixOnRandomStates(GateKind kind, string engine)
    {
        for (int n = 1; n <= 5; n++)
        {
            for (ulong seed = 0; seed < 4; seed++)
            {
                // A random state first, then the gate under test a few times.
                Circuit start = RandomCircuits.Make(n, 3 * n, seed, only: GateKind.U3);
                Circuit circuit = start.Then(RandomCircuits.Make(n, 3, seed + 100, only: kind).Gates);
                AssertEqualsDense(circuit, engine, seed);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void RandomCircuitsOfAllGatesEqualDenseMatrices(string engine)
    {
        for (int n = 1; n <= 5; n++)
        {
            for (ulong seed = 0; seed < 12; seed++)
            {
                AssertEqualsDense(RandomCircuits.Make(n, 40, seed), engine, seed);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void BatchesGiveEverySampleItsOwnResult(string engine)
    {
        Circuit circuit = RandomCircuits.Make(4, 50, 9);
        Observable[] observables = [Observable.Z(2), Observable.Parse("0.5*X0 Y1 - 2*Z3 + Y0 Y1 Z2 + 0.25*I"), Observable.Parse("X3")];
        using var simulator = new StateVector(circuit, observables, Engines.Options(engine));
        double[] weights = RandomCircuits.Vector(5, 1);
        foreach (int batch in new[] { 1, 2, 7, 8, 9, 33, 300 })
        {
            double[] inputs = RandomCircuits.Vector(3 * batch, (ulong)batch);
            double[] expectations = new double[batch * 3], probabilities = new double[batch * 16];
            simulator.Run(weights, inputs, batch, expectations, probabilities);
            foreach (int i in new[] { 0, batch / 2, batch - 1 })
            {
                Complex[] state = DenseReference.Run(circuit, weights, inputs[(3 * i)..((3 * i) + 3)]);
                for (int m = 0; m < 3; m++)
                {
                    Assert.Equal(DenseReference.Expectation(observables[m], state), expectations[(i * 3) + m], 1e-11);
                }

                for (int p = 0; p < 16; p++)
                {
                    Assert.Equal(Math.Pow(Complex.Abs(state[p]), 2), probabilities[(i * 16) + p], 1e-12);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void GhzStateHasItsTwoAmplitudesAndParities(string engine)
    {
        for (int n = 2; n <= 12; n++)
        {
            var builder = new CircuitBuilder(n).H(0);
            for (int q = 1; q < n; q++)
            {
                builder.CNOT(q - 1, q);
            }

            int all = (1 << n) - 1;
            Observable[] observables = [Observable.Z(0), Observable.Parse($"Z0 Z{n - 1}"), Observable.Of(new PauliString(all, 0))];
            using var simulator = new StateVector(builder.Build(), observables, Engines.Options(engine));
            Complex[] state = simulator.Amplitudes([], []);
            Assert.Equal(Math.Sqrt(0.5), state[0].Real, 1e-14);
            Assert.Equal(Math.Sqrt(0.5), state[all].Real, 1e-14);
            Assert.Equal(1, state.Sum(a => a.Magnitude * a.Magnitude), 1e-13);
            double[] e = simulator.Expectations([], [], 1);
            Assert.Equal(0, e[0], 1e-13);
            Assert.Equal(1, e[1], 1e-13);
            Assert.Equal(1, e[2], 1e-13);
        }
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void SingleQubitFollowsTheBlochSphere(string engine)
    {
        // RZ(φ) RY(θ)|0⟩ points to (sin θ cos φ, sin θ sin φ, cos θ).
        Circuit circuit = new CircuitBuilder(1).RY(0, Angle.Input(0)).RZ(0, Angle.Weight(0)).Build();
        using var simulator = new StateVector(circuit, [Observable.Parse("X0"), Observable.Parse("Y0"), Observable.Parse("Z0")], Engines.Options(engine));
        foreach (double theta in new[] { -9.0, -Math.PI, -1.3, 0, 0.4, Math.PI / 2, Math.PI, 2.9, 12.5 })
        {
            foreach (double phi in new[] { -2.0, 0, 0.7, Math.PI, 8 })
            {
                double[] e = simulator.Expectations([phi], [theta], 1);
                Assert.Equal(Math.Sin(theta) * Math.Cos(phi), e[0], 1e-13);
                Assert.Equal(Math.Sin(theta) * Math.Sin(phi), e[1], 1e-13);
                Assert.Equal(Math.Cos(theta), e[2], 1e-13);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void AmplitudePreparationNormalisesItsInputs(string engine)
    {
        var builder = new CircuitBuilder(3) { Preparation = StatePreparation.Amplitude };
        Circuit circuit = builder.RX(0, Angle.Weight(0)).CNOT(0, 2).RY(1, Angle.Weight(1)).Build(inputs: 6);
        double[] weights = [0.3, -1.1], x = RandomCircuits.Vector(6, 3);
        using var simulator = new StateVector(circuit, null, Engines.Options(engine));
        AssertClose(DenseReference.Run(circuit, weights, x), simulator.Amplitudes(weights, x), 1e-13);
    }

    [Fact]
    public void ResultsDoNotDependOnTheNumberOfThreads()
    {
        Circuit circuit = TeacherCircuit.Build("reuploading", "hardware-efficient", 5, 3, 7);
        double[] weights = circuit.RandomWeights(1), inputs = RandomCircuits.Vector(7 * 500, 5), upstream = RandomCircuits.Vector(5 * 500, 6);
        var results = new List<(double[] E, double[] W, double[] X)>();
        foreach (int threads in new[] { 1, 2, 5 })
        {
            using var simulator = new StateVector(circuit, null, new StateVectorOptions { Threads = threads });
            double[] dw = new double[circuit.WeightCount], dx = new double[7 * 500];
            results.Add((simulator.ExpectationsAndVjp(weights, inputs, 500, upstream, dw, dx), dw, dx));
        }

        foreach ((double[] e, double[] w, double[] x) in results)
        {
            Assert.Equal(results[0].E, e);
            Assert.Equal(results[0].W, w);
            Assert.Equal(results[0].X, x);
        }
    }

    internal static void AssertClose(Complex[] expected, Complex[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Complex.Abs(expected[i] - actual[i]) <= tolerance, $"amplitude {i}: {expected[i]} expected, {actual[i]} found");
        }
    }

    private static void AssertEqualsDense(Circuit circuit, string engine, ulong seed)
    {
        double[] weights = RandomCircuits.Vector(circuit.WeightCount, seed), inputs = RandomCircuits.Vector(circuit.InputCount, seed + 50);
        Complex[] expected = DenseReference.Run(circuit, weights, inputs);
        int mask = circuit.Dimension - 1;
        Observable[] observables = [.. Enumerable.Range(1, 6).Select(k => Observable.Of(new PauliString((k * 5) & mask, ((k * 11) ^ (k >> 1)) & mask)))];
        using var simulator = new StateVector(circuit, observables, Engines.Options(engine));
        AssertClose(expected, simulator.Amplitudes(weights, inputs), 1e-12);
        double[] e = simulator.Expectations(weights, inputs, 1);
        for (int m = 0; m < observables.Length; m++)
        {
            Assert.Equal(DenseReference.Expectation(observables[m], expected), e[m], 1e-12);
        }
    }
}
