using QDistill.Configuration;

namespace QDistill.Ros;

/// <summary>Goes through a command line once, as rcl does.</summary>
internal sealed class RosArgumentParser
{
    private const string Begin = "--ros-args";
    private const string End = "--";

    private static readonly string[] Flags =
    [
        "--remap", "-r", "--param", "-p", "--params-file", "--log-level", "--log-file-name", "--log-config-file", "--enclave", "-e",
        "--enable-rosout-logs", "--disable-rosout-logs", "--enable-stdout-logs", "--disable-stdout-logs", "--enable-external-lib-logs", "--disable-external-lib-logs",
    ];

    private readonly List<string> remaining = [];
    private readonly List<string> unknown = [];
    private readonly List<string> warnings = [];
    private readonly List<string> files = [];
    private readonly List<RemapRule> remaps = [];
    private readonly List<(string Logger, LogSeverity Level)> levels = [];
    private readonly ParameterOverrides parameters = new();
    private RosArguments result = new();

    public RosArguments Parse(IReadOnlyList<string> arguments)
    {
        bool ros = false;
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            if (argument == Begin)
            {
                ros = true;
            }
            else if (!ros)
            {
                TakeOther(argument);
            }
            else if (argument == End)
            {
                ros = false;
            }
            else if (!TakeSwitch(argument))
            {
                i += TakeFlag(argument, i + 1 < arguments.Count ? arguments[i + 1] : null) ? 1 : 0;
            }
        }

        if (unknown.Count > 0)
        {
            throw new UserErrorException($"found unknown ROS arguments: {string.Join(", ", unknown.Select(a => $"'{a}'"))}", null, Remedy(unknown[0]));
        }

        return result with { Remaining = remaining, Remaps = new RemapRules(remaps), Parameters = parameters, ParameterFiles = files, LoggerLevels = levels, Warnings = warnings };
    }

    private static string Remedy(string argument)
    {
        int equals = argument.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && Flags.Contains(argument[..equals]) ? $"write '{argument[..equals]} {argument[(equals + 1)..]}', with a space"
            : argument.StartsWith('-') ? NearestKey.Hint(argument, Flags)!
            : $"put the program's own arguments before {Begin} or after a closing {End}";
    }

    /// <summary>An argument outside <c>--ros-args</c>: the program's own, or a renaming in ROS 1's way.</summary>
    private void TakeOther(string argument)
    {
        if (argument.Contains(":=", StringComparison.Ordinal))
        {
            try
            {
                remaps.Add(RuleParser.Remap(argument));
                warnings.Add($"Found remap rule '{argument}'. This syntax is deprecated. Use '{Begin} --remap {argument}' instead.");
                return;
            }
            catch (RuleSyntaxException)
            {
                // Then it is not ROS's.
            }
        }

        remaining.Add(argument);
    }

    private bool TakeSwitch(string argument)
    {
        switch (argument)
        {
            case "--enable-rosout-logs" or "--disable-rosout-logs":
                result = result with { RosOutLogs = argument[2] == 'e' };
                return true;
            case "--enable-stdout-logs" or "--disable-stdout-logs":
                result = result with { ConsoleLogs = argument[2] == 'e' };
                return true;
            case "--enable-external-lib-logs" or "--disable-external-lib-logs":
                result = result with { FileLogs = argument[2] == 'e' };
                return true;
            default:
                return false;
        }
    }

    /// <returns>Whether the value was used.</returns>
    private bool TakeFlag(string flag, string? value)
    {
        switch (flag)
        {
            case "-r" or "--remap":
                remaps.Add(Try("remap rule", flag, Required(value, $"Couldn't parse trailing {flag} flag. No remap rule found", $"write {flag} from:=to"), RuleParser.Remap));
                return true;
            case "-p" or "--param":
                TakeParameter(flag, Required(value, $"Couldn't parse trailing {flag} flag. No parameter override rule found", $"write {flag} name:=value"));
                return true;
            case "--params-file":
                string file = Required(value, $"Couldn't parse trailing {flag} flag. No file path provided", $"write {flag} FILE");
                ParameterFile.Read(file, parameters);
                files.Add(file);
                return true;
            case "--log-level":
                string level = Required(value, $"Couldn't parse trailing log level flag: '{flag}'. No log level provided", $"write {flag} debug or {flag} logger:=debug");
                TakeLevel(Try("log level", flag, level, RuleParser.LogLevel));
                return true;
            case "--log-file-name":
                result = result with { LogFileName = Required(value, $"Couldn't parse trailing {flag} flag. No string prefix provided", $"write {flag} NAME") };
                return true;
            case "--log-config-file":
                result = result with { LogConfigFile = Required(value, $"Couldn't parse trailing {flag} flag. No file path provided", $"write {flag} FILE") };
                return true;
            case "-e" or "--enclave":
                result = result with { Enclave = Required(value, $"Couldn't parse trailing {flag} flag. No enclave path provided", $"write {flag} /path") };
                return true;
            default:
                unknown.Add(flag);
                return false;
        }
    }

    private void TakeParameter(string flag, string text)
    {
        (string? node, string name, string yaml) = Try("parameter override rule", flag, text, RuleParser.Parameter);
        ParameterValue value = Try("parameter override rule", flag, text, _ => ParameterFile.ReadValue(yaml));
        parameters.Set(node ?? "/**", name, value, new ParameterOrigin($"{flag} {text}", 0));
    }

    private void TakeLevel((string? Logger, LogSeverity Level) level)
    {
        if (level.Logger is null)
        {
            result = result with { LogLevel = level.Level };
        }
        else
        {
            levels.Add((level.Logger, level.Level));
        }
    }

    private static string Required(string? value, string otherwise, string remedy) => value ?? throw new UserErrorException(otherwise, null, remedy);

    private static T Try<T>(string what, string flag, string text, Func<string, T> parse)
    {
        try
        {
            return parse(text);
        }
        catch (RuleSyntaxException e)
        {
            throw new UserErrorException($"Couldn't parse {what}: '{flag} {text}'. Error: {e.Message}", null, e.Remedy);
        }
    }
}
