namespace QDistill.Configuration;

/// <summary>
/// Where QDistill's own files are: the repository when run from a build tree, or <c>share/qdistill</c> of an installation.
/// </summary>
public static class Installation
{
    private static readonly Lazy<string?> LazyRoot = new(FindRoot);

    /// <summary>The root folder, or null when neither <c>QDISTILL_HOME</c> nor a parent of the program holds one.</summary>
    public static string? Root => LazyRoot.Value;

    /// <summary>The full path of a file or folder below the root, whether it exists or not.</summary>
    /// <exception cref="UserErrorException">No root was found.</exception>
    public static string PathOf(string relative) => Path.Combine(
        Root ?? throw new UserErrorException("QDistill's own files were not found", null, "set QDISTILL_HOME to the folder that holds robots/, models/ and package.json"),
        relative);

    /// <summary>A path as given where that exists, else below the root where it exists there.</summary>
    public static string Find(string path) =>
        Path.IsPathRooted(path) || Path.Exists(path) || Root is null || !Path.Exists(PathOf(path)) ? path : PathOf(path);

    /// <summary>The folder of native shims built by CMake.</summary>
    public static string NativeFolder => PathOf(Path.Combine("artifacts", "native"));

    private static string? FindRoot()
    {
        if (Environment.GetEnvironmentVariable("QDISTILL_HOME") is { Length: > 0 } home)
        {
            return Path.GetFullPath(home);
        }

        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            if (File.Exists(Path.Combine(d.FullName, "package.json")) && Directory.Exists(Path.Combine(d.FullName, "robots")))
            {
                return d.FullName;
            }
        }

        return null;
    }
}
