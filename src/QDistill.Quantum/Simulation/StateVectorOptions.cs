namespace QDistill.Quantum;

/// <summary>Which kernels simulate a circuit.</summary>
public enum SimulationPath
{
    /// <summary>The fastest there is for the circuit.</summary>
    Automatic,

    /// <summary>One sweep per gate: the yardstick.</summary>
    GateByGate,

    /// <summary>Compiled, with 512-bit vectors (emulated, and slow, where the machine has none).</summary>
    Compiled512,

    /// <summary>Compiled, with 256-bit vectors.</summary>
    Compiled256,

    /// <summary>Compiled, without vectors.</summary>
    CompiledScalar,
}

/// <summary>The numbers a state is made of.</summary>
public enum Precision
{
    /// <summary>64-bit: results to about 1e-14.</summary>
    Double,

    /// <summary>32-bit: results to about 1e-6, half the memory, up to twice as fast.</summary>
    Single,
}

/// <summary>What the lanes of a vector hold.</summary>
public enum StateLayout
{
    /// <summary>Samples for batches on up to 10 qubits, basis states otherwise.</summary>
    Automatic,

    /// <summary>Basis states: one sample at a time.</summary>
    SingleSample,

    /// <summary>Samples side by side.</summary>
    Batched,
}

/// <summary>How <see cref="StateVector"/> runs.</summary>
public sealed record StateVectorOptions
{
    /// <summary>Threads to use; 0 means one per processor. Results do not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>The same for loops of our own around the simulator.</summary>
    internal ParallelOptions Parallel => new() { MaxDegreeOfParallelism = Threads > 0 ? Threads : Environment.ProcessorCount };

    /// <summary>Which kernels to use.</summary>
    public SimulationPath Path { get; init; }

    /// <summary>The precision of the state; results and gradients are handed over in double. The gate-by-gate path has double only.</summary>
    public Precision Precision { get; init; }

    /// <summary>What the lanes of a vector hold.</summary>
    public StateLayout Layout { get; init; }

    /// <summary>States that <see cref="StateVector.Forward"/> may keep for the backward pass [bytes]; beyond it they are computed again.</summary>
    public long TapeBytes { get; init; } = 1L << 30;
}
