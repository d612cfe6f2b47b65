using System.Numerics;
using System.Runtime.CompilerServices;
using static QDistill.Quantum.Simulation.Compiled.LaneInlining;

namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>A change of layout as a pass does it: which permutation of lanes a block needs.</summary>
/// <typeparam name="V">Vectors of the state.</typeparam>
/// <typeparam name="O">Their operations.</typeparam>
internal readonly unsafe struct LaneLayout<V, O>
    where V : unmanaged
    where O : struct, ILanes<V>
{
    private const int MostBits = 4;
    private readonly nint parity0, parity1, parity2, parity3;   // over byte offsets of blocks
    private readonly V* permutations;   // [XOR mask]

    /// <summary>Makes it for one step.</summary>
    /// <param name="laneParities">One number per lane bit, in blocks.</param>
    /// <param name="permutations">The permutation of every XOR mask; not copied.</param>
    public LaneLayout(ReadOnlySpan<int> laneParities, V* permutations)
    {
        this.permutations = permutations;
        nint block = 2 * sizeof(V);
        parity0 = laneParities.Length > 0 ? laneParities[0] * block : 0;
        parity1 = laneParities.Length > 1 ? laneParities[1] * block : 0;
        parity2 = laneParities.Length > 2 ? laneParities[2] * block : 0;
        parity3 = laneParities.Length > 3 ? laneParities[3] * block : 0;
    }

    /// <summary>By which mask the lanes of the block at byte offset <paramref name="e"/> move.</summary>
    [MethodImpl(Inline)]
    public int At(nint e)
    {
        int mask = BitOperations.PopCount((nuint)(e & parity0)) & 1;
        mask |= O.Bits > 1 ? (BitOperations.PopCount((nuint)(e & parity1)) & 1) << 1 : 0;
        mask |= O.Bits > 2 ? (BitOperations.PopCount((nuint)(e & parity2)) & 1) << 2 : 0;
        mask |= O.Bits > 3 ? (BitOperations.PopCount((nuint)(e & parity3)) & 1) << 3 : 0;
        return mask;
    }

    /// <summary>The permutation of a mask.</summary>
    [MethodImpl(Inline)]
    public V Permutation(int mask) => permutations[mask];
}
