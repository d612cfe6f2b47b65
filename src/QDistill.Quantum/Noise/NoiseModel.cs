using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>
/// What goes wrong on a device: a channel after every gate on each of its qubits (one for one-qubit gates, one for larger ones), a channel before every measurement, read-out confusion, and loss
/// of qubits. With Pauli channels alone it means exactly what Q#'s noisy simulator means.
/// </summary>
public sealed record NoiseModel
{
    /// <summary>After every one-qubit gate.</summary>
    public Channel OneQubit { get; init; } = Channel.Identity;

    /// <summary>After every larger gate, on each of its qubits.</summary>
    public Channel TwoQubit { get; init; } = Channel.Identity;

    /// <summary>Before every measurement.</summary>
    public Channel Measurement { get; init; } = Channel.Identity;

    /// <summary>The probability to read 1 where the qubit is 0.</summary>
    public double ReadOneForZero { get; init; }

    /// <summary>The probability to read 0 where the qubit is 1.</summary>
    public double ReadZeroForOne { get; init; }

    /// <summary>The probability to lose each of a gate's qubits. A lost qubit takes part in no later gate; shots with a lost qubit are dropped.</summary>
    public double Loss { get; init; }

    /// <summary>The same Pauli errors everywhere, as Q#'s <c>runWithNoise</c> has them.</summary>
    public static NoiseModel Uniform(double x, double y, double z)
    {
        Channel c = Channel.Pauli(x, y, z);
        return new NoiseModel { OneQubit = c, TwoQubit = c, Measurement = c };
    }

    /// <summary>Reads a model from a YAML file.</summary>
    /// <exception cref="UserErrorException">The file cannot be read, a key is unknown, or a number is out of range.</exception>
    public static NoiseModel Load(string path) => Read(ConfigFile.Load(path));

    /// <summary>
    /// Reads a model: sections <c>one_qubit</c>, <c>two_qubit</c> and <c>measurement</c> with <c>pauli</c> [x, y, z], <c>depolarising</c>, <c>amplitude_damping</c>, <c>phase_damping</c> and <c>time</c> (applied in this
    /// order); <c>t1</c> and <c>t2</c> in the unit of the times; <c>read_one_for_zero</c>, <c>read_zero_for_one</c>, <c>loss</c>.
    /// </summary>
    /// <exception cref="UserErrorException">A key is unknown, or a number is out of range.</exception>
    public static NoiseModel Read(ConfigSection section)
    {
        double? t1 = section.OptionalDouble("t1", double.Epsilon), t2 = section.OptionalDouble("t2", double.Epsilon);
        if (t1 is null != t2 is null)
        {
            throw section.Error(t1 is null ? "t2" : "t1", "t1 and t2 must be given together");
        }

        var model = new NoiseModel
        {
            OneQubit = ReadChannel(section.OptionalSection("one_qubit"), t1, t2),
            TwoQubit = ReadChannel(section.OptionalSection("two_qubit"), t1, t2),
            Measurement = ReadChannel(section.OptionalSection("measurement"), t1, t2),
            ReadOneForZero = section.Double("read_one_for_zero", 0, 0, 1),
            ReadZeroForOne = section.Double("read_zero_for_one", 0, 0, 1),
            Loss = section.Double("loss", 0, 0, 1),
        };
        section.RejectUnknownKeys();
        return model;
    }

    /// <summary>The channel after a gate.</summary>
    internal Channel After(Gate gate) => gate.Qubits.Length > 1 ? TwoQubit : OneQubit;

    private static Channel ReadChannel(ConfigSection? section, double? t1, double? t2)
    {
        if (section is null)
        {
            return Channel.Identity;
        }

        IReadOnlyList<double> pauli = section.Doubles("pauli");
        if (pauli.Count is not (0 or 3))
        {
            throw section.Error("pauli", "needs three probabilities, for X, Y and Z");
        }

        Channel channel;
        try
        {
            channel = pauli.Count == 3 ? Channel.Pauli(pauli[0], pauli[1], pauli[2]) : Channel.Identity;
        }
        catch (UserErrorException e)
        {
            throw section.Error("pauli", e.What);
        }

        channel = channel
            .Then(Channel.Depolarising(section.Double("depolarising", 0, 0, 1)))
            .Then(Channel.AmplitudeDamping(section.Double("amplitude_damping", 0, 0, 1)))
            .Then(Channel.PhaseDamping(section.Double("phase_damping", 0, 0, 1)));
        double time = section.Double("time", 0, 0);
        if (time > 0 && t1 is null)
        {
            throw section.Error("time", "needs t1 and t2 beside it");
        }

        return time > 0 ? channel.Then(Channel.Thermal(t1!.Value, t2!.Value, time)) : channel;
    }
}
