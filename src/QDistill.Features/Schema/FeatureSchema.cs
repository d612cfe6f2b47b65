using System.Security.Cryptography;
using System.Text;

namespace QDistill.Features;

/// <summary>
/// The ordered features of a robot: what each position of a feature vector means. Its canonical text is hashed into <see cref="Id"/>; a model is only used with the
/// schema that it was trained for.
/// </summary>
public sealed class FeatureSchema
{
    private readonly Dictionary<string, int> index;

    internal FeatureSchema(IReadOnlyList<string> names, IReadOnlyList<string> units, IReadOnlyList<string> sources)
    {
        Names = names;
        Units = units;
        Sources = sources;
        index = names.Select((n, i) => (n, i)).ToDictionary(p => p.n, p => p.i, StringComparer.Ordinal);
        var text = new StringBuilder("qdistill feature schema 1\n");
        for (int i = 0; i < names.Count; i++)
        {
            text.Append(names[i]).Append('\t').Append(units[i]).Append('\t').Append(sources[i]).Append('\n');
        }

        CanonicalText = text.ToString();
        Id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(CanonicalText)));
    }

    /// <summary>No features at all.</summary>
    public static FeatureSchema Empty { get; } = new([], [], []);

    /// <summary>The features' names, <c>group.name</c>, in vector order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Their SI units; <c>1</c> for dimensionless ones.</summary>
    public IReadOnlyList<string> Units { get; }

    /// <summary>The roles of the sources that each is made from, with the parameters that change its meaning, such as <c>scan(cap=5)</c>.</summary>
    public IReadOnlyList<string> Sources { get; }

    /// <summary>How many features there are.</summary>
    public int Count => Names.Count;

    /// <summary>The lower-case hexadecimal SHA-256 of <see cref="CanonicalText"/> (UTF-8).</summary>
    public string Id { get; }

    /// <summary>One heading line, then one line per feature: name, unit and sources, separated by tabs, ended by a line feed.</summary>
    public string CanonicalText { get; }

    /// <summary>The position of a feature, or −1.</summary>
    public int IndexOf(string name) => index.TryGetValue(name, out int i) ? i : -1;

    internal static FeatureSchema For(FeatureGroupsConfig groups, IReadOnlyList<SourceConfig> sources)
    {
        var builder = new SchemaBuilder();
        foreach (FeatureGroup group in FeatureGroup.Create(groups, sources))
        {
            group.Describe(builder);
        }

        return builder.Build();
    }
}

/// <summary>Collects features in order.</summary>
internal sealed class SchemaBuilder
{
    private readonly List<string> names = [], units = [], sources = [];

    public int Count => names.Count;

    public void Add(string name, string unit, string source)
    {
        names.Add(name);
        units.Add(unit);
        sources.Add(source);
    }

    public FeatureSchema Build() => new(names, units, sources);
}
