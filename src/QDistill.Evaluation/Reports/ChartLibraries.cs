using QDistill.Configuration;

namespace QDistill.Evaluation.Reports;

/// <summary>The chart libraries that every page carries within itself: Vega, Vega-Lite and Vega-Embed, from the installed npm packages.</summary>
internal static class ChartLibraries
{
    private static readonly (string Package, string File)[] Parts =
    [
        ("vega", "vega.min.js"),
        ("vega-lite", "vega-lite.min.js"),
        ("vega-embed", "vega-embed.min.js"),
    ];

    private static readonly Lazy<IReadOnlyList<(string Name, string Script, string Licence)>> Loaded = new(Load, LazyThreadSafetyMode.PublicationOnly);

    /// <summary>Each library's name, script (safe inside a script element) and licence text, which its redistribution requires.</summary>
    /// <exception cref="UserErrorException">A package is not installed.</exception>
    public static IReadOnlyList<(string Name, string Script, string Licence)> All => Loaded.Value;

    private static (string, string, string)[] Load() =>
    [
        .. Parts.Select(p => (
            p.Package,
            Contained(Read(p.Package, Path.Combine("build", p.File))),
            Contained(Read(p.Package, "LICENSE")))),
    ];

    private static string Read(string package, string relative)
    {
        string path = Installation.PathOf(Path.Combine("node_modules", package, relative));
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException("the report needs this chart library, which cannot be read", path, "run 'npm ci --ignore-scripts' (or make setup)", e);
        }
    }

    // Inside a script element only these two sequences can end it or change how it is read.
    private static string Contained(string script) => script
        .Replace("</script", "<\\/script", StringComparison.OrdinalIgnoreCase)
        .Replace("<!--", "<\\!--", StringComparison.Ordinal);
}
