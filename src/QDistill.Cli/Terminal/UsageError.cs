using System.CommandLine;
using System.CommandLine.Parsing;
using QDistill.Configuration;

namespace QDistill.Cli.Terminal;

/// <summary>Says in one sentence what is wrong with a command line.</summary>
internal static class UsageError
{
    /// <summary>The sentence; null when the command line is well formed.</summary>
    public static string? Of(ParseResult result)
    {
        Command command = result.CommandResult.Command;
        string help = $"see '{Path(result.CommandResult)} --help'";
        return Misspelt(result, command) is { } word
            ? Sentence(word.What, word.Hint ?? help)
            : result.Errors.Count > 0 ? Sentence(Plain(result.Errors[0]), help) : null;
    }

    /// <summary>Whether the user gave a command group alone: the answer to that is its help, not a complaint.</summary>
    public static bool IsBareGroup(ParseResult result) =>
        result.CommandResult.Command.Subcommands.Count > 0 && result.UnmatchedTokens.Count == 0 && result.Errors.Count > 0;

    // The parser takes an option it does not know for one more bag, and complains of a missing command before an unknown one.
    private static (string What, string? Hint)? Misspelt(ParseResult result, Command command)
    {
        foreach (Token token in result.Tokens)
        {
            if (token.Type == TokenType.DoubleDash)
            {
                break;
            }

            if (token.Type == TokenType.Argument && token.Value.Length > 2 && token.Value.StartsWith("--", StringComparison.Ordinal))
            {
                string name = token.Value.Split('=', ':')[0];
                return ($"unknown option '{name}'", Near(name, command.Options.Select(o => o.Name)));
            }
        }

        if (result.UnmatchedTokens is not [var first, ..])
        {
            return null;
        }

        return first.StartsWith('-')
            ? ($"unknown option '{first}'", Near(first, command.Options.Select(o => o.Name)))
            : command.Subcommands.Count > 0
                ? ($"unknown command '{first}'", NearestKey.Hint(first, command.Subcommands.Select(c => c.Name)))
                : ($"'{first}' is one argument too many", null);
    }

    private static string? Near(string word, IEnumerable<string> names) => NearestKey.Find(word, names) is { } near ? $"did you mean '{near}'" : null;

    private static string Plain(ParseError error) => error.SymbolResult switch
    {
        OptionResult { Tokens: [.., var token] } o when error.Message.StartsWith("Cannot parse", StringComparison.Ordinal) =>
            $"{o.Option.Name}: '{token.Value}' is not {Kind(o.Option.ValueType)}",
        OptionResult { Tokens.Count: 0, Option.Required: true, Implicit: true } o => $"{o.Option.Name} is missing",
        CommandResult c when error.Message.StartsWith("Option '", StringComparison.Ordinal) => error.Message.Split('\'')[1] + " is missing",
        ArgumentResult a when a.Tokens.Count == 0 => $"<{a.Argument.Name}> is missing",
        CommandResult when error.Message.StartsWith("Required argument '", StringComparison.Ordinal) => $"<{error.Message.Split('\'')[1]}> is missing",
        _ => error.Message.ReplaceLineEndings(" ").Trim().TrimEnd('.'),
    };

    private static string Kind(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(double) ? "a number"
            : type == typeof(ulong) ? "a whole number of 0 or more"
            : type == typeof(int) || type == typeof(long) ? "a whole number"
            : type == typeof(bool) ? "true or false" : "a value it can take";
    }

    private static string Sentence(string what, string remedy) => $"{what}; {remedy}.";

    private static string Path(CommandResult result)
    {
        var names = new List<string>();
        for (SymbolResult? r = result; r is CommandResult c; r = c.Parent)
        {
            names.Insert(0, c.Command is RootCommand ? "qdistill" : c.Command.Name);
        }

        return string.Join(' ', names);
    }
}
