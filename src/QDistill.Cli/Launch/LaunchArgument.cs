using QDistill.Configuration;

namespace QDistill.Cli.Launch;

/// <summary>A declared argument of a launch, given as <c>NAME:=VALUE</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it does.</param>
/// <param name="Default">Its default; null: it must be given.</param>
/// <param name="Choices">The values that it can take; empty: any.</param>
internal sealed record LaunchArgument(string Name, string Description, string? Default, params string[] Choices);

/// <summary>The values of a launch's arguments.</summary>
internal sealed class LaunchValues
{
    private const string Separator = ":=";
    private readonly Dictionary<string, string> values = [];

    /// <summary>Reads <c>NAME:=VALUE</c> words; what is not given has its default.</summary>
    /// <param name="launch">The name of the launch, for errors.</param>
    /// <param name="declared">Its arguments.</param>
    /// <param name="words">What the user gave; the last one counts.</param>
    /// <exception cref="UserErrorException">A word is no assignment, a name is not declared, a value is not among the choices, or one is missing.</exception>
    public LaunchValues(string launch, IReadOnlyList<LaunchArgument> declared, IEnumerable<string> words)
    {
        string[] names = [.. declared.Select(a => a.Name)];
        foreach (string word in words)
        {
            int at = word.IndexOf(Separator, StringComparison.Ordinal);
            string name = at > 0 ? word[..at] : word.Split('=', ':')[0].TrimStart('-');
            LaunchArgument? argument = declared.FirstOrDefault(a => a.Name == name);
            if (argument is null)
            {
                throw new UserErrorException($"there is no argument '{name}'", "launch " + launch, NearestKey.Hint(name, names) ?? $"known are {string.Join(", ", names)}");
            }

            if (at <= 0)
            {
                throw new UserErrorException($"'{word}' is not of the form NAME:=VALUE", "launch " + launch, $"write {name}:=VALUE");
            }

            string value = word[(at + Separator.Length)..];
            if (argument.Choices.Length > 0 && !argument.Choices.Contains(value))
            {
                throw new UserErrorException($"'{value}' is not a value of '{name}'", "launch " + launch, $"it can be {string.Join(" or ", argument.Choices)}");
            }

            values[name] = value;
        }

        foreach (LaunchArgument argument in declared)
        {
            if (!values.ContainsKey(argument.Name))
            {
                values[argument.Name] = argument.Default
                    ?? throw new UserErrorException($"the argument '{argument.Name}' is missing", "launch " + launch, $"give {argument.Name}:=VALUE ({argument.Description})");
            }
        }
    }

    /// <summary>A value; empty where neither given nor defaulted.</summary>
    public string this[string name] => values[name];

    /// <summary>A value that is true or false.</summary>
    public bool Is(string name) => values[name] == "true";
}
