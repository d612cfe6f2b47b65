using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using QDistill.Cli.Terminal;
using QDistill.Configuration;

namespace QDistill.Cli.Verbs;

/// <summary><c>qdistill doctor</c>: what is present, in which version, and how to get what is missing.</summary>
internal static class DoctorVerb
{
    private sealed record Check(string Name, bool Ok, string Version, string NeededFor, string? Remedy);

    public static Command Create()
    {
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb(
            "doctor",
            "Says what is present, which version, and how to get what is missing.",
            "qdistill doctor",
            "qdistill doctor --json");
        verb.Add(json);
        verb.SetAction(r => Run(r.GetValue(json)));
        return verb;
    }

    private static int Run(bool json)
    {
        List<Check> checks = [.. All()];
        if (json)
        {
            Output.WriteJson(new { ok = checks.All(c => c.Ok), checks });
        }
        else
        {
            Output.WriteTable(null, ["what", "state", "version", "needed for"], checks.Select(c => (IReadOnlyList<string>)
                [c.Name, c.Ok ? "ok" : "MISSING", c.Version, c.Ok || c.Remedy is null ? c.NeededFor : $"{c.NeededFor}: {c.Remedy}"]));
        }

        return checks.All(c => c.Ok) ? 0 : ExitCode.CheckFailed;
    }

    private static IEnumerable<Check> All()
    {
        const string setup = "make setup";
        yield return new Check(".NET runtime", Environment.Version.Major >= 10, Environment.Version.ToString(), "everything", "install the .NET 10 runtime");
        yield return new Check("QDistill's files", Installation.Root is not null, Installation.Root ?? "not found", "everything", "set QDISTILL_HOME");
        yield return Program("Node.js", Environment.GetEnvironmentVariable("QDISTILL_NODE") is { Length: > 0 } node ? node : "node", "--version", "Q# back end", "install Node.js 20 or newer");
        yield return NpmPackage("Q# compiler", "qsharp-lang", "Q# back end", setup);
        yield return NpmPackage("ONNX Runtime", "onnxruntime-node", "onboard inference, replay", setup);
        yield return NpmPackage("Vega-Lite", "vega-lite", "reports", setup);
        yield return Shim("DDS transport", "libqd_transport_cyclonedds.so", "nodes, play", setup);
        yield return Shim("torch shim", "libqd_torch.so", "distill", setup);
        yield return Library("zstd", "libzstd.so.1", "compressed bags", "apt install libzstd1");
        yield return Library("lz4", "liblz4.so.1", "compressed bags", "apt install liblz4-1");
        yield return Library("SQLite", "libsqlite3.so.0", ".db3 bags", "apt install libsqlite3-0");
        yield return Library("TurboJPEG", "libturbojpeg.so.0", "compressed images", "apt install libturbojpeg0");
    }

    private static Check Program(string name, string program, string argument, string neededFor, string remedy)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, argument) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string version = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return new Check(name, process.ExitCode == 0, version, neededFor, remedy);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return new Check(name, false, $"'{program}' cannot be started", neededFor, remedy);
        }
    }

    private static Check NpmPackage(string name, string package, string neededFor, string remedy)
    {
        string? manifest = Installation.Root is null ? null : Installation.PathOf(Path.Combine("node_modules", package, "package.json"));
        if (manifest is null || !File.Exists(manifest))
        {
            return new Check(name, false, $"npm package {package} is absent", neededFor, remedy);
        }

        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(manifest));
        return new Check(name, true, json.RootElement.GetProperty("version").GetString() ?? "?", neededFor, remedy);
    }

    private static Check Shim(string name, string file, string neededFor, string remedy)
    {
        string path = Installation.Root is null ? file : Path.Combine(Installation.NativeFolder, file);
        return Loads(path, out string why) ? new Check(name, true, "loads", neededFor, null) : new Check(name, false, why, neededFor, remedy);
    }

    private static Check Library(string name, string file, string neededFor, string remedy) =>
        Loads(file, out string why) ? new Check(name, true, file, neededFor, null) : new Check(name, false, why, neededFor, remedy);

    private static bool Loads(string path, out string why)
    {
        // Not freed again: some of these libraries (libtorch) cannot be unloaded cleanly, and the process ends at once anyway.
        why = NativeLibrary.TryLoad(path, out _) ? string.Empty : $"{Path.GetFileName(path)} does not load";
        return why.Length == 0;
    }
}
