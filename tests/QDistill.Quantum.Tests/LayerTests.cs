using System.Numerics;

namespace QDistill.Quantum.Tests;

/// <summary>Quanvolution, spin chains and autoencoders.</summary>
public class LayerTests
{
    [Fact]
    public void QuanvolutionIsTheCircuitOnEveryPatch()
    {
        Circuit circuit = TeacherCircuit.Build("angle", "simplified-two-design", 4, 1, 4);
        double[] weights = circuit.RandomWeights(2), images = RandomCircuits.Vector(2 * 5 * 6, 3, 1.5);
        using var layer = new Quanvolution(circuit, 2, 2);
        Assert.Equal((2, 3), layer.OutputSize(5, 6));
        double[] maps = layer.Forward(weights, images, 2, 5, 6);
        for (int image = 0; image < 2; image++)
        {
            for (int row = 0; row < 2; row++)
            {
                for (int column = 0; column < 3; column++)
                {
                    double Pixel(int dy, int dx) => images[(image * 30) + (((2 * row) + dy) * 6) + (2 * column) + dx];
                    Complex[] state = DenseReference.Run(circuit, weights, [Pixel(0, 0), Pixel(0, 1), Pixel(1, 0), Pixel(1, 1)]);
                    for (int c = 0; c < 4; c++)
                    {
                        Assert.Equal(DenseReference.Expectation(Observable.Z(c), state), maps[(((image * 4) + c) * 6) + (row * 3) + column], 1e-12);
                    }
                }
            }
        }

        double[] g = RandomCircuits.Vector(maps.Length, 9, 1), dw = new double[weights.Length], dx = new double[images.Length];
        using var overlapping = new Quanvolution(circuit, 2, 1);
        double[] g1 = RandomCircuits.Vector(2 * 4 * 4 * 5, 9, 1);
        overlapping.ForwardAndVjp(weights, images, 2, 5, 6, _ => g1, dw, dx);
        double Loss() => overlapping.Forward(weights, images, 2, 5, 6).Zip(g1, (a, b) => a * b).Sum();
        GradientTests.AssertDifferences(weights, dw, Loss);
        GradientTests.AssertDifferences(images, dx, Loss);
        CircuitTests.Refused(() => new Quanvolution(circuit, 3, 1), "3×3", "4 inputs");
        CircuitTests.Refused(() => layer.Forward(weights, images, 1, 1, 60), "smaller than the patch");
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
            Complex[] image = GroundState.Apply(SpinChain.Ising(n, 1, 1), state);
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
        double[] state = RandomCircuits.Vector(1 << N, 6, 1);
        double norm = Math.Sqrt(state.Sum(a => a * a));
        state = [.. state.Select(a => a / norm)];
        using var coder = new QuantumAutoencoder("hardware-efficient", N, Latent, Layers);
        double[] w = RandomCircuits.Vector(coder.WeightCount, 8);
        Complex[] encoded = DenseReference.Run(TeacherCircuit.Build("amplitude", "hardware-efficient", N, Layers, 1 << N), w, state);
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
        // Ground states of three spins along a line of fields span few dimensions, so one qubit can nearly carry them.
        double[] states = [.. Enumerable.Range(0, 8).SelectMany(i => GroundState.Of(SpinChain.Ising(3, 1, 0.6 + (0.1 * i)), 3).State.Select(a => a.Real))];
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
        Complex[] latent = coder.Compress(w, states, 8);
        Assert.Equal(16, latent.Length);
        Assert.Equal(1, latent.Take(2).Sum(a => a.Magnitude * a.Magnitude), 1e-12);
        double[] tripled = [.. states.Select((a, i) => i < 8 ? a : 3 * a)];
        CircuitTests.Refused(() => coder.Fidelity(w, tripled, 8, g), "state 1 is not normalised", "add up to 9");
        CircuitTests.Refused(() => coder.Compress(w, tripled, 8), "state 1 is not normalised");
        CircuitTests.Refused(() => new QuantumAutoencoder("strongly-entangling", 3, 3, 1), "cannot be compressed");
    }
}
