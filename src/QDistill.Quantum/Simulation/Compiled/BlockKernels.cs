using System.Runtime.CompilerServices;
using static QDistill.Quantum.Simulation.Compiled.LaneInlining;

namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>What the passes forward and back do with a block, one vector of real parts and one of imaginary parts.</summary>
internal abstract unsafe class BlockKernels<V, O, M>
    where V : unmanaged
    where O : struct, ILanes<V>
    where M : struct, IKernelMode
{
    protected static int Block => 2 * sizeof(V);

    [MethodImpl(Inline)]
    protected static void Move(V lane, ref V r, ref V i)
    {
        if (M.MovesLanes)
        {
            r = O.Permute(r, lane);
            i = O.Permute(i, lane);
        }
    }

    [MethodImpl(Inline)]
    protected static void LoadDiagonal(byte* diagonal, nint e, out V re, out V im)
    {
        if (M.SharedDiagonal)
        {
            byte* at = diagonal + (e >> O.Bits);
            re = O.BroadcastFrom(at);
            im = O.BroadcastFrom(at + (sizeof(V) >> O.Bits));
        }
        else
        {
            re = O.Load(diagonal + e);
            im = O.Load(diagonal + e + sizeof(V));
        }
    }

    /// <summary>Loads a block times an entry of a diagonal.</summary>
    [MethodImpl(Inline)]
    protected static void Load(byte* s, nint e, V dr, V di, out V r, out V i)
    {
        V a = O.Load(s + e), b = O.Load(s + e + sizeof(V));
        r = O.Fnma(di, b, O.Multiply(dr, a));
        i = O.Fma(di, a, O.Multiply(dr, b));
    }

    /// <summary>Values times the conjugate of an entry of a diagonal.</summary>
    [MethodImpl(Inline)]
    protected static void TakeOff(ref V r, ref V i, V dr, V di)
    {
        V x = O.Fma(di, i, O.Multiply(dr, r));
        i = O.Fnma(di, r, O.Multiply(dr, i));
        r = x;
    }

    [MethodImpl(Inline)]
    protected static V LoadPart(byte* s, nint e) => O.Load(s + e);

    [MethodImpl(Inline)]
    protected static V LoadPart(byte* s, nint e, V lane) => M.MovesLanes ? O.Permute(O.Load(s + e), lane) : O.Load(s + e);

    [MethodImpl(Inline)]
    protected static void Store(byte* s, nint e, V lane, V r, V i)
    {
        Move(lane, ref r, ref i);
        Store(s, e, r, i);
    }

    [MethodImpl(Inline)]
    protected static void Store(byte* s, nint e, V r, V i)
    {
        O.Store(r, s + e);
        O.Store(i, s + e + sizeof(V));
    }

    /// <summary>By which mask the lanes of the coset's first block change.</summary>
    [MethodImpl(Inline)]
    protected static nint Change(LaneLayout<V, O>* layout, nint e) => M.Enters || M.Leaves ? layout->At(e) : 0;

    /// <summary>What the change of a block one mask away differs by, so that it comes to the lanes of the coset's first block.</summary>
    [MethodImpl(Inline)]
    protected static nint Coset(LaneLayout<V, O>* layout, nint mask, int laneMask) => Change(layout, mask) ^ LaneLayout<V, O>.Offset(laneMask);

    /// <summary>How a block is stored: out of the lanes of the coset's first block, into the old layout where the pass changes it back.</summary>
    [MethodImpl(Inline)]
    protected static V Out(LaneLayout<V, O>* layout, nint at, V lane) => M.Leaves ? layout->Permutation(at) : lane;
}
