using System.Runtime.Intrinsics;
using QDistill.Quantum.Simulation.Compiled;

namespace QDistill.Quantum.Simulation;

/// <summary>Chooses the kernels once per simulator.</summary>
internal static class RunnerFactory
{
    /// <summary>The path that <see cref="SimulationPath.Automatic"/> stands for on this machine.</summary>
    public static SimulationPath Resolve(SimulationPath path) => path != SimulationPath.Automatic ? path
        : Vector512.IsHardwareAccelerated ? SimulationPath.Compiled512
        : Vector256.IsHardwareAccelerated ? SimulationPath.Compiled256
        : SimulationPath.CompiledScalar;

    /// <summary>A runner for a circuit; those of the same circuit, numbers and layout may share a pool.</summary>
    public static GroupRunner Create(Circuit circuit, IReadOnlyList<Observable> observables, SimulationPath path, Precision precision, bool batched, DiagonalPool? pool = null) => (Resolve(path), precision) switch
    {
        (SimulationPath.GateByGate, _) => new GateByGateRunner(circuit, observables),
        (SimulationPath.Compiled512, Precision.Double) => new CompiledRunner<Vector512<double>, Lanes512Double, Vector512<double>, Lanes512Double>(circuit, observables, batched, pool),
        (SimulationPath.Compiled512, _) => new CompiledRunner<Vector512<float>, Lanes512Single, Vector512<double>, Lanes512Double>(circuit, observables, batched, pool),
        (SimulationPath.Compiled256, Precision.Double) => new CompiledRunner<Vector256<double>, Lanes256Double, Vector256<double>, Lanes256Double>(circuit, observables, batched, pool),
        (SimulationPath.Compiled256, _) => new CompiledRunner<Vector256<float>, Lanes256Single, Vector256<double>, Lanes256Double>(circuit, observables, batched, pool),
        (SimulationPath.CompiledScalar, Precision.Double) => new CompiledRunner<double, LanesScalarDouble, double, LanesScalarDouble>(circuit, observables, batched, pool),
        (SimulationPath.CompiledScalar, _) => new CompiledRunner<float, LanesScalarSingle, double, LanesScalarDouble>(circuit, observables, batched, pool),
        _ => throw new InvalidOperationException($"unknown path {path}"),
    };
}
