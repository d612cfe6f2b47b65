using System.Reflection;
using System.Runtime.InteropServices;
using QDistill.Configuration;

namespace QDistill.Ros.Transport;

/// <summary>
/// Finds the native transport: in <c>QDISTILL_NATIVE</c>, beside the program, in <c>runtimes/RID/native</c> there (as NuGet lays out), or where the build puts it. <c>QDISTILL_TRANSPORT</c> picks the implementation
/// (<c>cyclonedds</c> when unset).
/// </summary>
internal static class TransportLibrary
{
    private static readonly Lock Gate = new();
    private static nint handle;

    public static string Implementation => Marshal.PtrToStringUTF8(NativeMethods.qd_implementation()) ?? string.Empty;

    /// <summary>Loads the library and checks its ABI.</summary>
    /// <exception cref="UserErrorException">It is not there, cannot be loaded, or is of another ABI version.</exception>
    public static void EnsureLoaded() => Load();

    /// <summary>Refuses a library built for another version of the interface, whose functions may be missing or take other arguments.</summary>
    /// <exception cref="UserErrorException">It is of another version, or no transport at all.</exception>
    internal static unsafe void Check(nint library, string file)
    {
        if (!NativeLibrary.TryGetExport(library, "qd_abi_version", out nint address))
        {
            throw new UserErrorException("is no native transport of QDistill", file, "build it again with 'make setup', or set QDISTILL_NATIVE to another folder");
        }

        uint version = ((delegate* unmanaged[Cdecl]<uint>)address)();
        if (version != NativeMethods.AbiVersion)
        {
            throw new UserErrorException($"is a native transport of interface version {version}, but this program needs version {NativeMethods.AbiVersion}", file, "build it again with 'make setup'");
        }
    }

    internal static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name == NativeMethods.Library ? Load() : 0;

    private static nint Load()
    {
        lock (Gate)
        {
            return handle != 0 ? handle : handle = Find();
        }
    }

    private static nint Find()
    {
        string name = Environment.GetEnvironmentVariable("QDISTILL_TRANSPORT") is { Length: > 0 } wanted ? wanted : "cyclonedds";
        string file = $"libqd_transport_{name}.so";
        string? problem = null;
        foreach (string folder in Folders())
        {
            string full = Path.Combine(folder, file);
            if (!File.Exists(full))
            {
                continue;
            }

            try
            {
                nint library = NativeLibrary.Load(full);
                Check(library, full);
                return library;
            }
            catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
            {
                problem ??= $"{full} cannot be loaded ({e.Message.ReplaceLineEndings(" ")})";
            }
        }

        throw new UserErrorException(problem ?? $"the native transport {file} was not found in {string.Join(", ", Folders())}", null, "build it with 'make setup', or set QDISTILL_NATIVE to its folder");
    }

    private static IEnumerable<string> Folders()
    {
        if (Environment.GetEnvironmentVariable("QDISTILL_NATIVE") is { Length: > 0 } set)
        {
            yield return set;
        }

        yield return AppContext.BaseDirectory;
        yield return Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native");
        if (Installation.Root is not null)
        {
            yield return Installation.NativeFolder;
        }
    }
}
