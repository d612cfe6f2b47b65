using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

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
    public static Option<ulong> Seed(ulong otherwise = 1) => new("--seed") { Description = "seed of everything random", DefaultValueFactory = _ => otherwise, HelpName = "N" };

    /// <summary>An option with a default.</summary>
    public static Option<T> Value<T>(string name, string description, T otherwise, string? help = null) =>
        new(name) { Description = description, DefaultValueFactory = _ => otherwise, HelpName = help };

    /// <summary>An option that may be left out.</summary>
    public static Option<T?> Optional<T>(string name, string description, string? help = null) => new(name) { Description = description, HelpName = help };

    /// <summary>An option that must be given.</summary>
    public static Option<T> Required<T>(string name, string description, string? help = null) =>
        new(name) { Description = description, Required = true, HelpName = help };

    /// <summary>Refuses numbers outside [<paramref name="least"/>, <paramref name="most"/>], NaN among them.</summary>
    public static Option<T> Within<T>(this Option<T> option, T least, T most)
        where T : struct, INumber<T>
    {
        option.Validators.Add(r => Check(r, option.Name, least, most));
        return option;
    }

    /// <summary>Refuses numbers outside [<paramref name="least"/>, <paramref name="most"/>].</summary>
    public static Option<T?> Within<T>(this Option<T?> option, T least, T most)
        where T : struct, INumber<T>
    {
        option.Validators.Add(r => Check(r, option.Name, least, most));
        return option;
    }

    private static void Check<T>(OptionResult result, string name, T least, T most)
        where T : struct, INumber<T>
    {
        if (result.Tokens is [.., var token] && T.TryParse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out T value) && !(value >= least && value <= most))
        {
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name}: {token.Value} is outside [{least}, {most}]"));
        }
    }
}
