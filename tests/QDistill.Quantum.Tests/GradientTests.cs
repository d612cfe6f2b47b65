namespace QDistill.Quantum.Tests;

/// <summary>Adjoint gradients against the parameter-shift rule and central differences.</summary>
public class GradientTests
{
    public static TheoryData<string, string, string> EveryTeacher()
    {
        var data = new TheoryData<string, string, string>();
        foreach (string engine in Engines.Names)
        {
            foreach (FeatureEncoding e in FeatureEncoding.All)
            {
                foreach (Ansatz a in Ansatz.All)
                {
                    data.Add(e.Name, a.Name, engine);
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void RotationsObeyTheTwoTermShiftRule(string engine)
    {
        // One weight per gate, rotations only: dE/dw = (E(w + π/2) − E(w − π/2))/2 exactly.
        GateKind[] kinds = [GateKind.RX, GateKind.RY, GateKind.RZ, GateKind.RXX, GateKind.RYY, GateKind.RZZ, GateKind.PauliRotation];
        for (int n = 2; n <= 5; n++)
        {
            var builder = new CircuitBuilder(n);
            var random = new Numerics.Philox(3, (ulong)n);
            for (int g = 0; g < 30; g++)
            {
                int a = random.NextInt(n), b = (a + 1) % n;
                Angle w = builder.NewWeight();
                _ = kinds[g % kinds.Length] switch
                {
                    GateKind.RX => builder.RX(a, w).H(b),
                    GateKind.RY => builder.RY(a, w).CNOT(a, b),
                    GateKind.RZ => builder.RZ(a, w),
                    GateKind.RXX => builder.RXX(a, b, w),
                    GateKind.RYY => builder.RYY(a, b, w).T(a),
                    GateKind.RZZ => builder.RZZ(a, b, w),
                    _ => builder.PauliRotation(new PauliString(1 + random.NextInt((1 << n) - 1), random.NextInt(1 << n)), w).CZ(a, b),
                };
            }

            Circuit circuit = builder.Build();
            Observable[] observables = [Observable.Z(0), Observable.Parse("X0 X1 + 0.3*Y1 - Z0 Z1")];
            using var simulator = new StateVector(circuit, observables, Engines.Options(engine));
            double[] weights = RandomCircuits.Vector(30, (ulong)n), upstream = [0.7, -1.3], gradient = new double[30];
            simulator.ExpectationsAndVjp(weights, [], 1, upstream, gradient);
            for (int i = 0; i < 30; i++)
            {
                double[] plus = [.. weights], minus = [.. weights];
                plus[i] += Math.PI / 2;
                minus[i] -= Math.PI / 2;
                double[] ep = simulator.Expectations(plus, [], 1), em = simulator.Expectations(minus, [], 1);
                Assert.Equal(((upstream[0] * (ep[0] - em[0])) + (upstream[1] * (ep[1] - em[1]))) / 2, gradient[i], 1e-11);
            }
        }
    }

    [Theory]
    [MemberData(nameof(EveryTeacher))]
    public void EveryRegisteredTeacherHasTheGradientOfCentralDifferences(string encoding, string ansatz, string engine)
    {
        foreach ((int n, int d) in new[] { (2, 2), (4, 6), (4, 3) })
        {
            int features = Math.Min(d, FeatureEncoding.Get(encoding).MaxFeatures(n));
            Circuit circuit = TeacherCircuit.Build(encoding, ansatz, n, 2, features);
            CheckAgainstDifferences(circuit, engine, batch: 3, (ulong)(n + d));
        }
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void CircuitsOfAllGatesHaveTheGradientOfCentralDifferences(string engine)
    {
        for (ulong seed = 0; seed < 8; seed++)
        {
            CheckAgainstDifferences(RandomCircuits.Make(1 + (int)(seed % 5), 30, seed), engine, batch: 11, seed);
        }
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void AmplitudePreparationHasInputGradients(string engine)
    {
        var builder = new CircuitBuilder(3) { Preparation = StatePreparation.Amplitude };
        Circuit circuit = builder.RX(0, Angle.Weight(0)).CNOT(0, 2).RY(1, Angle.Weight(1)).CRZ(1, 0, Angle.Weight(2)).RX(0, 0.4).Build(inputs: 7);
        CheckAgainstDifferences(circuit, engine, batch: 5, 4);
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void WhateverMemoryMayHoldGradientsAreTheSame(string engine)
    {
        // A tape of all steps, last states only, nothing: three ways back, by two roads. Mixed observables read the last diagonal too.
        Observable[] observables = [.. Observable.EachZ(4), Observable.Parse("0.4*X0 Y1 + Z2 X3")];
        for (ulong seed = 0; seed < 6; seed++)
        {
            Circuit circuit = RandomCircuits.Make(4, 40, seed);
            double[] weights = RandomCircuits.Vector(5, 1), inputs = RandomCircuits.Vector(3 * 40, 2), upstream = RandomCircuits.Vector(40 * 5, 3);
            double[]? first = null;
            foreach (long limit in new[] { 1L << 28, 40L * 16 * 16 * 2, 0 })
            {
                using var simulator = new StateVector(circuit, observables, Engines.Options(engine) with { TapeBytes = limit });
                double[] once = new double[5 + 120], parts = new double[5 + 120];
                simulator.ExpectationsAndVjp(weights, inputs, 40, upstream, once.AsSpan(0, 5), once.AsSpan(5));
                using ForwardPass pass = simulator.Forward(weights, inputs, 40);
                pass.Backward(upstream, default, parts.AsSpan(0, 5), parts.AsSpan(5));
                first ??= once;
                for (int i = 0; i < once.Length; i++)
                {
                    Assert.Equal(first[i], once[i], 1e-10);
                    Assert.Equal(first[i], parts[i], 1e-10);
                }
            }
        }
    }

    private static void CheckAgainstDifferences(Circuit circuit, string engine, int batch, ulong seed)
    {
        Observable[] observables = [.. Observable.EachZ(circuit.Qubits), Observable.Parse("0.4*X0 + Y0")];
        int m = observables.Length, d = circuit.InputCount, p = circuit.WeightCount;
        using var simulator = new StateVector(circuit, observables, Engines.Options(engine) with { Threads = 1 });
        double[] weights = RandomCircuits.Vector(p, seed, 2), inputs = RandomCircuits.Vector(batch * d, seed + 1, 2);
        double[] de = RandomCircuits.Vector(batch * m, seed + 2, 1), dp = RandomCircuits.Vector(batch * circuit.Dimension, seed + 3, 1);
        double[] dw = new double[p], dx = new double[batch * d];
        using (ForwardPass pass = simulator.Forward(weights, inputs, batch, probabilities: true))
        {
            pass.Backward(de, dp, dw, dx);
        }

        double Loss()
        {
            double[] e = new double[batch * m], q = new double[batch * circuit.Dimension];
            simulator.Run(weights, inputs, batch, e, q);
            return e.Zip(de, (a, b) => a * b).Sum() + q.Zip(dp, (a, b) => a * b).Sum();
        }

        AssertDifferences(weights, dw, Loss);
        AssertDifferences(inputs, dx, Loss);
    }

    /// <summary>Sixth-order central differences.</summary>
    internal static void AssertDifferences(double[] variables, double[] gradient, Func<double> loss)
    {
        const double H = 1e-3;
        for (int i = 0; i < variables.Length; i++)
        {
            double at = variables[i];
            double At(double v)
            {
                variables[i] = v;
                return loss();
            }

            double slope = ((45 * (At(at + H) - At(at - H))) - (9 * (At(at + (2 * H)) - At(at - (2 * H)))) + At(at + (3 * H)) - At(at - (3 * H))) / (60 * H);
            variables[i] = at;
            Assert.Equal(slope, gradient[i], 1e-8 * Math.Max(1, Math.Abs(slope)));
        }
    }
}
