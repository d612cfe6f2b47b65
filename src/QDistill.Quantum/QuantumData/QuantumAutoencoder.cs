using System.Numerics;
using System.Runtime.InteropServices;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>
/// A quantum autoencoder (Romero, Olson, Aspuru-Guzik, Quantum Sci. Technol. 2, 045001 (2017)): a circuit is trained until its trash qubits, the highest ones, are |0⟩ for every state of a family; then the others carry the states. The probability of finding
/// the trash empty, ⟨0|tr_latent ρ|0⟩ of the partial trace over the latent qubits, is the fidelity that compression and decompression keep.
/// </summary>
public sealed class QuantumAutoencoder : IDisposable
{
    private readonly StateVector engine;
    private readonly Circuit circuit;

    /// <summary>Creates an autoencoder for states of n qubits.</summary>
    /// <param name="ansatz">The encoder's ansatz.</param>
    /// <param name="qubits">n</param>
    /// <param name="latent">The qubits that stay.</param>
    /// <param name="layers">The encoder's layers.</param>
    /// <exception cref="UserErrorException">There is nothing to compress, or the trash is larger than 10 qubits.</exception>
    public QuantumAutoencoder(string ansatz, int qubits, int latent, int layers)
    {
        if (latent < 1 || latent >= qubits || qubits - latent > 10)
        {
            throw new UserErrorException($"{qubits} qubits cannot be compressed to {latent}: 1 to {qubits - 1} must stay, and at most 10 go");
        }

        circuit = TeacherCircuit.Build("state", ansatz, qubits, layers, 2 << qubits);
        Latent = latent;
        engine = new StateVector(circuit, [TrashEmpty(qubits, latent)]);
    }

    /// <summary>The qubits that stay.</summary>
    public int Latent { get; }

    /// <summary>The number of the encoder's weights.</summary>
    public int WeightCount => circuit.WeightCount;

    /// <summary>Π (1 + Z_q)/2 over the trash qubits.</summary>
    public static Observable TrashEmpty(int qubits, int latent)
    {
        int trash = qubits - latent;
        return new Observable(Enumerable.Range(0, 1 << trash).Select(s => (1.0 / (1 << trash), new PauliString(0, s << latent))));
    }

    /// <summary>The mean fidelity over states, and its gradient by the weights.</summary>
    /// <param name="weights">[p]</param>
    /// <param name="states">Amplitudes [batch, 2^n].</param>
    /// <param name="batch">The number of states.</param>
    /// <param name="gradient">Receives dF/dw [p].</param>
    /// <exception cref="UserErrorException">There is no state, or one is not normalised.</exception>
    public double Fidelity(ReadOnlySpan<double> weights, ReadOnlySpan<Complex> states, int batch, Span<double> gradient)
    {
        if (batch < 1)
        {
            throw new UserErrorException("the mean fidelity over no states is not defined");
        }

        double[] upstream = new double[batch];
        Array.Fill(upstream, 1.0 / batch);
        return engine.ExpectationsAndVjp(weights, MemoryMarshal.Cast<Complex, double>(states), batch, upstream, gradient).Average();
    }

    /// <summary>The fidelity of each state.</summary>
    /// <returns>[batch]</returns>
    /// <exception cref="UserErrorException">A state is not normalised.</exception>
    public double[] Fidelities(ReadOnlySpan<double> weights, ReadOnlySpan<Complex> states, int batch) => engine.Expectations(weights, MemoryMarshal.Cast<Complex, double>(states), batch);

    /// <summary>Trains the encoder on states by Adam, from random weights.</summary>
    /// <param name="states">Amplitudes [batch, 2^n].</param>
    /// <param name="batch">The number of states.</param>
    /// <param name="iterations">Steps.</param>
    /// <param name="learningRate">Adam's step size.</param>
    /// <param name="seed">The seed of the first weights.</param>
    /// <param name="cancellation">Ends the training between steps.</param>
    /// <returns>The weights [p] of the highest mean fidelity met.</returns>
    /// <exception cref="UserErrorException">A state is not normalised, or a setting makes no sense.</exception>
    public double[] Train(ReadOnlySpan<Complex> states, int batch, int iterations, double learningRate = 0.05, ulong seed = 1, CancellationToken cancellation = default)
    {
        if (iterations < 1 || !(learningRate > 0) || !double.IsFinite(learningRate))
        {
            throw new UserErrorException($"{iterations} iterations at a learning rate of {learningRate} train nothing");
        }

        double[] weights = circuit.RandomWeights(seed), gradient = new double[weights.Length], best = weights;
        var adam = new AdamState(weights.Length, learningRate);
        double highest = -1;
        for (int step = 0; step <= iterations; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            double fidelity = Fidelity(weights, states, batch, gradient);
            if (fidelity > highest)
            {
                (highest, best) = (fidelity, [.. weights]);
            }

            for (int i = 0; i < gradient.Length; i++)
            {
                gradient[i] = -gradient[i];
            }

            adam.Step(weights, gradient);
        }

        return best;
    }

    /// <summary>The latent state of each input, given that the trash is found empty.</summary>
    /// <returns>[batch, 2^latent]</returns>
    /// <exception cref="UserErrorException">A state is not normalised, or leaves nothing in the latent qubits.</exception>
    public Complex[] Compress(ReadOnlySpan<double> weights, ReadOnlySpan<Complex> states, int batch)
    {
        ReadOnlySpan<double> inputs = MemoryMarshal.Cast<Complex, double>(states);
        circuit.Check(weights, inputs, batch);
        int size = 1 << Latent;
        var result = new Complex[batch * size];
        for (int i = 0; i < batch; i++)
        {
            Complex[] whole = engine.Amplitudes(weights, inputs.Slice(i * circuit.InputCount, circuit.InputCount));
            double norm = Math.Sqrt(whole.Take(size).Sum(a => (a.Real * a.Real) + (a.Imaginary * a.Imaginary)));
            if (norm < 1e-12)
            {
                throw new UserErrorException($"state {i} leaves nothing in the latent qubits");
            }

            for (int k = 0; k < size; k++)
            {
                result[(i * size) + k] = whole[k] / norm;
            }
        }

        return result;
    }

    /// <inheritdoc/>
    public void Dispose() => engine.Dispose();
}
