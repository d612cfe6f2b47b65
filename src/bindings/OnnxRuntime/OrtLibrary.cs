using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>Finds libonnxruntime: by QD_ONNXRUNTIME_LIBRARY, beside the program, in runtimes/RID/native there (as NuGet lays out), in an npm onnxruntime-node folder above it, or where the system loader looks.</summary>
internal static class OrtLibrary
{
    public static nint Load()
    {
        foreach (string candidate in Candidates())
        {
            if (File.Exists(candidate))
            {
                return NativeLibrary.Load(candidate);
            }
        }

        foreach (string name in new[] { "libonnxruntime.so.1", "libonnxruntime.so", "onnxruntime" })
        {
            if (NativeLibrary.TryLoad(name, out nint library))
            {
                return library;
            }
        }

        throw new DllNotFoundException("libonnxruntime was not found: run `make setup` (or `npm ci --ignore-scripts`), or set QD_ONNXRUNTIME_LIBRARY to its path");
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("QD_ONNXRUNTIME_LIBRARY") is { Length: > 0 } set)
        {
            if (!File.Exists(set))
            {
                throw new DllNotFoundException($"QD_ONNXRUNTIME_LIBRARY names {set}, which does not exist");
            }

            yield return set;
        }

        (string system, string file) = OperatingSystem.IsMacOS() ? ("darwin", "libonnxruntime.1.dylib")
            : OperatingSystem.IsWindows() ? ("win32", "onnxruntime.dll")
            : ("linux", "libonnxruntime.so.1");
        string architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        yield return Path.Combine(AppContext.BaseDirectory, file);
        yield return Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native", file);
        List<string> roots = [];
        if (Environment.GetEnvironmentVariable("QDISTILL_HOME") is { Length: > 0 } home)
        {
            roots.Add(home);
        }

        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            roots.Add(d.FullName);
        }

        foreach (string root in roots)
        {
            string bin = Path.Combine(root, "node_modules", "onnxruntime-node", "bin");
            if (Directory.Exists(bin))
            {
                foreach (string version in Directory.GetDirectories(bin, "napi-v*").OrderDescending(StringComparer.Ordinal))
                {
                    yield return Path.Combine(version, system, architecture, file);
                }
            }
        }
    }
}
