using System.Text;
using System.Text.Json;

namespace QDistill.Bags;

/// <summary>How much a finding matters.</summary>
public enum BagCheckSeverity
{
    /// <summary>Worth knowing; nothing is wrong.</summary>
    Info,

    /// <summary>The bag can be read, but something in it may mislead.</summary>
    Warning,

    /// <summary>Data is damaged, missing or unreadable.</summary>
    Error,
}

/// <summary>One thing that a check found.</summary>
/// <param name="Severity">How much it matters.</param>
/// <param name="Code">What kind it is: <c>open</c>, <c>structure</c>, <c>crc</c>, <c>index</c>, <c>statistics</c>, <c>metadata</c>, <c>order</c>, <c>type</c>, <c>decode</c>, <c>stamp</c> or <c>gap</c>.</param>
/// <param name="Where">The file or topic.</param>
/// <param name="Message">One sentence without a full stop.</param>
public sealed record BagCheckFinding(BagCheckSeverity Severity, string Code, string Where, string Message);

/// <summary>The spread of a quantity over a topic's messages [ns].</summary>
/// <param name="Min">The smallest value.</param>
/// <param name="Median">The median (of an even sample of at most 65,536 values).</param>
/// <param name="Max">The largest value.</param>
public readonly record struct Spread(long Min, long Median, long Max);

/// <summary>What a check found of one topic.</summary>
public sealed record TopicCheck
{
    /// <summary>The topic's name.</summary>
    public required string Name { get; init; }

    /// <summary>The topic's type.</summary>
    public required string Type { get; init; }

    /// <summary>How many messages were read.</summary>
    public required long MessageCount { get; init; }

    /// <summary>Whether the type's structure is known, from the bag or built in.</summary>
    public required bool IsTypeKnown { get; init; }

    /// <summary>How many messages are not valid messages of that type.</summary>
    public required long Undecodable { get; init; }

    /// <summary>The time between one message and the next by log time; null with fewer than two.</summary>
    public Spread? Period { get; init; }

    /// <summary>Log time minus header stamp; null when the type does not start with a header.</summary>
    public Spread? Lag { get; init; }
}

/// <summary>The result of checking a bag.</summary>
public sealed record BagCheckReport
{
    /// <summary>The bag as given.</summary>
    public required string Path { get; init; }

    /// <summary>What the bag holds; null when it could not be opened.</summary>
    public BagInfo? Info { get; init; }

    /// <summary>Everything found, the gravest first.</summary>
    public required IReadOnlyList<BagCheckFinding> Findings { get; init; }

    /// <summary>The topics, by name.</summary>
    public IReadOnlyList<TopicCheck> Topics { get; init; } = [];

    /// <summary>No errors. Warnings may be there.</summary>
    public bool IsSound => Findings.All(f => f.Severity != BagCheckSeverity.Error);

    /// <summary>The report as JSON: <c>{path, sound, findings:[{severity,code,where,message}], topics:[{name,type,count,type_known,undecodable,period_s,lag_s}]}</c>.</summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("path", Path);
            json.WriteBoolean("sound", IsSound);
            json.WriteStartArray("findings");
            foreach (BagCheckFinding finding in Findings)
            {
                json.WriteStartObject();
                json.WriteString("severity", finding.Severity.ToString().ToLowerInvariant());
                json.WriteString("code", finding.Code);
                json.WriteString("where", finding.Where);
                json.WriteString("message", finding.Message);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("topics");
            foreach (TopicCheck topic in Topics)
            {
                json.WriteStartObject();
                json.WriteString("name", topic.Name);
                json.WriteString("type", topic.Type);
                json.WriteNumber("count", topic.MessageCount);
                json.WriteBoolean("type_known", topic.IsTypeKnown);
                json.WriteNumber("undecodable", topic.Undecodable);
                Write(json, "period_s", topic.Period);
                Write(json, "lag_s", topic.Lag);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Write(Utf8JsonWriter json, string name, Spread? spread)
    {
        if (spread is not { } s)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        json.WriteNumber("min", s.Min * 1e-9);
        json.WriteNumber("median", s.Median * 1e-9);
        json.WriteNumber("max", s.Max * 1e-9);
        json.WriteEndObject();
    }
}
