using System.Text.RegularExpressions;

namespace QDistill.Cli.Tests;

public class UsageTests
{
    private static readonly string[] Verbs =
        ["demo", "simulate", "bag info", "bag check", "features", "circuit", "plateau", "spins states", "spins compress", "azure targets", "teach", "label", "distill", "replay", "study run", "study status", "study merge", "study manifest", "study report", "report", "play", "node", "launch", "sign", "doctor"];

    public static TheoryData<string> EveryVerb => [.. Verbs];

    [Theory]
    [InlineData("unknown command 'lable'; did you mean 'label'.", "lable", "x")]
    [InlineData("unknown command 'inof'; did you mean 'info'.", "bag", "inof", "x")]
    [InlineData("unknown option '--sed'; did you mean '--seed'.", "label", "x", "--sed", "3", "--output", "y")]
    [InlineData("unknown option '--sed'; did you mean '--seed'.", "label", "x", "--sed=3", "--output", "y")]
    [InlineData("--output is missing; see 'qdistill label --help'.", "label", "x")]
    [InlineData("<bag> is missing; see 'qdistill bag info --help'.", "bag", "info")]
    [InlineData("'y' is one argument too many; see 'qdistill bag info --help'.", "bag", "info", "x", "y")]
    [InlineData("--seconds: 'abc' is not a number; see 'qdistill simulate --help'.", "simulate", "--output", "y", "--seconds", "abc")]
    [InlineData("--seconds: -5 is outside [0.1, 100000]; see 'qdistill simulate --help'.", "simulate", "--output", "y", "--seconds", "-5")]
    [InlineData("--seconds: nan is outside [0.1, 100000]; see 'qdistill simulate --help'.", "simulate", "--output", "y", "--seconds", "nan")]
    [InlineData("--count: 0 is outside [1, 10000]; see 'qdistill simulate --help'.", "simulate", "--output", "y", "--count", "0")]
    [InlineData("--seed: '-1' is not a whole number of 0 or more; see 'qdistill simulate --help'.", "simulate", "--output", "y", "--seed", "-1")]
    [InlineData("--labels: 0 is outside [2, 1000000]; see 'qdistill teach --help'.", "teach", "x", "--labels", "0", "--output", "y")]
    [InlineData("there is no node 'risk_inferenc'; did you mean 'risk_inference'.", "node", "risk_inferenc")]
    [InlineData("--remap: 'foo' is not of the form FROM:=TO; write for example /scan:=/front/scan.", "node", "risk_inference", "--remap", "foo")]
    public void A_wrong_command_line_is_answered_in_one_sentence(string sentence, params string[] arguments) =>
        Assert.Equal(sentence, CommandLine.Run(arguments).Refusal());

    [Theory]
    [InlineData("")]
    [InlineData("bag")]
    public void A_group_of_commands_alone_shows_its_help_and_fails(string group)
    {
        Run run = CommandLine.Run(group.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("Commands:", run.Output);
        Assert.Equal(string.Empty, run.Errors);
    }

    [Theory]
    [MemberData(nameof(EveryVerb))]
    public void Help_ends_in_examples_of_this_verb_with_options_that_it_has(string verb)
    {
        string help = CommandLine.Run([.. verb.Split(' '), "--help"]).Succeeded().Output;
        string[] parts = help.Split("Examples:\n");
        Assert.Equal(2, parts.Length);
        string[] examples = parts[1].Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.NotEmpty(examples);
        Assert.All(examples, e =>
        {
            Assert.StartsWith($"qdistill {verb}", e);
            Assert.All(Regex.Matches(e, "--[a-z-]+"), option => Assert.Matches($@"(?m)^  (-\w, )?{option.Value}\b", parts[0]));
        });
    }

    [Fact]
    public void Every_command_of_the_programs_help_is_tested_here()
    {
        string help = CommandLine.Run("--help").Succeeded().Output;
        string[] listed = [.. Regex.Matches(help.Split("Commands:\n")[1], "^  ([a-z]+) ", RegexOptions.Multiline).Select(m => m.Groups[1].Value)];
        Assert.Equal(Verbs.Select(v => v.Split(' ')[0]).Distinct(), listed);
    }
}
