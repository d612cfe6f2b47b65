using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using QDistill.Ros;

namespace QDistill.Onboard;

/// <summary>Writes what is known of a node's parameters for its readers: a ROS parameter file with all defaults, a JSON schema of such files, a table for the documentation.</summary>
public static class ParameterText
{
    private const int CommentColumn = 44;

    /// <summary>A parameter file with every default, for a node of any name.</summary>
    public static string Yaml(string kind, IEnumerable<ParameterDescription> parameters)
    {
        var text = new StringBuilder($"# Every parameter of {kind} with its default; what is left out keeps it.\n");
        WriteSection(text, "/**", parameters);
        return text.ToString();
    }

    /// <summary>A parameter file with every default of several nodes, each under its usual name and in any namespace: what a launch of several gives to all.</summary>
    public static string LaunchYaml(string which, IEnumerable<(string Kind, IReadOnlyList<ParameterDescription> Parameters)> nodes)
    {
        var text = new StringBuilder($"# Every parameter of the {which} nodes with its default; what is left out keeps it. Each node takes the section of its name.\n");
        foreach ((string kind, IReadOnlyList<ParameterDescription> parameters) in nodes)
        {
            text.Append('\n');
            WriteSection(text, "/**/" + kind, parameters);
        }

        return text.ToString();
    }

    /// <summary>A JSON schema (draft 2020-12) of the parameter file.</summary>
    public static string Schema(string kind, IEnumerable<ParameterDescription> parameters)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
            json.WriteString("title", $"Parameters of {kind}");
            json.WriteString("type", "object");
            json.WriteStartObject("additionalProperties");
            json.WriteString("type", "object");
            json.WriteStartObject("properties");
            json.WriteStartObject("ros__parameters");
            WriteObject(json, Group(parameters), isNode: true);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteStartArray("required");
            json.WriteStringValue("ros__parameters");
            json.WriteEndArray();
            json.WriteBoolean("additionalProperties", false);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    /// <summary>A Markdown table.</summary>
    public static string Markdown(IEnumerable<ParameterDescription> parameters)
    {
        var text = new StringBuilder("| parameter | default | unit | allowed | takes effect | |\n|---|---|---|---|---|---|\n");
        foreach (ParameterDescription p in parameters)
        {
            string when = p.Timing switch { ParameterTiming.Live => "live", ParameterTiming.Configure => "at configure", _ => "at start" };
            text.Append(CultureInfo.InvariantCulture, $"| `{p.Name}` | {Value(p.Default)} | {p.Unit} | {p.Expected()} | {when} | {p.Description} |\n");
        }

        return text.ToString();
    }

    // A tree of groups, each in the order of declaration.
    private static List<(string Key, ParameterDescription? Parameter, List<ParameterDescription> Below)> Group(IEnumerable<ParameterDescription> parameters, int depth = 0)
    {
        var groups = new List<(string Key, ParameterDescription? Parameter, List<ParameterDescription> Below)>();
        foreach (ParameterDescription p in parameters)
        {
            string[] parts = p.Name.Split('.');
            bool leaf = parts.Length == depth + 1;
            int at = groups.FindIndex(g => g.Key == parts[depth]);
            if (at < 0)
            {
                at = groups.Count;
                groups.Add((parts[depth], leaf ? p : null, []));
            }

            if (!leaf)
            {
                groups[at].Below.Add(p);
            }
        }

        return groups;
    }

    private static int Depth(ParameterDescription below, string key) => Array.IndexOf(below.Name.Split('.'), key) + 1;

    private static void WriteSection(StringBuilder text, string scope, IEnumerable<ParameterDescription> parameters)
    {
        text.Append(scope).Append(":\n  ros__parameters:\n");
        WriteGroup(text, Group(parameters), 4);
    }

    private static void WriteGroup(StringBuilder text, List<(string Key, ParameterDescription? Parameter, List<ParameterDescription> Below)> groups, int indent)
    {
        foreach ((string key, ParameterDescription? p, List<ParameterDescription> below) in groups)
        {
            int start = text.Length;
            if (p is null)
            {
                text.Append(' ', indent).Append(key).Append(":\n");
                WriteGroup(text, Group(below, Depth(below[0], key)), indent + 2);
                continue;
            }

            // ROS cannot tell the type of an empty list, and refuses it.
            bool empty = p.Default.Value is Array { Length: 0 };
            text.Append(' ', indent).Append(empty ? "# " : string.Empty).Append(key).Append(": ").Append(Value(p.Default));
            int padding = Math.Max(1, CommentColumn - (text.Length - start));
            string unit = p.Unit.Length > 0 ? $" [{p.Unit}]" : string.Empty;
            text.Append(' ', padding).Append("# ").Append(p.Description).Append(unit).Append('\n');
        }
    }

    private static void WriteObject(Utf8JsonWriter json, List<(string Key, ParameterDescription? Parameter, List<ParameterDescription> Below)> groups, bool isNode = false)
    {
        json.WriteString("type", "object");
        json.WriteStartObject("properties");
        foreach ((string key, ParameterDescription? p, List<ParameterDescription> below) in groups)
        {
            json.WriteStartObject(key);
            if (p is null)
            {
                WriteObject(json, Group(below, Depth(below[0], key)));
            }
            else
            {
                WriteParameter(json, p);
            }

            json.WriteEndObject();
        }

        // Every node has these too.
        if (isNode)
        {
            WriteSwitch(json, "use_sim_time", "Whether the node's clock follows /clock.", false);
            WriteSwitch(json, "start_type_description_service", "Whether the node tells its messages' definitions, by ~/get_type_description.", true);
            json.WriteStartObject("qos_overrides");
            json.WriteString("type", "object");
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteBoolean("additionalProperties", false);
    }

    private static void WriteSwitch(Utf8JsonWriter json, string name, string description, bool otherwise)
    {
        json.WriteStartObject(name);
        json.WriteString("type", "boolean");
        json.WriteString("description", description);
        json.WriteBoolean("default", otherwise);
        json.WriteEndObject();
    }

    private static void WriteParameter(Utf8JsonWriter json, ParameterDescription p)
    {
        bool isList = p.Type is ParameterType.IntegerArray or ParameterType.StringArray;
        string type = p.Type switch
        {
            ParameterType.Bool => "boolean",
            ParameterType.Integer or ParameterType.IntegerArray => "integer",
            ParameterType.Double => "number",
            _ => "string",
        };
        json.WriteString("type", isList ? "array" : type);
        json.WriteString("description", p.Unit.Length > 0 ? $"{p.Description} [{p.Unit}]" : p.Description);
        if (isList)
        {
            json.WriteStartObject("items");
            json.WriteString("type", type);
        }

        if (p.Range is { } whole && type == "integer")
        {
            json.WriteNumber("minimum", (long)whole.From);
            json.WriteNumber("maximum", (long)whole.To);
        }
        else if (p.Range is { } range)
        {
            json.WriteNumber("minimum", range.From);
            json.WriteNumber("maximum", range.To);
        }

        if (p.Choices.Count > 0)
        {
            json.WriteStartArray("enum");
            foreach (string choice in p.Choices)
            {
                json.WriteStringValue(choice);
            }

            json.WriteEndArray();
        }

        if (isList)
        {
            json.WriteEndObject();
        }

        json.WritePropertyName("default");
        switch (p.Default.Value)
        {
            case bool b:
                json.WriteBooleanValue(b);
                break;
            case long i:
                json.WriteNumberValue(i);
                break;
            case double d:
                json.WriteRawValue(Number(d));
                break;
            case string s:
                json.WriteStringValue(s);
                break;
            default:
                json.WriteStartArray();
                json.WriteEndArray();
                break;
        }
    }

    private static string Value(ParameterValue value) => value.Value switch
    {
        bool b => b ? "true" : "false",
        double d => Number(d),
        string s => s.Length == 0 ? "''" : s,
        Array => "[]",
        _ => value.ToString(),
    };

    // A double must look like one, or ROS takes it for an integer.
    private static string Number(double d)
    {
        string text = d.ToString("R", CultureInfo.InvariantCulture);
        return text.All(c => char.IsAsciiDigit(c) || c == '-') ? text + ".0" : text;
    }
}
