using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using QDistill.Configuration;
using QDistill.Ros.Transport;

namespace QDistill.Ros.Tests;

public sealed partial class TransportLibraryTests
{
    private static readonly string Header = Path.Combine(Installation.Root!, "src", "native", "cyclonedds", "qd_transport.h");

    /// <summary>A library of another day is told apart by its number alone, so the number must follow every change of the interface.</summary>
    [Fact]
    public void The_interfaces_number_is_raised_with_every_change_of_it()
    {
        string code = Blank().Replace(Comment().Replace(File.ReadAllText(Header), string.Empty), " ");
        string version = Version().Match(code).Groups[1].Value;
        Assert.Equal($"{NativeMethods.AbiVersion}", version);
        string fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code)))[..16];
        Assert.True(
            (version, fingerprint) == ("3", "9b468ecb3328c186"),
            $"qd_transport.h has changed: raise QD_TRANSPORT_ABI and NativeMethods.AbiVersion, and note the new pair here (fingerprint {fingerprint})");
    }

    [Fact]
    public void Every_function_that_is_called_is_declared_and_exported()
    {
        TransportLibrary.EnsureLoaded();
        nint library = TransportLibrary.Resolve(NativeMethods.Library, typeof(NativeMethods).Assembly, null);
        string header = File.ReadAllText(Header);
        string[] functions = [.. typeof(NativeMethods).GetMethods(BindingFlags.Static | BindingFlags.Public).Select(m => m.Name).Where(n => n.StartsWith("qd_", StringComparison.Ordinal))];
        Assert.True(functions.Length >= 30);
        Assert.All(functions, f => Assert.Contains($" {f}(", header.Replace("*", " ", StringComparison.Ordinal)));
        Assert.All(functions, f => Assert.True(NativeLibrary.TryGetExport(library, f, out _), f));
    }

    [Fact]
    public void A_library_of_another_version_or_another_make_is_refused_in_one_sentence()
    {
        string folder = Path.Combine(Installation.Root!, "artifacts", "interop");
        foreach ((string file, string reason) in new[]
        {
            ("libqd_transport_old.so", $"is a native transport of interface version 1, but this program needs version {NativeMethods.AbiVersion}"),
            ("libqd_transport_foreign.so", "is no native transport of QDistill"),
        })
        {
            string path = Path.Combine(folder, file);
            nint library = NativeLibrary.Load(path);
            try
            {
                UserErrorException e = Assert.Throws<UserErrorException>(() => TransportLibrary.Check(library, path));
                Assert.Contains(path, e.Message);
                Assert.Contains(reason, e.Message);
                Assert.Contains("make setup", e.Message);
            }
            finally
            {
                NativeLibrary.Free(library);
            }
        }
    }

    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();

    [GeneratedRegex(@"#define QD_TRANSPORT_ABI (\d+)u")]
    private static partial Regex Version();
}
