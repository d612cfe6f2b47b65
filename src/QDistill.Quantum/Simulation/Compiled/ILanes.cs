namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>
/// The few vector operations the kernels are written in. <typeparamref name="V"/> is the machine's own vector type (or a plain number), not a wrapper, so that the JIT,
/// which specialises on both type arguments, keeps vectors in registers. One implementation is chosen once per simulator.
/// </summary>
/// <typeparam name="V">The vector.</typeparam>
internal unsafe interface ILanes<V>
    where V : unmanaged
{
    /// <summary>log2 of the numbers in a vector.</summary>
    static abstract int Bits { get; }

    /// <summary>Rotations that share a pass with a diagonal: three need 16 vectors beside their constants, so 32 registers.</summary>
    static abstract int RadixBits { get; }

    /// <summary>π/2 rounded to the lanes' precision.</summary>
    static abstract double HalfPiHigh { get; }

    /// <summary>π/2 − <see cref="HalfPiHigh"/>.</summary>
    static abstract double HalfPiLow { get; }

    static abstract V Zero { get; }

    static abstract V Broadcast(double value);

    static abstract V Load(byte* from);

    static abstract void Store(V value, byte* to);

    /// <summary>Converts consecutive doubles.</summary>
    static abstract V FromDoubles(double* from);

    /// <summary>Converts to consecutive doubles.</summary>
    static abstract void ToDoubles(V value, double* to);

    /// <summary>One number as all lanes.</summary>
    static abstract V BroadcastFrom(byte* scalar);

    static abstract V Add(V a, V b);

    static abstract V Subtract(V a, V b);

    static abstract V Multiply(V a, V b);

    /// <summary>a·b + c.</summary>
    static abstract V Fma(V a, V b, V c);

    /// <summary>c − a·b, as one instruction: a separate negation costs registers in the widest pass.</summary>
    static abstract V Fnma(V a, V b, V c);

    static abstract V Round(V a);

    static abstract V Abs(V a);

    static abstract V EqualTo(V a, V b);

    static abstract V Select(V mask, V ifTrue, V ifFalse);

    /// <summary>The index for <see cref="Permute"/> that sends lane i to i ^ mask.</summary>
    static abstract V XorIndex(int mask);

    static abstract V Permute(V a, V index);

    /// <summary>Sends lane i to i ^ (1 &lt;&lt; bit), at less than a general permutation costs; the bit has to be a constant, so that the JIT sees one instruction.</summary>
    static abstract V Swap(V a, int bit);

    static abstract double Sum(V a);

    /// <summary>The sums of as many consecutive vectors as one has numbers.</summary>
    static abstract void SumEach(byte* vectors, double* sums);
}
