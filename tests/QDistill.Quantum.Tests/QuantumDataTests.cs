using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace QDistill.Quantum.Tests;

/// <summary>Given states, complex ones included, through every engine and back end; spin chains and autoencoders that make and take them.</summary>
public class QuantumDataTests(QSharpFixture qsharp) : IClassFixture<QSharpFixture>
{
    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void GivenComplexStatesGoThroughTheCircuitAsThroughDenseMatrices(string engine)
    {
        // Three samples, so that lanes differ; X, rings and a first diagonal exercise what a plan does to |0…0⟩ and must not do to a state.
        for (int n = 1; n <= 5; n++)
        {
            Circuit gates = RandomCircuits.Make(n, 25, (ulong)n);
            var builder = new CircuitBuilder(n) { Preparation = StatePreparation.State };
            foreach (Gate g in gates.Gates)
            {
                builder.Append(g);
            }

            Circuit circuit = builder.Build(weights: gates.WeightCount);
            Assert.Equal(2 << n, circuit.InputCount);
            const int Batch = 3;
            Complex[][] states = [.. Enumerable.Range(0, Batch).Select(i => RandomState(n, (ulong)i))];
            double[] weights = RandomCircuits.Vector(circuit.WeightCount, 4), inputs = [.. states.SelectMany(Inputs)];
            Observable[] observables = [.. Observable.EachZ(n), Observable.Parse("0.4*X0 + Y0")];
            using var simulator = new StateVector(circuit, observables, Engines.Options(engine));
            double[] e = simulator.Expectations(weights, inputs, Batch), p = simulator.Probabilities(weights, inputs, Batch);
            for (int i = 0; i < Batch; i++)
            {
                Complex[] expected = DenseReference.Run(circuit, weights, Inputs(states[i]));
                StateVectorTests.AssertClose(expected, simulator.Amplitudes(weights, Inputs(states[i])), 1e-12);
                Assert.All(observables.Select((o, m) => DenseReference.Expectation(o, expected) - e[(i * (n + 1)) + m]), off => Assert.Equal(0, off, 1e-12));
                Assert.All(expected.Select((a, k) => (a.Magnitude * a.Magnitude) - p[(i << n) + k]), off => Assert.Equal(0, off, 1e-12));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void CircuitsOnGivenStatesHaveTheWeightGradientOfCentralDifferences(string engine)
    {
        foreach (int n in new[] { 1, 3, 4 })
        {
            Circuit circuit = TeacherCircuit.Build("state", "strongly-entangling", n, 2, 2 << n);
            const int Batch = 5;
            Observable[] observables = [.. Observable.EachZ(n), Observable.Parse("0.4*X0 + Y0")];
            double[] weights = RandomCircuits.Vector(circuit.WeightCount, 3), upstream = RandomCircuits.Vector(Batch * (n + 1), 4, 1), dw = new double[weights.Length];
            double[] inputs = [.. Enumerable.Range(0, Batch).SelectMany(i => Inputs(RandomState(n, (ulong)i)))];
            using var simulator = new StateVector(circuit, observables, Engines.Options(engine));
            simulator.ExpectationsAndVjp(weights, inputs, Batch, upstream, dw);
            GradientTests.AssertDifferences(weights, dw, () => simulator.Expectations(weights, inputs, Batch).Zip(upstream, (a, b) => a * b).Sum());
            using ForwardPass pass = simulator.Forward(weights, inputs, Batch);
            CircuitTests.Refused(() => pass.Backward(upstream, [], dw, new double[inputs.Length]), "gradient by a given state", "weights alone");
        }
    }

    [Theory]
    [InlineData("hardware-efficient")]
    [InlineData("universal-two-qubit")]
    public void QSharpPreparesTheSameComplexStates(string ansatz)
    {
        foreach (int n in new[] { 1, 3 })
        {
            Circuit circuit = TeacherCircuit.Build("state", ansatz, n, 2, 2 << n);
            Complex[][] states = [RandomState(n, 1), RandomState(n, 2), Sparse(n), [.. RandomState(n, 3).Select(a => a.Real < 0 ? -a : a)]];
            states[3] = MemoryMarshal.Cast<double, Complex>(Normalised(Inputs(states[3]))).ToArray();
            double[] weights = circuit.RandomWeights(5);
            Complex[] dumps = qsharp.Backend.States(circuit, weights, states.SelectMany(Inputs).ToArray(), states.Length);
            for (int i = 0; i < states.Length; i++)
            {
                StateVectorTests.AssertClose(DenseReference.Run(circuit, weights, Inputs(states[i])), dumps[(i << n)..((i + 1) << n)], 1e-9);
            }
        }
    }

    [Fact]
    public void EveryBackEndTakesComplexStates()
    {
        const int N = 3, Batch = 5;
        Circuit circuit = TeacherCircuit.Build("state", "simplified-two-design", N, 2, 2 << N);
        double[] weights = circuit.RandomWeights(2), inputs = [.. Enumerable.Range(0, Batch).SelectMany(i => Inputs(RandomState(N, (ulong)i)))];
        var request = new EvaluationRequest { Observables = [.. Observable.EachZ(N), Observable.Parse("X0 Y1 - 0.5*Y2"), Observable.Parse("Y0 Y1 Y2")], Probabilities = true };
        double[][] truth = [.. inputs.Chunk(2 << N).Select(x => request.Observables.Select(o => DenseReference.Expectation(o, DenseReference.Run(circuit, weights, x))).ToArray())];
        double[] flat = [.. truth.SelectMany(e => e)];
        using var exact = new StateVectorBackend();
        using var density = new NoisyBackend(new NoiseModel(), shots: 0, seed: 1);
        using var sampled = new SampledBackend(40_000, seed: 3);
        foreach ((ITeacherBackend backend, double tolerance) in new (ITeacherBackend, double)[] { (exact, 1e-12), (density, 1e-12), (qsharp.Backend, 1e-9), (sampled, 0.04) })
        {
            Evaluation answer = backend.Evaluate(circuit, weights, inputs, Batch, request);
            Assert.True(answer.Expectations.Zip(flat, (a, b) => Math.Abs(a - b)).Max() < tolerance, backend.Name);
        }

        // Shifted weights give the adjoint method's gradient; the states themselves have no shift rule.
        ShiftJacobian jacobian = new ParameterShift(circuit).Jacobian(exact, weights, inputs, Batch, request.Observables);
        double[] shift = new double[weights.Length], adjoint = new double[weights.Length], upstream = RandomCircuits.Vector(flat.Length, 7, 1);
        jacobian.Vjp(upstream, shift, []);
        using var engine = new StateVector(circuit, request.Observables);
        engine.ExpectationsAndVjp(weights, inputs, Batch, upstream, adjoint);
        Assert.True(shift.Zip(adjoint, (a, b) => Math.Abs(a - b)).Max() < 1e-10);
        CircuitTests.Refused(() => new ParameterShift(circuit, inputGradients: true), "a given state has no shift rule");
    }

    [Fact]
    public void TheFidelityKernelOfGivenStatesIsTheirOverlap()
    {
        const int N = 3, Count = 6;
        Complex[][] states = [.. Enumerable.Range(0, Count).Select(i => RandomState(N, (ulong)i))];
        using var kernel = new FidelityKernel(TeacherCircuit.Build("state", "no-entanglement", N, 0, 2 << N));
        double[] gram = kernel.Gram(states.SelectMany(Inputs).ToArray(), Count);
        for (int i = 0; i < Count; i++)
        {
            for (int j = 0; j < Count; j++)
            {
                Complex overlap = states[i].Zip(states[j], (a, b) => Complex.Conjugate(a) * b).Aggregate((a, b) => a + b);
                Assert.Equal(overlap.Magnitude * overlap.Magnitude, gram[(i * Count) + j], 1e-12);
            }
        }
    }

    [Fact]
    public void StatesThatAreNoneAreRefused()
    {
        Circuit circuit = TeacherCircuit.Build("state", "hardware-efficient", 2, 1, 8);
        double[] w = circuit.RandomWeights(1), good = Inputs(RandomState(2, 1));
        using var engine = new StateVector(circuit);
        CircuitTests.Refused(() => engine.Expectations(w, [.. good, .. good.Select(v => 3 * v)], 2), "state 1 is not normalised", "add up to 9", "divide its amplitudes");
        CircuitTests.Refused(() => engine.Expectations(w, new double[8], 1), "state 0 is not normalised", "add up to 0");
        CircuitTests.Refused(() => engine.Expectations(w, [.. good[..5], double.NaN, .. good[6..]], 1), "amplitude 2 of state 0", "NaN");
        CircuitTests.Refused(() => engine.Expectations(w, good.AsSpan(0, 4), 1), "1 states of 2 qubits need 8 numbers", "Re and Im of 4 amplitudes", "4 were given");
        CircuitTests.Refused(() => engine.Amplitudes(w, new double[8]), "not normalised");
        CircuitTests.Refused(() => qsharp.Backend.States(circuit, w, new double[8], 1), "not normalised");
        CircuitTests.Refused(() => TeacherCircuit.Build("state", "hardware-efficient", 2, 1, 4), "takes the 8 numbers of a state", "not 4");
        CircuitTests.Refused(() => new CircuitBuilder(2) { Preparation = StatePreparation.State }.Build(inputs: 4), "has 8 inputs", "not 4");

        // Rounding to single precision is no mistake.
        double[] rounded = [.. good.Select(v => (double)(float)v)];
        Assert.True(engine.Expectations(w, rounded, 1).Zip(engine.Expectations(w, good, 1), (a, b) => Math.Abs(a - b)).Max() < 1e-6);
    }

    [Fact]
    public void GroundStatesHaveTheirKnownEnergies()
    {
        // Two and four Heisenberg spins; the critical open Ising chain, E = 1 − 1/sin(π/(4n + 2)) (Pfeuty 1970); without field, −(n − 1).
        Assert.Equal(-3, GroundState.Of(SpinChain.Heisenberg(2, 1), 2).Energy, 1e-9);
        Assert.Equal(-8, GroundState.Of(SpinChain.Heisenberg(4, 1, periodic: true), 4).Energy, 1e-9);
        foreach (int n in new[] { 3, 6, 9 })
        {
            (double energy, Complex[] state) = GroundState.Of(SpinChain.Ising(n, 1, 1), n);
            Assert.Equal(1 - (1 / Math.Sin(Math.PI / ((4 * n) + 2))), energy, 1e-8);
            Assert.Equal(1, state.Sum(a => a.Magnitude * a.Magnitude), 1e-10);
            Assert.All(state, a => Assert.Equal(0, a.Imaginary, 1e-9));
            Complex[] image = HilbertSpace.Apply(SpinChain.Ising(n, 1, 1), state);
            Assert.True(image.Zip(state, (a, b) => (a - (energy * b)).Magnitude).Max() < 1e-7);
        }

        // The cluster chain without field is solved by its n − 2 stabilisers; with field alone, by |+…+⟩.
        Assert.Equal(-5, GroundState.Of(SpinChain.Cluster(7, 1, 0, 0), 7).Energy, 1e-8);
        Assert.Equal(-7, GroundState.Of(SpinChain.Cluster(7, 0, 1, 0), 7).Energy, 1e-8);
        CircuitTests.Refused(() => GroundState.Of(SpinChain.Ising(4, 1, 1), 3), "at least the 4");
        CircuitTests.Refused(() => GroundState.Of(SpinChain.Ising(4, 1, 1), 19), "1 to 18");
    }

    [Fact]
    public void AnAutoencodersFidelityIsThatOfThePartialTraceOverTheLatentQubits()
    {
        const int N = 4, Latent = 2, Layers = 2;
        Complex[] state = RandomState(N, 6);
        using var coder = new QuantumAutoencoder("hardware-efficient", N, Latent, Layers);
        double[] w = RandomCircuits.Vector(coder.WeightCount, 8);
        Complex[] encoded = DenseReference.Run(TeacherCircuit.Build("state", "hardware-efficient", N, Layers, 2 << N), w, Inputs(state));
        var trash = new Complex[1 << (N - Latent), 1 << (N - Latent)];
        for (int i = 0; i < encoded.Length; i++)
        {
            for (int j = 0; j < encoded.Length; j++)
            {
                // Equal in the latent qubits, the low ones.
                trash[i >> Latent, j >> Latent] += ((i ^ j) & ((1 << Latent) - 1)) == 0 ? encoded[i] * Complex.Conjugate(encoded[j]) : 0;
            }
        }

        Assert.Equal(trash[0, 0].Real, coder.Fidelity(w, state, 1, new double[w.Length]), 1e-12);
    }

    [Fact]
    public void AnAutoencoderLearnsToEmptyItsTrash()
    {
        // Ground states of three spins along a line of fields span few dimensions, so one qubit can nearly carry them; a turn about Z makes them complex.
        Complex[] states = [.. Enumerable.Range(0, 8).SelectMany(i => TimeEvolution.Of(Observable.Parse("0.4*Z0 - 0.3*Z1 + Z2"), GroundState.Of(SpinChain.Ising(3, 1, 0.6 + (0.1 * i)), 3).State, 1))];
        Assert.True(states.Max(a => Math.Abs(a.Imaginary)) > 0.1);
        using var coder = new QuantumAutoencoder("strongly-entangling", 3, 1, 3);
        double[] w = RandomCircuits.Vector(coder.WeightCount, 4, 1), g = new double[w.Length];
        double first = coder.Fidelity(w, states, 8, g), fidelity = first;
        GradientTests.AssertDifferences(w, [.. g], () => coder.Fidelity(w, states, 8, new double[w.Length]));
        for (int step = 0; step < 300; step++)
        {
            fidelity = coder.Fidelity(w, states, 8, g);
            for (int i = 0; i < w.Length; i++)
            {
                w[i] += 0.5 * g[i];
            }
        }

        Assert.True(fidelity > 0.98, $"fidelity went from {first} to {fidelity}");
        double[] trained = coder.Train(states, 8, 200, seed: 3);
        Assert.True(coder.Fidelities(trained, states, 8).Min() > 0.95);
        CircuitTests.Refused(() => coder.Train(states, 8, 0), "train nothing");
        Complex[] latent = coder.Compress(w, states, 8);
        Assert.Equal(16, latent.Length);
        Assert.Equal(1, latent.Take(2).Sum(a => a.Magnitude * a.Magnitude), 1e-12);
        Complex[] tripled = [.. states.Select((a, i) => i < 8 ? a : 3 * a)];
        CircuitTests.Refused(() => coder.Fidelity(w, tripled, 8, g), "state 1 is not normalised", "add up to 9");
        CircuitTests.Refused(() => coder.Compress(w, tripled, 8), "state 1 is not normalised");
        CircuitTests.Refused(() => coder.Fidelity(w, states.AsSpan(1), 8, g), "8 states of 3 qubits need 128 numbers", "126");
        CircuitTests.Refused(() => coder.Fidelity(w, [], 0, g), "no states");
        CircuitTests.Refused(() => new QuantumAutoencoder("strongly-entangling", 3, 3, 1), "cannot be compressed");
    }

    [Fact]
    public void ComplexGroundStatesAndEvolvedStatesAreThoseOfDenseLinearAlgebra()
    {
        // numpy diagonalises the same Hamiltonians from Kronecker products.
        foreach ((int n, double anisotropy, double twist, bool periodic, double time) in new[] { (3, 1.0, 0.7, true, 2.5), (5, 0.3, -1.2, false, -4.0), (6, 0.8, 0.4, true, 30.0) })
        {
            Observable chain = SpinChain.Heisenberg(n, 1, periodic, anisotropy, twist);
            Complex[] start = RandomState(n, 9);
            JsonNode truth = Ask(new { n, anisotropy, twist, periodic, time, state = Inputs(start) });
            Complex[] evolved = TimeEvolution.Of(chain, start, time);
            StateVectorTests.AssertClose(MemoryMarshal.Cast<double, Complex>(truth["evolved"].Deserialize<double[]>()).ToArray(), evolved, 1e-8);
            (double energy, Complex[] ground) = GroundState.Of(chain, n);
            Assert.Equal((double)truth["energy"]!, energy, 1e-8);
            Complex[] image = HilbertSpace.Apply(chain, ground);
            Assert.True(image.Zip(ground, (a, b) => (a - (energy * b)).Magnitude).Max() < 1e-7);
            Assert.True(ground.Max(a => Math.Abs(a.Imaginary)) > 1e-3);
        }

        // A twist of an open chain without ZZ turns into a longer coupling: the energies of free fermions, 4√(J² + D²) cos(πk/(n + 1)).
        double longer = 4 * Math.Sqrt(1 + (0.75 * 0.75));
        Assert.Equal(-Enumerable.Range(1, 3).Sum(k => longer * Math.Cos(Math.PI * k / 8)), GroundState.Of(SpinChain.Heisenberg(7, 1, false, 0, 0.75), 7).Energy, 1e-8);

        // Rabi: exp(−iXt)|0⟩ = cos t |0⟩ − i sin t |1⟩; no time, no change; there and back again.
        StateVectorTests.AssertClose([Math.Cos(1.3), new Complex(0, -Math.Sin(1.3))], TimeEvolution.Of(Observable.Parse("X0"), [1, 0], 1.3), 1e-12);
        Complex[] any = RandomState(4, 3);
        StateVectorTests.AssertClose(any, TimeEvolution.Of(SpinChain.Ising(4, 1, 1), any, 0), 1e-15);
        StateVectorTests.AssertClose(any, TimeEvolution.Of(SpinChain.Ising(4, 1, 1), TimeEvolution.Of(SpinChain.Ising(4, 1, 1), any, 7), -7), 1e-9);
        CircuitTests.Refused(() => TimeEvolution.Of(SpinChain.Ising(4, 1, 1), any, double.NaN), "over the time NaN");
        CircuitTests.Refused(() => TimeEvolution.Of(SpinChain.Ising(5, 1, 1), any, 1), "16 amplitudes", "at least the 5 qubits");
        CircuitTests.Refused(() => TimeEvolution.Of(SpinChain.Ising(2, 1, 1), new Complex[3], 1), "3 amplitudes");
        CircuitTests.Refused(() => TimeEvolution.Of(SpinChain.Ising(2, 1, 1), new Complex[4], 1), "zero");
    }

    [Fact]
    public void FilesOfStatesAreNumpysInBothDirections()
    {
        using var folder = new TempDirectory();
        Complex[] states = [.. RandomState(3, 1), .. RandomState(3, 2)];
        StatesFile.Write(folder["ours.npy"], states, 2);
        Ask(new { read = folder["ours.npy"], folder = folder[string.Empty] });
        foreach ((string file, double tolerance) in new[] { ("ours", 0.0), ("c16", 0.0), ("c8", 1e-7), ("version2", 0.0) })
        {
            (Complex[] read, int count, int qubits) = StatesFile.Read(folder[file + ".npy"]);
            Assert.Equal((2, 3), (count, qubits));
            StateVectorTests.AssertClose(states, read, tolerance);
        }

        StateVectorTests.AssertClose([.. states.Select(a => new Complex(a.Real, 0))], StatesFile.Read(folder["f8.npy"]).States, 0);
        StateVectorTests.AssertClose([.. states.Select(a => new Complex(a.Real, 0))], StatesFile.Read(folder["f4.npy"]).States, 1e-7);
        Assert.Equal((1, 3), (StatesFile.Read(folder["one.npy"]).Count, StatesFile.Read(folder["one.npy"]).Qubits));
        void Refused(string file, params string[] parts) => CircuitTests.Refused(() => StatesFile.Read(folder[file]), [folder[file], .. parts]);
        Refused("integers.npy", "type '<i8'", "astype(complex)");
        Refused("fortran.npy", "C order");
        Refused("seven.npy", "shape (2, 7)");
        Refused("none.npy", "cannot be read");
        byte[] bytes = File.ReadAllBytes(folder["ours.npy"]);
        File.WriteAllBytes(folder["cut.npy"], bytes[..^5]);
        Refused("cut.npy", "251 bytes", "needs 256");
        File.WriteAllBytes(folder["head.npy"], bytes[..40]);
        Refused("head.npy", "cut off within its header");
        File.WriteAllText(folder["text.npy"], "not numpy");
        Refused("text.npy", "not a numpy file");
    }

    internal static Complex[] RandomState(int n, ulong seed) => MemoryMarshal.Cast<double, Complex>(Normalised(RandomCircuits.Vector(2 << n, seed + 40, 1))).ToArray();

    /// <summary>Amplitudes that are zero, among them the first: what a preparation by nested rotations may trip over.</summary>
    private static Complex[] Sparse(int n)
    {
        var state = new Complex[1 << n];
        (state[^1], state[^2]) = (new Complex(0, -0.6), new Complex(-0.8, 0));
        return state;
    }

    internal static double[] Inputs(Complex[] state) => MemoryMarshal.Cast<Complex, double>(state).ToArray();

    private static double[] Normalised(double[] x)
    {
        double norm = Math.Sqrt(x.Sum(v => v * v));
        return [.. x.Select(v => v / norm)];
    }

    private static JsonNode Ask(object question) => PythonOracle.Ask("QDistill.Quantum.Tests/spins.py", question);
}
