using System.Runtime.CompilerServices;

namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>The option of every leaf method of the kernels.</summary>
internal static class LaneInlining
{
    public const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
}
