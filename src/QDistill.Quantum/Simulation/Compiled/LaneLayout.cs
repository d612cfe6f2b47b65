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

    /// <summary>By which mask the lanes of the block at byte offset <paramref name="e"/> move, as the offset of its permutation: offsets are XORed as masks are.</summary>
    [MethodImpl(Inline)]
    public nint At(nint e)
    {
        nint mask = BitOperations.PopCount((nuint)(e & parity0)) & 1;
        mask |= O.Bits > 1 ? (nint)(BitOperations.PopCount((nuint)(e & parity1)) & 1) << 1 : 0;
        mask |= O.Bits > 2 ? (nint)(BitOperations.PopCount((nuint)(e & parity2)) & 1) << 2 : 0;
        mask |= O.Bits > 3 ? (nint)(BitOperations.PopCount((nuint)(e & parity3)) & 1) << 3 : 0;
        return Offset(mask);
    }

    /// <summary>The offset of a mask's permutation.</summary>
    [MethodImpl(Inline)]
    public static nint Offset(nint mask) => mask * sizeof(V);

    /// <summary>The permutation at an offset.</summary>
    [MethodImpl(Inline)]
    public V Permutation(nint offset) => O.Load((byte*)permutations + offset);
}
