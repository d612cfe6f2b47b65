using QDistill.Configuration;

namespace QDistill.Ros;

/// <summary>A rule breaks rcl's grammar.</summary>
/// <param name="reason">Why.</param>
/// <param name="remedy">What to do.</param>
/// <param name="line">The line of a file; 0 when not known.</param>
internal sealed class RuleSyntaxException(string reason, string? remedy = null, long line = 0) : Exception(reason)
{
    public string? Remedy { get; } = remedy;

    public long Line { get; } = line;
}

/// <summary>The grammar of rcl's rules for renamings, parameters and log levels.</summary>
internal static class RuleParser
{
    private const string RemapForm = "write from:=to, such as scan:=/front/scan or node:scan:=/front/scan";
    private const string ParameterForm = "write name:=value, such as rate:=20.0 or node:rate:=20.0";

    private static readonly string[] Levels = ["unset", "debug", "info", "warn", "error", "fatal"];

    /// <summary><c>[node:](__node|__ns|[rostopic://|rosservice://]name):=replacement</c>.</summary>
    /// <exception cref="RuleSyntaxException">It is not.</exception>
    public static RemapRule Remap(string text)
    {
        var words = new RuleLexer(text);
        string? node = Prefix(words);
        switch (words.Kind)
        {
            case Lexeme.Node:
                words.Next();
                Expect(words, Lexeme.Separator, "':='", RemapForm);
                string name = words.Kind == Lexeme.Token ? words.Next() : throw Unexpected(words, "a node's name", "use letters, digits and single underscores");
                Expect(words, Lexeme.End, "the end of the node's name", "a node's name has no '/'; use __ns for its namespace");
                return new RemapRule(node, "__node", name);
            case Lexeme.Namespace:
                words.Next();
                Expect(words, Lexeme.Separator, "':='", RemapForm);
                return new RemapRule(node, "__ns", NamespaceName(words));
            default:
                RemapTarget target = words.Kind switch
                {
                    Lexeme.TopicUrl => RemapTarget.Topic,
                    Lexeme.ServiceUrl => RemapTarget.Service,
                    _ => RemapTarget.TopicAndService,
                };
                if (target != RemapTarget.TopicAndService)
                {
                    words.Next();
                }

                string from = ResourceName(words, Lexeme.Separator);
                words.Next();
                return new RemapRule(node, from, ResourceName(words, Lexeme.End), target);
        }
    }

    /// <summary><c>[node:]name:=yaml</c>.</summary>
    /// <exception cref="RuleSyntaxException">It is not.</exception>
    public static (string? Node, string Name, string Yaml) Parameter(string text)
    {
        var words = new RuleLexer(text);
        string? node = Prefix(words);
        int start = words.Position;
        ParameterToken(words);
        while (words.Kind != Lexeme.Separator)
        {
            Expect(words, Lexeme.Dot, "':='", ParameterForm);
            ParameterToken(words);
        }

        string name = words.Since(start);
        words.Next();
        return words.Kind != Lexeme.End ? (node, name, words.Rest) : throw new RuleSyntaxException("there is no value after ':='", "for an empty text write name:=\"''\"");
    }

    /// <summary><c>[logger:=]level</c>.</summary>
    /// <exception cref="RuleSyntaxException">It is not.</exception>
    public static (string? Logger, LogSeverity Level) LogLevel(string text)
    {
        int at = text.IndexOf(":=", StringComparison.Ordinal);
        if (at == 0)
        {
            throw new RuleSyntaxException("the logger's name before ':=' is empty", "write logger:=level");
        }

        string word = at < 0 ? text : text[(at + 2)..];
        int level = Array.FindIndex(Levels, l => l.Equals(word, StringComparison.OrdinalIgnoreCase));
        return level >= 0
            ? (at < 0 ? null : text[..at], (LogSeverity)(level * 10))
            : throw new RuleSyntaxException(word.Length == 0 ? "there is no level after ':='" : $"'{word}' is not a severity level", NearestKey.Hint(word, Levels));
    }

    private static string? Prefix(RuleLexer words)
    {
        if (words.Kind != Lexeme.Token || words.Following != Lexeme.Colon)
        {
            return null;
        }

        string node = words.Next();
        words.Next();
        return node;
    }

    private static string NamespaceName(RuleLexer words)
    {
        int start = words.Position;
        Expect(words, Lexeme.Slash, "a namespace beginning with '/'", "write __ns:=/name");
        while (words.Kind != Lexeme.End)
        {
            Expect(words, Lexeme.Token, "a name", "use letters, digits and single underscores between '/'");
            if (words.Kind != Lexeme.End)
            {
                Expect(words, Lexeme.Slash, "'/'", "use letters, digits and single underscores between '/'");
                if (words.Kind == Lexeme.End)
                {
                    throw new RuleSyntaxException("a namespace must not end with '/'", "leave the last '/' out");
                }
            }
        }

        return words.Since(start);
    }

    /// <summary>A topic's or service's name up to the given word.</summary>
    private static string ResourceName(RuleLexer words, Lexeme end)
    {
        int start = words.Position;
        if (words.Kind is Lexeme.TildeSlash or Lexeme.Slash)
        {
            words.Next();
        }

        ResourceToken(words);
        while (words.Kind != end)
        {
            Expect(words, Lexeme.Slash, end == Lexeme.End ? "the end of the name" : "':='", RemapForm);
            ResourceToken(words);
        }

        return words.Since(start);
    }

    private static void ResourceToken(RuleLexer words)
    {
        RefuseWildcard(words);
        Expect(words, Lexeme.Token, "a name", RemapForm);
    }

    private static void ParameterToken(RuleLexer words)
    {
        RefuseWildcard(words);
        if (words.Kind is not (Lexeme.Token or Lexeme.Slash))
        {
            throw Unexpected(words, "a parameter's name", ParameterForm);
        }

        while (words.Kind is Lexeme.Token or Lexeme.Slash)
        {
            words.Next();
        }
    }

    private static void RefuseWildcard(RuleLexer words)
    {
        if (words.Kind == Lexeme.Wildcard)
        {
            throw new RuleSyntaxException($"Wildcard '{words.Word}' is not implemented", "write each name out; wildcards work for the nodes in a --params-file");
        }
    }

    private static void Expect(RuleLexer words, Lexeme kind, string what, string remedy)
    {
        if (words.Kind != kind)
        {
            throw Unexpected(words, what, remedy);
        }

        words.Next();
    }

    private static RuleSyntaxException Unexpected(RuleLexer words, string what, string remedy) =>
        new(words.Kind == Lexeme.End ? $"expected {what} at the end" : $"expected {what} instead of '{words.Rest}'", remedy);
}
