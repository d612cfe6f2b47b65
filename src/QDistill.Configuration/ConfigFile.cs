using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace QDistill.Configuration;

/// <summary>Reads YAML files into <see cref="ConfigSection"/>s. The one YAML loader of the project: every error names file and line.</summary>
public static class ConfigFile
{
    /// <summary>Loads the file's single document, whose top must be a mapping.</summary>
    /// <exception cref="UserErrorException">The file is absent, unreadable, not YAML, empty, or not a mapping.</exception>
    public static ConfigSection Load(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"cannot be read ({e.Message})", path, "check the path and its permissions", e);
        }

        return Parse(text, path);
    }

    /// <summary>Parses YAML text; <paramref name="name"/> stands for the file in error messages.</summary>
    /// <exception cref="UserErrorException">The text is not YAML, is empty, or its top is not a mapping.</exception>
    public static ConfigSection Parse(string text, string name)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            throw new UserErrorException($"is not valid YAML: {Plain(e)}", $"{name}:{e.Start.Line}", null, e);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // YamlDotNet's scanner lets go of some texts with exceptions of its inner state.
            throw new UserErrorException("is not valid YAML: a value or key is not understood", name, "close every quote and bracket", e);
        }

        if (stream.Documents.Count == 0)
        {
            throw new UserErrorException("is empty, but a YAML mapping is needed", name);
        }

        if (stream.Documents[0].RootNode is not YamlMappingNode root)
        {
            throw new UserErrorException("does not hold a YAML mapping (key: value) at its top", name);
        }

        return new ConfigSection(name, string.Empty, root);
    }

    private static string Plain(YamlException e) => (e.InnerException?.Message ?? e.Message).TrimEnd('.').ReplaceLineEndings(" ");
}
