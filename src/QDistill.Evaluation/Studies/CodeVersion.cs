using System.Security.Cryptography;
using QDistill.Bags;
using QDistill.Distillation.Training;
using QDistill.Features;
using QDistill.Metrics;
using QDistill.Numerics;
using QDistill.Quantum;

namespace QDistill.Evaluation.Studies;

/// <summary>
/// The version of everything that a run's numbers depend on: the module ids of the assemblies involved (the build is deterministic, so equal source gives equal
/// ids) and <see cref="Engine"/> for this folder's own code. Reports may change without making old runs void.
/// </summary>
internal static class CodeVersion
{
    /// <summary>To be raised whenever a change in this folder or in the judge changes a run's numbers.</summary>
    private const int Engine = 2;

    /// <summary>SHA-256 over all of it, 16 hex digits.</summary>
    public static string Current { get; } = Of(
        typeof(Philox), typeof(BagReader), typeof(FeatureWindows), typeof(BinaryMetrics), typeof(StateVector), typeof(StudentTrainer), typeof(TorchSharp.torch));

    /// <summary>SHA-256 over the module ids of the types' assemblies, 16 hex digits.</summary>
    public static string Of(params Type[] types)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(BitConverter.GetBytes(Engine));
        foreach (Type type in types)
        {
            sha.AppendData(type.Module.ModuleVersionId.ToByteArray());
        }

        return Convert.ToHexStringLower(sha.GetHashAndReset())[..16];
    }
}
