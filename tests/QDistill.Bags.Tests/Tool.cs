using System.Diagnostics;
using System.Text.Json;

namespace QDistill.Bags.Tests;

/// <summary>Programs that we did not write, as oracles.</summary>
internal static class Tool
{
    /// <summary>Runs a program to its end and returns its standard output.</summary>
    public static string Run(string program, params string[] arguments) => Run(program, null, arguments);

    public static string Run(string program, string? input, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = input is not null,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (input is not null)
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }

        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {error.Result}");
        return output;
    }

    /// <summary>What the reference implementation @mcap/core reads from a file, line by line.</summary>
    public static List<JsonElement> ReadWithMcapCore(string path, bool stream = false) => ReadWithMcapCore([path], stream)[path];

    /// <summary>The same of several files, by path, in one run.</summary>
    public static Dictionary<string, List<JsonElement>> ReadWithMcapCore(IEnumerable<string> paths, bool stream = false)
    {
        string script = Path.Combine(SharedData.Repository, "tests", "QDistill.Bags.Tests", "reference", "read_mcap.mjs");
        var files = new Dictionary<string, List<JsonElement>>();
        List<JsonElement> current = [];
        foreach (string line in Run("node", [script, stream ? "stream" : "indexed", .. paths]).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            JsonElement element = JsonDocument.Parse(line).RootElement;
            if (element.Kind() == "file")
            {
                files[element.Text("path")] = current = [];
            }
            else
            {
                current.Add(element);
            }
        }

        return files;
    }

    public static string Kind(this JsonElement e) => e.GetProperty("kind").GetString()!;

    public static string Text(this JsonElement e, string name) => e.GetProperty(name).ToString();
}
