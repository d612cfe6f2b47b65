namespace QDistill.Quantum;

/// <summary>Which kernels simulate a circuit.</summary>
public enum SimulationPath
{
    /// <summary>The fastest there is for the circuit.</summary>
    Automatic,

    /// <summary>One sweep per gate: the yardstick.</summary>
    GateByGate,
}

/// <summary>How <see cref="StateVector"/> runs.</summary>
public sealed record StateVectorOptions
{
    /// <summary>Threads to use; 0 means one per processor. Results do not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>Which kernels to use.</summary>
    public SimulationPath Path { get; init; }

    /// <summary>States that <see cref="StateVector.Forward"/> may keep for the backward pass [bytes]; beyond it they are computed again.</summary>
    public long TapeBytes { get; init; } = 1L << 30;
}
