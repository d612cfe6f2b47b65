using System.CommandLine;

namespace QDistill.Cli.Terminal;

/// <summary>Builds commands in one manner: a sentence, then examples, in <c>--help</c>.</summary>
internal static class VerbOptions
{
    /// <summary>A command whose help ends in examples.</summary>
    public static Command Verb(string name, string description, params string[] examples)
    {
        var command = new Command(name, description);
        HelpWithExamples.Register(command, examples);
        return command;
    }

    /// <summary>The <c>--json</c> switch.</summary>
    public static Option<bool> JsonSwitch() => new("--json") { Description = "print one JSON document instead of tables" };

    /// <summary>The <c>--seed</c> option.</summary>
    public static Option<long> Seed(long otherwise = 1) => new("--seed") { Description = "seed of everything random", DefaultValueFactory = _ => otherwise, HelpName = "N" };

    /// <summary>An option with a default.</summary>
    public static Option<T> Value<T>(string name, string description, T otherwise, string? help = null) =>
        new(name) { Description = description, DefaultValueFactory = _ => otherwise, HelpName = help };

    /// <summary>An option that may be left out.</summary>
    public static Option<T?> Optional<T>(string name, string description, string? help = null) => new(name) { Description = description, HelpName = help };

    /// <summary>An option that must be given.</summary>
    public static Option<T> Required<T>(string name, string description, string? help = null) =>
        new(name) { Description = description, Required = true, HelpName = help };
}
