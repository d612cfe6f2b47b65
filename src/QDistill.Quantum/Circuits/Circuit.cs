using System.Collections.Immutable;
using QDistill.Configuration;
using QDistill.Numerics;
using QDistill.Quantum.Simulation;

namespace QDistill.Quantum;

/// <summary>How a circuit's first state comes about.</summary>
public enum StatePreparation
{
    /// <summary>|0…0⟩.</summary>
    Zero,

    /// <summary>The inputs, padded with zeros to 2^n and normalised, are the amplitudes.</summary>
    Amplitude,

    /// <summary>
    /// The inputs are a given quantum state: 2·2^n numbers Re ψ_0, Im ψ_0, Re ψ_1, …, which is how an array of <see cref="System.Numerics.Complex"/> lies in memory. States that are not normalised to 1e-6 are
    /// refused; what is left of rounding is divided away.
    /// </summary>
    State,
}

/// <summary>The named parts a circuit was put together from; what a Q# program of the same name needs to build it again.</summary>
public sealed record CircuitOrigin(string Encoding, string Ansatz, int Layers);

/// <summary>
/// An immutable gate list on n qubits whose angles depend on d inputs (features of one sample) and p weights (shared by all samples).
/// Qubit q is bit q of a basis state's index: qubit 0 is the least significant.
/// </summary>
public sealed class Circuit
{
    /// <summary>The most qubits a circuit may have; 2^24 amplitudes take 256 MiB in double precision.</summary>
    public const int MaxQubits = 24;

    internal Circuit(int qubits, int inputCount, int weightCount, ImmutableArray<Gate> gates, StatePreparation preparation, CircuitOrigin? origin)
    {
        Qubits = qubits;
        InputCount = inputCount;
        WeightCount = weightCount;
        Gates = gates;
        Preparation = preparation;
        Origin = origin;
        (Depth, TwoQubitGates) = Measure();
    }

    /// <summary>The number of qubits n.</summary>
    public int Qubits { get; }

    /// <summary>The number of inputs d of one sample.</summary>
    public int InputCount { get; }

    /// <summary>The number of weights p.</summary>
    public int WeightCount { get; }

    /// <summary>The gates in the order of their application.</summary>
    public ImmutableArray<Gate> Gates { get; }

    /// <summary>The first state.</summary>
    public StatePreparation Preparation { get; }

    /// <summary>Its encoding and ansatz by name; null for a circuit put together by hand.</summary>
    public CircuitOrigin? Origin { get; }

    /// <summary>The number of basis states 2^n.</summary>
    public int Dimension => 1 << Qubits;

    /// <summary>How many inputs make one amplitude of a first state that is given by inputs: its real part, or both parts.</summary>
    internal int InputsPerAmplitude => Preparation == StatePreparation.State ? 2 : 1;

    /// <summary>Layers of gates on disjoint qubits when every gate is done as early as possible; state preparation is not counted.</summary>
    public int Depth { get; }

    /// <summary>The number of gates on two or more qubits.</summary>
    public int TwoQubitGates { get; }

    /// <summary>A first guess for training: weights uniform in [−<paramref name="spread"/>, <paramref name="spread"/>) radians.</summary>
    public double[] RandomWeights(ulong seed, double spread = Math.PI)
    {
        var random = new Philox(seed, 0x57);
        double[] weights = new double[WeightCount];
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = random.NextDouble(-spread, spread);
        }

        return weights;
    }

    /// <summary>The same circuit with further gates after it; inputs and weights of both are the same variables.</summary>
    public Circuit Then(IEnumerable<Gate> more) => new(Qubits, InputCount, WeightCount, [.. Gates, .. more], Preparation, null);

    /// <summary>Refuses arrays whose sizes do not fit or that hold a NaN or an infinity.</summary>
    /// <exception cref="UserErrorException">Says which array, which element, and what was expected.</exception>
    internal void Check(ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int batch)
    {
        if (weights.Length != WeightCount)
        {
            throw new UserErrorException($"the circuit takes {WeightCount} weights, but {weights.Length} were given");
        }

        if (batch < 0 || inputs.Length != (long)batch * InputCount)
        {
            throw Preparation == StatePreparation.State
                ? new UserErrorException($"{batch} states of {Qubits} qubits need {(long)batch * InputCount} numbers (Re and Im of {Dimension} amplitudes each), but {inputs.Length} were given")
                : new UserErrorException($"{batch} samples of {InputCount} inputs need {(long)batch * InputCount} numbers, but {inputs.Length} were given");
        }

        if (FirstNotFinite(weights) is var w and >= 0)
        {
            throw new UserErrorException($"weight {w} of the circuit is {weights[w]}, not a finite number");
        }

        if (FirstNotFinite(inputs) is var x and >= 0)
        {
            throw Preparation == StatePreparation.State
                ? new UserErrorException($"amplitude {x % InputCount / 2} of state {x / InputCount} has a part that is {inputs[x]}, not a finite number")
                : new UserErrorException($"input {x % InputCount} of sample {x / InputCount} is {inputs[x]}, not a finite number", null, "drop the window or fill the missing feature");
        }

        for (int i = 0; i < batch && Preparation == StatePreparation.State; i++)
        {
            double square = FirstState.SquaredNorm(inputs.Slice(i * InputCount, InputCount));
            if (Math.Abs(square - 1) > 1e-6)
            {
                throw new UserErrorException($"state {i} is not normalised: its probabilities add up to {square:0.######}", null, "divide its amplitudes by their norm");
            }
        }
    }

    private static int FirstNotFinite(ReadOnlySpan<double> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private (int Depth, int TwoQubit) Measure()
    {
        Span<int> level = stackalloc int[Qubits];
        int depth = 0, two = 0;
        foreach (Gate gate in Gates)
        {
            int at = 0;
            foreach (int q in gate.Qubits)
            {
                at = Math.Max(at, level[q]);
            }

            foreach (int q in gate.Qubits)
            {
                level[q] = at + 1;
            }

            depth = Math.Max(depth, at + 1);
            two += gate.Qubits.Length > 1 ? 1 : 0;
        }

        return (depth, two);
    }
}
