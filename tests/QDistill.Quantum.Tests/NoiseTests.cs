using System.Numerics;
using System.Text.Json;
using QDistill.Configuration;
using QDistill.Numerics;

namespace QDistill.Quantum.Tests;

/// <summary>Noise against full Kraus matrices, closed forms, trajectories, and Q#'s own noisy simulator.</summary>
public class NoiseTests
{
    private static readonly NoiseModel Everything = new()
    {
        OneQubit = Channel.Pauli(0.02, 0.01, 0.03).Then(Channel.AmplitudeDamping(0.05)).Then(Channel.PhaseDamping(0.1)),
        TwoQubit = Channel.Depolarising(0.08).Then(Channel.Thermal(50, 30, 5)),
        Measurement = Channel.AmplitudeDamping(0.1),
        ReadOneForZero = 0.03,
        ReadZeroForOne = 0.07,
    };

    [Fact]
    public void DensityMatrixEqualsSumsOverFullKrausMatrices()
    {
        for (int n = 1; n <= 3; n++)
        {
            for (ulong seed = 0; seed < 5; seed++)
            {
                Circuit circuit = RandomCircuits.Make(n, 15, seed);
                double[] weights = RandomCircuits.Vector(5, seed), x = RandomCircuits.Vector(3, seed + 9);
                Complex[,] rho = new Complex[1 << n, 1 << n];
                rho[0, 0] = 1;
                foreach (Gate gate in circuit.Gates)
                {
                    rho = Sandwich([DenseReference.Matrix(gate, n, weights, x)], rho);
                    foreach (int q in gate.Qubits)
                    {
                        Channel c = gate.Qubits.Length > 1 ? Everything.TwoQubit : Everything.OneQubit;
                        rho = Sandwich([.. c.Kraus.Select(k => DenseReference.Product(n, r => r == q ? new[,] { { k[0], k[1] }, { k[2], k[3] } } : DenseReference.Id))], rho);
                    }
                }

                Complex[] actual = new NoisySimulator(circuit, Everything).DensityMatrix(weights, x);
                StateVectorTests.AssertClose([.. rho.Cast<Complex>()], actual, 1e-12);
            }
        }
    }

    // The density matrix is held to full Kraus matrices above; the Pauli basis is held to it, by every kind of gate and channel and for samples side by side.
    [Fact]
    public void ProbabilitiesInThePauliBasisAreThoseOfTheDensityMatrix()
    {
        var pauli = new NoiseModel { OneQubit = Channel.Depolarising(0.05), TwoQubit = Channel.Pauli(0.02, 0.05, 0.01), Measurement = Channel.Depolarising(0.02) };
        foreach (NoiseModel noise in (NoiseModel[])[new(), pauli, Everything with { ReadOneForZero = 0, ReadZeroForOne = 0 }])
        {
            for (int n = 1; n <= 4; n++)
            {
                for (ulong seed = 0; seed < 12; seed++)
                {
                    const int Samples = 3;
                    Circuit circuit = RandomCircuits.Make(n, 25, seed);
                    double[] weights = RandomCircuits.Vector(5, seed), x = RandomCircuits.Vector(3 * Samples, seed + 9), p = new double[Samples << n];
                    var simulator = new NoisySimulator(circuit, noise);
                    simulator.Probabilities(weights, x, Samples, p);
                    for (int i = 0; i < Samples; i++)
                    {
                        AssertOutcomes(simulator, noise, n, weights, x[(3 * i)..(3 * (i + 1))], p.AsSpan(i << n, 1 << n));
                    }
                }
            }
        }
    }

    [Fact]
    public void AmplitudesThatAreTheInputsEnterThePauliBasisToo()
    {
        Circuit circuit = TeacherCircuit.Build("amplitude", "strongly-entangling", 3, 2, 7);
        double[] weights = circuit.RandomWeights(3), x = RandomCircuits.Vector(2 * 7, 4), p = new double[2 * 8];
        NoiseModel noise = Everything with { ReadOneForZero = 0, ReadZeroForOne = 0 };
        var simulator = new NoisySimulator(circuit, noise);
        simulator.Probabilities(weights, x, 2, p);
        AssertOutcomes(simulator, noise, 3, weights, x[..7], p.AsSpan(0, 8));
        AssertOutcomes(simulator, noise, 3, weights, x[7..], p.AsSpan(8, 8));
    }

    private static void AssertOutcomes(NoisySimulator simulator, NoiseModel noise, int n, double[] weights, double[] x, ReadOnlySpan<double> actual)
    {
        Complex[] rho = simulator.DensityMatrix(weights, x);
        for (int q = 0; q < n && !noise.Measurement.IsIdentity; q++)
        {
            Noise.ComplexKernels.Superoperator(rho, 1 << (q + n), 1 << q, noise.Measurement.Superoperator());
        }

        for (int k = 0; k < 1 << n; k++)
        {
            Assert.Equal(Math.Max(0, rho[(k << n) | k].Real), actual[k], 1e-12);
        }
    }

    [Fact]
    public void ChannelsFollowTheirClosedForms()
    {
        double[] Decay(Channel channel, bool plus, int steps, string observable)
        {
            var builder = new CircuitBuilder(1);
            _ = plus ? builder.H(0) : builder.X(0);
            for (int k = 0; k < steps; k++)
            {
                builder.RZ(0, 0.0);
            }

            using var backend = new NoisyBackend(new NoiseModel { OneQubit = channel }, 0, 1);
            return backend.Evaluate(builder.Build(), [], [], 1, new EvaluationRequest { Observables = [Observable.Parse(observable)] }).Expectations;
        }

        // k + 1 gates carry noise: the preparing one too.
        Assert.Equal(-((2 * Math.Pow(0.9, 6)) - 1), Decay(Channel.AmplitudeDamping(0.1), false, 5, "Z0")[0], 1e-13);
        Assert.Equal(-Math.Pow(1 - (4 * 0.06 / 3), 4), Decay(Channel.Depolarising(0.06), false, 3, "Z0")[0], 1e-13);
        Assert.Equal(Math.Pow(Math.Sqrt(1 - 0.2), 3), PlusDecay(Channel.PhaseDamping(0.2), 3), 1e-13);
        Assert.Equal(Math.Exp(-3 * 4 / 40.0), PlusDecay(Channel.Thermal(60, 40, 4), 3), 1e-13);
        Assert.Equal(-((2 * Math.Exp(-3 * 4 / 60.0)) - 1), Decay(Channel.Thermal(60, 40, 4), false, 2, "Z0")[0], 1e-13);
    }

    [Fact]
    public void TrajectoriesAgreeWithTheDensityMatrix()
    {
        Circuit circuit = TeacherCircuit.Build("angle", "hardware-efficient", 3, 2, 3);
        double[] weights = circuit.RandomWeights(4), x = [0.3, -0.8, 1.4];
        var simulator = new NoisySimulator(circuit, Everything);
        double[] p = simulator.Probabilities(weights, x);
        Assert.Equal(1, p.Sum(), 1e-12);
        int[] counts = new int[8];
        const int Shots = 20000;
        Assert.Equal(0, simulator.Trajectories(weights, x, Shots, 5, 6, counts));
        double chi = p.Select((q, k) => Math.Pow(counts[k] - (Shots * q), 2) / (Shots * q)).Sum();
        Assert.InRange(chi, 0.3, 30);
    }

    [Fact]
    public void PauliNoiseIsStatisticallyThatOfQSharp()
    {
        Circuit circuit = TeacherCircuit.Build("angle", "hardware-efficient", 3, 2, 3);
        double[] weights = circuit.RandomWeights(4), x = [0.3, -0.8, 1.4];
        const int Shots = 6000;
        using var host = new QSharpHost(new QSharpHostOptions { Seed = "3" });
        string w = string.Join(",", weights.Select(v => v.ToString("0.0################", System.Globalization.CultureInfo.InvariantCulture)));
        foreach ((double px, double py, double pz) in new[] { (0.02, 0.0, 0.0), (0.01, 0.02, 0.03) })
        {
            string reply = host.Run($"QDistill.Teacher.CountBatch(\"angle\",\"hardware-efficient\",3,2,[{w}],[[0.3,-0.8,1.4]],[0,0,0],{Shots})", noise: (px, py, pz))[0];
            int[] counts = JsonSerializer.Deserialize<int[][]>(reply)![0];
            double[] p = new NoisySimulator(circuit, NoiseModel.Uniform(px, py, pz)).Probabilities(weights, x);
            using var exact = new StateVector(circuit);
            double[] clean = exact.Probabilities(weights, x, 1);
            double Chi(double[] q) => q.Select((v, k) => Math.Pow(counts[k] - (Shots * v), 2) / (Shots * v)).Sum();
            Assert.InRange(Chi(p), 0.3, 30);

            // The test can tell: without noise the same counts do not fit.
            Assert.True(Chi(clean) > 60, $"chi-square against the noiseless circuit is only {Chi(clean)}");
        }
    }

    [Fact]
    public void LostQubitsDropTheirShots()
    {
        Circuit circuit = new CircuitBuilder(2).X(0).X(1).Build();
        var simulator = new NoisySimulator(circuit, new NoiseModel { Loss = 0.2 });
        int[] counts = new int[4];
        int lost = simulator.Trajectories([], [], 20000, 1, 1, counts);
        Assert.Equal(20000 * 0.36, lost, 5 * Math.Sqrt(20000 * 0.36 * 0.64));
        Assert.Equal(20000 - lost, counts[3]);
        CircuitTests.Refused(() => simulator.DensityMatrix([], []), "lost qubits");
        using var backend = new NoisyBackend(new NoiseModel { Loss = 0.2 }, 1000, 3);
        Evaluation e = backend.Evaluate(circuit, [], [], 1);
        Assert.Equal([-1, -1], e.Expectations);
        Assert.InRange(backend.LostShots, 280, 440);
    }

    [Fact]
    public void ReadoutInversionRestoresTheTruthAndReportsItsPrice()
    {
        Circuit circuit = TeacherCircuit.Build("angle", "hardware-efficient", 3, 2, 3);
        double[] weights = circuit.RandomWeights(6), x = RandomCircuits.Vector(3 * 300, 2);
        for (int i = 3; i < x.Length; i++)
        {
            x[i] = x[i % 3];
        }

        var noise = new NoiseModel { ReadOneForZero = 0.04, ReadZeroForOne = 0.11 };
        Observable[] observables = [.. Observable.EachZ(3), Observable.Parse("Z0 Z2 - 0.5*X1")];
        var request = new EvaluationRequest { Observables = observables, Probabilities = true };
        using var exact = new StateVectorBackend();
        using var raw = new NoisyBackend(noise, 0, 1);
        using var mitigated = new NoisyBackend(noise, 0, 1, mitigateReadout: true);
        Evaluation truth = exact.Evaluate(circuit, weights, x.AsSpan(0, 3), 1, request), bad = raw.Evaluate(circuit, weights, x.AsSpan(0, 3), 1, request), good = mitigated.Evaluate(circuit, weights, x.AsSpan(0, 3), 1, request);
        for (int m = 0; m < 4; m++)
        {
            Assert.Equal(truth.Expectations[m], good.Expectations[m], 1e-12);
        }

        Assert.True(truth.Expectations.Zip(bad.Expectations, (a, b) => Math.Abs(a - b)).Max() > 0.02);
        Assert.True(truth.Probabilities!.Zip(good.Probabilities!, (a, b) => Math.Abs(a - b)).Max() < 1e-12);

        using var sampled = new NoisyBackend(noise, 200, 1, mitigateReadout: true);
        Evaluation e = sampled.Evaluate(circuit, weights, x, 300, request);
        for (int m = 0; m < 4; m++)
        {
            double spread = Enumerable.Range(0, 300).Average(i => Math.Pow(e.Expectations[(4 * i) + m] - truth.Expectations[m], 2));
            double claimed = Enumerable.Range(0, 300).Average(i => e.Variances[(4 * i) + m]);
            Assert.Equal(1, claimed / spread, 0.35);
        }
    }

    [Fact]
    public void ExponentialExtrapolationIsExactForPureDepolarising()
    {
        // On one qubit depolarising noise shrinks the Bloch vector by the same factor after every gate, so E(scale) = E0 r^scale.
        Circuit circuit = new CircuitBuilder(1).RY(0, Angle.Input(0)).RX(0, 0.4).RZ(0, 1.0).RY(0, -0.3).Build();
        var noise = new NoiseModel { OneQubit = Channel.Depolarising(0.02) };
        using var exact = new StateVectorBackend();
        double truth = exact.Evaluate(circuit, [], [0.7], 1).Expectations[0];
        using var raw = new NoisyBackend(noise, 0, 1);
        double before = raw.Evaluate(circuit, [], [0.7], 1).Expectations[0];
        double At(Extrapolation kind)
        {
            using var zne = new ZeroNoiseBackend(new NoisyBackend(noise, 0, 1), [1, 2, 3], kind);
            double e = zne.Evaluate(circuit, [], [0.7], 1).Expectations[0];
            Assert.Equal(3, zne.Ledger.Circuits);
            return e;
        }

        // Its price by shots is that of every scale.
        using var sampled = new ZeroNoiseBackend(new NoisyBackend(noise, 250, 1), [1, 2, 3], Extrapolation.Linear);
        sampled.Evaluate(circuit, [], [0.7, 0.8], 2);
        Assert.Equal((6, 6 * 250), (sampled.Ledger.Circuits, sampled.Ledger.Shots));

        Assert.Equal(truth, At(Extrapolation.Exponential), 1e-10);
        double error = Math.Abs(before - truth);
        Assert.InRange(Math.Abs(At(Extrapolation.Linear) - truth), 0, 0.3 * error);
        Assert.InRange(Math.Abs(At(Extrapolation.Richardson) - truth), 0, 0.03 * error);
        Assert.Equal(5.0, ZeroNoiseBackend.Extrapolate([1, 3, 5], [5 - 2 + 0.5, 5 - 6 + 4.5, 5 - 10 + 12.5], Extrapolation.Richardson), 1e-12);
    }

    [Fact]
    public void ZeroNoiseIsAskedForInOneWord()
    {
        Assert.Equal("exponential:1,2,3", ZeroNoise.Parse("exponential").ToString());
        Assert.Equal("linear:1,1.5,2", ZeroNoise.Parse(" linear : 1, 1.5 ,2").ToString());
        CircuitTests.Refused(() => ZeroNoise.Parse("exponental"), "unknown zero-noise extrapolation 'exponental'", "exponential");
        CircuitTests.Refused(() => ZeroNoise.Parse("linear:1,x"), "'x'", "not a noise scale");
        CircuitTests.Refused(() => ZeroNoise.Parse("linear:1"), "noise scales 1 cannot be extrapolated");
        CircuitTests.Refused(() => ZeroNoise.Parse("linear:1,NaN"), "noise scales 1, NaN cannot");
        CircuitTests.Refused(() => ZeroNoise.Parse("richardson:0.5,2"), "scales from 1 to 101");

        // Through the factory, nearer to the truth than without.
        Circuit circuit = TeacherCircuit.Build("angle", "hardware-efficient", 3, 2, 3);
        double[] weights = circuit.RandomWeights(6), x = [0.3, -0.8, 1.4];
        double Error(string backend, ZeroNoise? zero)
        {
            using var exact = new StateVectorBackend();
            using ITeacherBackend other = TeacherBackend.Create(backend, new TeacherBackendOptions { Noise = new NoiseModel { TwoQubit = Channel.Depolarising(0.01) }, ZeroNoise = zero });
            return exact.Evaluate(circuit, weights, x, 1).Expectations.Zip(other.Evaluate(circuit, weights, x, 1).Expectations, (a, b) => Math.Abs(a - b)).Max();
        }

        double raw = Error("noisy", null);
        Assert.InRange(Error("noisy", ZeroNoise.Parse("richardson")), 0, 0.1 * raw);
    }

    [Fact]
    public void FoldedCircuitsDoTheSame()
    {
        Circuit circuit = RandomCircuits.Make(3, 20, 8);
        double[] weights = RandomCircuits.Vector(5, 1), x = RandomCircuits.Vector(3, 2);
        foreach (double scale in new[] { 1.5, 2, 3, 4.4 })
        {
            Circuit folded = ZeroNoiseBackend.Fold(circuit, scale);
            Assert.Equal(scale, (double)folded.Gates.Length / circuit.Gates.Length, 0.11);
            foreach (bool large in new[] { false, true })
            {
                // Either kind of gate to the nearest gate that can be folded.
                int Count(Circuit c) => c.Gates.Count(g => g.Qubits.Length > 1 == large);
                Assert.Equal(scale * Count(circuit), Count(folded), 1.0);
            }

            StateVectorTests.AssertClose(DenseReference.Run(circuit, weights, x), DenseReference.Run(folded, weights, x), 1e-11);
        }
    }

    [Fact]
    public void NoiseModelsAreReadFromYamlAndRefusedWithTheirLine()
    {
        NoiseModel model = NoiseModel.Read(ConfigFile.Parse("t1: 100\nt2: 80\none_qubit:\n  pauli: [0.01, 0, 0.02]\n  time: 2\ntwo_qubit: {depolarising: 0.1}\nread_one_for_zero: 0.02\nloss: 0.001\n", "noise.yaml"));
        Assert.False(model.OneQubit.IsPauli);
        Assert.True(model.TwoQubit.IsPauli);
        Assert.True(model.Measurement.IsIdentity);
        Assert.Equal(0.02, model.ReadOneForZero);
        NoiseModel Parse(string text) => NoiseModel.Read(ConfigFile.Parse(text, "noise.yaml"));
        CircuitTests.Refused(() => Parse("one_qubit: {depolarizing: 0.1}"), "noise.yaml:1", "depolarizing", "depolarising");
        CircuitTests.Refused(() => Parse("one_qubit:\n  pauli: [0.5, 0.6, 0]"), "noise.yaml:2", "at most 1");
        CircuitTests.Refused(() => Parse("one_qubit:\n  pauli: [0.5, 0.1]"), "three probabilities");
        CircuitTests.Refused(() => Parse("one_qubit:\n  amplitude_damping: -0.1"), "noise.yaml:2", "outside");
        CircuitTests.Refused(() => Parse("one_qubit: {time: 3}"), "t1 and t2");
        CircuitTests.Refused(() => Parse("t1: 10"), "together");
        CircuitTests.Refused(() => Parse("t1: 10\nt2: 30\none_qubit: {time: 1}"), "T2");
        CircuitTests.Refused(() => Channel.Depolarising(-0.1), "-0.1");
        CircuitTests.Refused(() => new ReadoutMitigation(0.5, 0.5), "cannot be inverted");
        CircuitTests.Refused(() => TeacherBackend.Create("noisy"), "noise model");
        CircuitTests.Refused(() => new ZeroNoiseBackend(new StateVectorBackend(), [1], Extrapolation.Linear), "two or more");
        using var large = new NoisyBackend(NoiseModel.Uniform(0.01, 0, 0), 0, 1);
        CircuitTests.Refused(() => large.Evaluate(new CircuitBuilder(9).H(8).Build(), [], [], 1), "at most 8 qubits");
    }

    /// <summary>⟨X⟩ of |+⟩ after the channel has acted a number of times by itself.</summary>
    private static double PlusDecay(Channel channel, int times)
    {
        Complex[] rho = [0.5, 0.5, 0.5, 0.5];
        Complex[] s = channel.Superoperator();
        for (int k = 0; k < times; k++)
        {
            rho = [.. Enumerable.Range(0, 4).Select(i => Enumerable.Range(0, 4).Aggregate(Complex.Zero, (sum, j) => sum + (s[(4 * i) + j] * rho[j])))];
        }

        return (rho[1] + rho[2]).Real;
    }

    private static Complex[,] Sandwich(IReadOnlyList<Complex[,]> kraus, Complex[,] rho)
    {
        int d = rho.GetLength(0);
        var result = new Complex[d, d];
        foreach (Complex[,] k in kraus)
        {
            var half = new Complex[d, d];
            for (int i = 0; i < d; i++)
            {
                for (int j = 0; j < d; j++)
                {
                    for (int l = 0; l < d; l++)
                    {
                        half[i, j] += k[i, l] * rho[l, j];
                    }
                }
            }

            for (int i = 0; i < d; i++)
            {
                for (int j = 0; j < d; j++)
                {
                    for (int l = 0; l < d; l++)
                    {
                        result[i, j] += half[i, l] * Complex.Conjugate(k[j, l]);
                    }
                }
            }
        }

        return result;
    }
}
