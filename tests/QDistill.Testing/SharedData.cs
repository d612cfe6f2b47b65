using Xunit;

namespace QDistill.Testing;

/// <summary>Data that the project may read but not ship: <c>QDISTILL_DATA</c>, or <c>../shared/data</c> beside the checkout.</summary>
public static class SharedData
{
    public static string? Root { get; } = Find();

    /// <summary>The repository's root (the folder of QDistill.slnx).</summary>
    public static string Repository { get; } = FindRepository();

    public static bool Has(string relative) => Root is not null && Path.Exists(Path.Combine(Root, relative));

    public static string PathOf(string relative) => Path.Combine(
        Root ?? throw new InvalidOperationException("shared data is absent; mark the test with [DataFact] or [DataTheory]"), relative);

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("QDISTILL_DATA") is { Length: > 0 } set)
        {
            return Directory.Exists(set) ? Path.GetFullPath(set) : null;
        }

        string beside = Path.GetFullPath(Path.Combine(FindRepository(), "..", "shared", "data"));
        return Directory.Exists(beside) ? beside : null;
    }

    private static string FindRepository()
    {
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            if (File.Exists(Path.Combine(d.FullName, "QDistill.slnx")))
            {
                return d.FullName;
            }
        }

        throw new InvalidOperationException("the tests must run from a build tree of the repository");
    }
}

/// <summary>A fact that needs shared data; skipped with the reason when it is absent.</summary>
public sealed class DataFactAttribute : FactAttribute
{
    public DataFactAttribute(params string[] needed) => Skip = DataRequirement.Missing(needed);
}

/// <summary>A theory that needs shared data; skipped with the reason when it is absent.</summary>
public sealed class DataTheoryAttribute : TheoryAttribute
{
    public DataTheoryAttribute(params string[] needed) => Skip = DataRequirement.Missing(needed);
}

internal static class DataRequirement
{
    public static string? Missing(string[] needed)
    {
        if (SharedData.Root is null)
        {
            return "shared data is absent: set QDISTILL_DATA";
        }

        string? missing = needed.FirstOrDefault(n => !SharedData.Has(n));
        return missing is null ? null : $"shared data lacks {missing}";
    }
}
