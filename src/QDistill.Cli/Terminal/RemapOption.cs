using System.CommandLine;
using QDistill.Configuration;
using QDistill.Ros;

namespace QDistill.Cli.Terminal;

/// <summary>The <c>--remap FROM:=TO</c> option.</summary>
internal static class RemapOption
{
    private const string Separator = ":=";

    public static Option<string[]> Create() => new("--remap") { Description = "a renaming, FROM:=TO; may be given several times", HelpName = "RULE" };

    /// <summary>Splits the rules.</summary>
    /// <exception cref="UserErrorException">A rule is not of the form FROM:=TO.</exception>
    public static IReadOnlyList<(string From, string To)> Parse(string[]? rules) => [.. (rules ?? []).Select(rule =>
    {
        int at = rule.IndexOf(Separator, StringComparison.Ordinal);
        return at > 0 && at + Separator.Length < rule.Length
            ? (rule[..at], rule[(at + Separator.Length)..])
            : throw new UserErrorException($"'{rule}' is not of the form FROM:=TO", "--remap", "write for example /scan:=/front/scan");
    })];

    /// <summary>The rules for one node.</summary>
    public static RemapRules ForNode(string[]? rules) => new([.. Parse(rules).Select(r => new RemapRule(null, r.From, r.To))]);
}
