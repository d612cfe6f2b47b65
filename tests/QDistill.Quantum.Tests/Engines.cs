namespace QDistill.Quantum.Tests;

/// <summary>Every path and layout in double precision that this machine can run; 512-bit vectors are emulated where there are none.</summary>
public static class Engines
{
    private static readonly Dictionary<string, StateVectorOptions> ByName = new()
    {
        ["automatic"] = new(),
        ["gate by gate"] = new() { Path = SimulationPath.GateByGate },
        ["512 single"] = new() { Path = SimulationPath.Compiled512, Layout = StateLayout.SingleSample },
        ["512 batched"] = new() { Path = SimulationPath.Compiled512, Layout = StateLayout.Batched },
        ["256 single"] = new() { Path = SimulationPath.Compiled256, Layout = StateLayout.SingleSample },
        ["256 batched"] = new() { Path = SimulationPath.Compiled256, Layout = StateLayout.Batched },
        ["scalar single"] = new() { Path = SimulationPath.CompiledScalar, Layout = StateLayout.SingleSample },
        ["scalar batched"] = new() { Path = SimulationPath.CompiledScalar, Layout = StateLayout.Batched },
    };

    public static IEnumerable<string> Names => ByName.Keys;

    public static TheoryData<string> All => [.. Names];

    public static StateVectorOptions Options(string name) => ByName[name];
}
