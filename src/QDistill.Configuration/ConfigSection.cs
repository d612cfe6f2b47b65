using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace QDistill.Configuration;

/// <summary>
/// One YAML mapping, read by asking for its keys. Every key asked for is thereby known; <see cref="RejectUnknownKeys"/> then refuses all others,
/// naming file, line and the nearest known key. The reading code is so the schema: there is no second place to keep in step.
/// </summary>
public sealed class ConfigSection
{
    private readonly YamlMappingNode node;
    private readonly SortedSet<string> known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ConfigSection> children = new(StringComparer.Ordinal);

    internal ConfigSection(string file, string path, YamlMappingNode node)
    {
        File = file;
        Path = path;
        this.node = node;
    }

    /// <summary>The file's name, as given to the loader.</summary>
    public string File { get; }

    /// <summary>The dotted path of this section inside the file; empty at the top.</summary>
    public string Path { get; }

    /// <summary>The line on which this section starts.</summary>
    public int Line => (int)node.Start.Line;

    /// <summary>The section's keys in file order.</summary>
    public IEnumerable<string> Keys => node.Children.Keys.Select(k => ((YamlScalarNode)k).Value ?? string.Empty);

    /// <summary>Whether the key is present and not null.</summary>
    public bool Has(string key) => Find(key) is { } n && !IsNull(n);

    /// <summary>Whether the key holds a list: for files whose older versions hold a text there.</summary>
    public bool IsList(string key) => Find(key) is YamlSequenceNode;

    /// <summary>A required text.</summary>
    public string String(string key) => Scalar(key) ?? throw Missing(key, "text");

    /// <summary>An optional text.</summary>
    public string? OptionalString(string key) => Scalar(key);

    /// <summary>A text with a default.</summary>
    public string String(string key, string otherwise) => Scalar(key) ?? otherwise;

    /// <summary>One of a fixed set of words; the error names the nearest.</summary>
    public string Choice(string key, IReadOnlyCollection<string> allowed, string? otherwise = null)
    {
        string? value = Scalar(key) ?? otherwise;
        if (value is null)
        {
            throw Missing(key, $"one of {string.Join(", ", allowed)}");
        }

        return allowed.Contains(value) ? value : throw Error(key, $"'{value}' is not one of {string.Join(", ", allowed)}", NearestKey.Hint(value, allowed));
    }

    /// <summary>A number within [<paramref name="min"/>, <paramref name="max"/>]; required when <paramref name="otherwise"/> is null.</summary>
    public double Double(string key, double? otherwise = null, double min = double.NegativeInfinity, double max = double.PositiveInfinity)
    {
        string? text = Scalar(key);
        if (text is null)
        {
            return otherwise ?? throw Missing(key, "a number");
        }

        if (!TryDouble(text, out double value) || double.IsNaN(value))
        {
            throw Error(key, $"'{text}' is not a number");
        }

        return value >= min && value <= max ? value : throw Error(key, $"{text} is outside {Range(min, max)}");
    }

    /// <summary>An optional number within [<paramref name="min"/>, <paramref name="max"/>].</summary>
    public double? OptionalDouble(string key, double min = double.NegativeInfinity, double max = double.PositiveInfinity) =>
        Has(key) ? Double(key, null, min, max) : Known(key);

    /// <summary>A whole number within [<paramref name="min"/>, <paramref name="max"/>]; required when <paramref name="otherwise"/> is null.</summary>
    public long Int(string key, long? otherwise = null, long min = long.MinValue, long max = long.MaxValue)
    {
        string? text = Scalar(key);
        if (text is null)
        {
            return otherwise ?? throw Missing(key, "a whole number");
        }

        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value))
        {
            throw Error(key, $"'{text}' is not a whole number");
        }

        return value >= min && value <= max ? value : throw Error(key, $"{text} is outside [{min}, {max}]");
    }

    /// <summary>true or false; required when <paramref name="otherwise"/> is null.</summary>
    public bool Bool(string key, bool? otherwise = null) => Scalar(key) switch
    {
        null => otherwise ?? throw Missing(key, "true or false"),
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        var other => throw Error(key, $"'{other}' is not true or false"),
    };

    /// <summary>A required subsection.</summary>
    public ConfigSection Section(string key) => OptionalSection(key) ?? throw Missing(key, "a mapping");

    /// <summary>An optional subsection.</summary>
    public ConfigSection? OptionalSection(string key) => Find(key) switch
    {
        null => null,
        var n when IsNull(n) => null,
        YamlMappingNode m => Child(m, Sub(key)),
        _ => throw Error(key, "is not a mapping"),
    };

    /// <summary>A list of mappings; empty when absent.</summary>
    public IReadOnlyList<ConfigSection> Sections(string key)
    {
        YamlSequenceNode? list = List(key);
        if (list is null)
        {
            return [];
        }

        var result = new List<ConfigSection>(list.Children.Count);
        for (int i = 0; i < list.Children.Count; i++)
        {
            result.Add(list.Children[i] is YamlMappingNode m
                ? Child(m, $"{Sub(key)}[{i}]")
                : throw new UserErrorException($"{Sub(key)}[{i}] is not a mapping", Place(list.Children[i])));
        }

        return result;
    }

    /// <summary>A list of texts; empty when absent.</summary>
    public IReadOnlyList<string> Strings(string key)
    {
        YamlSequenceNode? list = List(key);
        return list is null ? [] : [.. list.Children.Select((n, i) => n is YamlScalarNode { Value: { } v }
            ? v
            : throw new UserErrorException($"{Sub(key)}[{i}] is not a text", Place(n)))];
    }

    /// <summary>A list of numbers; empty when absent.</summary>
    public IReadOnlyList<double> Doubles(string key)
    {
        YamlSequenceNode? list = List(key);
        return list is null ? [] : [.. list.Children.Select((n, i) => n is YamlScalarNode { Value: { } v } && TryDouble(v, out double d)
            ? d
            : throw new UserErrorException($"{Sub(key)}[{i}] is not a number", Place(n)))];
    }

    /// <summary>Every subsection of a mapping whose keys are free names, in file order.</summary>
    public IEnumerable<(string Name, ConfigSection Section)> NamedSections()
    {
        foreach (string key in Keys.ToArray())
        {
            yield return (key, Section(key));
        }
    }

    /// <summary>Refuses every key, here and in all subsections read, that no one asked for.</summary>
    /// <exception cref="UserErrorException">Names the first unknown key, its line and the nearest known key.</exception>
    public void RejectUnknownKeys()
    {
        foreach ((YamlNode keyNode, _) in node.Children)
        {
            string key = ((YamlScalarNode)keyNode).Value ?? string.Empty;
            if (!known.Contains(key))
            {
                throw new UserErrorException($"unknown key '{Sub(key)}'", Place(keyNode), NearestKey.Hint(key, known));
            }
        }

        foreach (ConfigSection child in children.Values)
        {
            child.RejectUnknownKeys();
        }
    }

    /// <summary>An error about one key of this section, to throw.</summary>
    public UserErrorException Error(string key, string what, string? remedy = null) =>
        new($"{Sub(key)}: {what}", Find(key) is { } n ? Place(n) : $"{File}:{Line}", remedy);

    private double? Known(string key)
    {
        known.Add(key);
        return null;
    }

    private UserErrorException Missing(string key, string kind) => new($"'{Sub(key)}' is missing ({kind})", $"{File}:{Line}", "add it");

    private ConfigSection Child(YamlMappingNode m, string path)
    {
        // One object per subsection, however often it is asked for: it remembers which keys are known.
        if (!children.TryGetValue(path, out ConfigSection? child))
        {
            children[path] = child = new ConfigSection(File, path, m);
        }

        return child;
    }

    private string? Scalar(string key) => Find(key) switch
    {
        null => null,
        var n when IsNull(n) => null,
        YamlScalarNode s => s.Value,
        _ => throw Error(key, "is not a single value"),
    };

    private YamlSequenceNode? List(string key) => Find(key) switch
    {
        null => null,
        var n when IsNull(n) => null,
        YamlSequenceNode s => s,
        _ => throw Error(key, "is not a list"),
    };

    private YamlNode? Find(string key)
    {
        known.Add(key);
        return node.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? value) ? value : null;
    }

    private string Sub(string key) => Path.Length == 0 ? key : $"{Path}.{key}";

    private string Place(YamlNode n) => $"{File}:{n.Start.Line}";

    private static bool IsNull(YamlNode n) =>
        n is YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain or YamlDotNet.Core.ScalarStyle.Any, Value: null or "" or "~" or "null" };

    private static bool TryDouble(string text, out double value) => text switch
    {
        ".inf" or "+.inf" => (value = double.PositiveInfinity) > 0,
        "-.inf" => (value = double.NegativeInfinity) < 0,
        ".nan" => double.IsNaN(value = double.NaN),
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value),
    };

    private static string Range(double min, double max) =>
        string.Create(CultureInfo.InvariantCulture, $"[{min:R}, {max:R}]").Replace("∞", "inf", StringComparison.Ordinal);
}
