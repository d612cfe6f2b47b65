using QDistill.Configuration;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace QDistill.Ros;

/// <summary>
/// Reads ROS's parameter files: node names (also nested, also with wildcards), <c>ros__parameters</c>, parameters (nested groups become dotted names). Values have the
/// types that rcl gives them. Every error names file and line.
/// </summary>
internal sealed class ParameterFile
{
    private const string Key = "ros__parameters";
    private const int MaxDepth = 64;

    private readonly string file;
    private readonly IParser parser;
    private readonly ParameterOverrides target;

    private ParameterFile(string file, TextReader text, ParameterOverrides target)
    {
        this.file = file;
        this.target = target;
        parser = new Parser(text);
    }

    /// <summary>Adds a file's values.</summary>
    /// <exception cref="UserErrorException">The file is absent or not a parameter file.</exception>
    public static void Read(string file, ParameterOverrides target)
    {
        string text;
        try
        {
            text = File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UserErrorException($"the parameter file cannot be read ({e.Message.TrimEnd('.')})", file, "check the path given with --params-file and its permissions", e);
        }

        new ParameterFile(file, new StringReader(text), target).Documents();
    }

    /// <summary>The value in an argument <c>-p name:=value</c>; not set for an empty list and for a text that is a comment only.</summary>
    /// <exception cref="RuleSyntaxException">It is not one value.</exception>
    public static ParameterValue ReadValue(string yaml)
    {
        var parser = new Parser(new StringReader(yaml));
        try
        {
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _))
            {
                return ParameterValue.NotSet;
            }

            ParameterValue value = ReadValue(parser, "the value");
            parser.Consume<DocumentEnd>();
            return value;
        }
        catch (Exception e) when (IsYamlError(e))
        {
            throw new RuleSyntaxException($"the value is not YAML ({Plain(e)})", "put quotes around it for a text");
        }
    }

    private static ParameterValue ReadValue(IParser parser, string what)
    {
        if (parser.TryConsume<Scalar>(out Scalar? scalar))
        {
            return YamlScalar.Parse(scalar) ?? throw new RuleSyntaxException($"{what} has no value", "give it one, or '' for an empty text");
        }

        if (parser.Accept<AnchorAlias>(out _))
        {
            throw new RuleSyntaxException($"{what} is an alias (*), which parameter files do not support", "write the value out");
        }

        if (!parser.TryConsume<SequenceStart>(out _))
        {
            throw new RuleSyntaxException($"{what} is a mapping", "give one value or a list; parameters of a group are named group.name");
        }

        var items = new List<ParameterValue>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            if (!parser.TryConsume<Scalar>(out Scalar? item))
            {
                throw new RuleSyntaxException($"{what} is a list that holds other lists or mappings", "a parameter is one value or a list of values");
            }

            ParameterValue value = YamlScalar.Parse(item) ?? throw new RuleSyntaxException($"{what} is a list with an empty place", "give each place a value, or '' for an empty text", item.Start.Line);
            if (items.Count > 0 && items[0].Type != value.Type)
            {
                throw new RuleSyntaxException(
                    $"{what} is a list that mixes types: '{item.Value}' is of type {ParameterValue.NameOf(value.Type)}, '{items[0]}' of type {ParameterValue.NameOf(items[0].Type)}",
                    "write all values alike, for example doubles with a decimal point",
                    item.Start.Line);
            }

            items.Add(value);
        }

        return items.Count == 0 ? ParameterValue.NotSet : items[0].Value switch
        {
            bool => Array<bool>(items),
            long => Array<long>(items),
            double => Array<double>(items),
            _ => Array<string>(items),
        };

        static T[] Array<T>(List<ParameterValue> items) => [.. items.Select(i => (T)i.Value!)];
    }

    // YamlDotNet's scanner lets go of some texts with exceptions of its inner state.
    private static bool IsYamlError(Exception e) => e is YamlException or InvalidOperationException or ArgumentException or IndexOutOfRangeException;

    private static string Plain(Exception e) => e is YamlException ? (e.InnerException?.Message ?? e.Message).TrimEnd('.').ReplaceLineEndings(" ") : "a value or key there is not understood";

    private void Documents()
    {
        try
        {
            parser.Consume<StreamStart>();
            while (!parser.TryConsume<StreamEnd>(out _))
            {
                parser.Consume<DocumentStart>();
                if (!parser.TryConsume<MappingStart>(out _))
                {
                    throw Error(parser.Current!, "the file does not hold a mapping at its top", $"begin with a node's name, beneath it {Key}:, beneath that the parameters");
                }

                Nodes(string.Empty);
                parser.Consume<DocumentEnd>();
            }
        }
        catch (Exception e) when (IsYamlError(e))
        {
            long line = (e as YamlException)?.Start.Line ?? parser.Current?.End.Line ?? 1;
            throw new UserErrorException($"the parameter file is not valid YAML: {Plain(e)}", $"{file}:{line}", "indent by spaces, and close every quote and bracket", e);
        }
    }

    /// <summary>Node names and namespaces, up to the end of their mapping.</summary>
    private void Nodes(string path, int depth = 0)
    {
        CheckDepth(depth);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            Scalar key = Name("a node's name");
            bool parameters = key.Value == Key;
            if (parameters && path.Length == 0)
            {
                throw Error(key, $"there is no node's name above {Key}", "write one, or /**: for all nodes");
            }

            if (parameters)
            {
                CheckScope(path, key);
            }

            if (!parser.TryConsume<MappingStart>(out _))
            {
                throw parameters ? Error(key, $"{Key} holds no parameters", "write them beneath it as name: value, or {} for none")
                    : Error(key, $"'{key.Value}' has a value, but only parameters beneath {Key} have values", NearestKey.Find(key.Value, [Key]) is { } near ? $"did you mean '{near}'" : $"put {Key}: above it");
            }

            if (parameters)
            {
                Parameters(path, string.Empty);
            }
            else
            {
                Nodes(path.Length == 0 || path.EndsWith('/') ? path + key.Value : $"{path}/{key.Value}", depth + 1);
            }
        }
    }

    private void Parameters(string scope, string prefix, int depth = 0)
    {
        CheckDepth(depth);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            Scalar key = Name("a parameter's name");
            string name = prefix + key.Value;
            if (parser.TryConsume<MappingStart>(out _))
            {
                if (parser.Accept<MappingEnd>(out _))
                {
                    throw Error(key, $"'{name}' is an empty group", "leave it out");
                }

                Parameters(scope, name + ".", depth + 1);
                continue;
            }

            try
            {
                target.Set(scope, name, ReadValue(parser, $"'{name}'"), new ParameterOrigin(file, (int)key.Start.Line));
            }
            catch (RuleSyntaxException e)
            {
                throw new UserErrorException(e.Message, $"{file}:{Math.Max(e.Line, key.Start.Line)}", e.Remedy);
            }
        }
    }

    private Scalar Name(string what)
    {
        if (!parser.TryConsume<Scalar>(out Scalar? key))
        {
            throw Error(parser.Current!, $"{what} is needed here, not a list or a mapping", null);
        }

        return key.Value.Length > 0 ? key : throw Error(key, $"{what} is empty", null);
    }

    private void CheckDepth(int depth)
    {
        if (depth > MaxDepth)
        {
            throw Error(parser.Current!, $"groups lie more than {MaxDepth} deep in each other", "flatten them: a group may also be written as group.name");
        }
    }

    private void CheckScope(string path, ParsingEvent at)
    {
        foreach (string part in path.TrimStart('/').Split('/'))
        {
            string? problem = part is "*" or "**" ? null
                : part.Length == 0 ? "it has an empty part between or after '/'"
                : part.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '_') ? "a part holds more than letters, digits and underscores (wildcards * and ** stand alone between '/')"
                : char.IsAsciiDigit(part[0]) ? "a part begins with a digit"
                : null;
            if (problem is not null)
            {
                throw Error(at, $"'{path}' is not a node's name: {problem}", "write for example /agv/risk_inference or /**");
            }
        }
    }

    private UserErrorException Error(ParsingEvent at, string what, string? remedy) => new(what, $"{file}:{at.Start.Line}", remedy);
}
