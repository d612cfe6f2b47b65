using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace QDistill.Ros;

/// <summary>The type that rcl gives a YAML scalar: YAML 1.1's booleans, C's integers (also octal 010 and hexadecimal 0x1F) and C's doubles; everything else is a text.</summary>
internal static partial class YamlScalar
{
    private const int MaxDigits = 400;
    private const string TextTag = "tag:yaml.org,2002:str";

    /// <summary>The value; null when there is none.</summary>
    public static ParameterValue? Parse(Scalar scalar)
    {
        bool quoted = scalar.Style is ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted;
        if (!quoted && scalar.Value.Length == 0)
        {
            return null;
        }

        return quoted || (!scalar.Tag.IsEmpty && scalar.Tag.Value == TextTag) ? scalar.Value : Parse(scalar.Value);
    }

    private static ParameterValue Parse(string text)
    {
        switch (text)
        {
            case "Y" or "y" or "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON":
                return true;
            case "N" or "n" or "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF":
                return false;
            case ".nan" or ".NaN" or ".NAN":
                return double.NaN;
            case ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF":
                return double.PositiveInfinity;
            case "-.inf" or "-.Inf" or "-.INF":
                return double.NegativeInfinity;
        }

        // No integer of 64 bits is longer.
        if (text.Length <= MaxDigits && Integer().Match(text) is { Success: true } integer)
        {
            BigInteger value = Magnitude(integer) * (text[0] == '-' ? -1 : 1);
            if (value >= long.MinValue && value <= long.MaxValue)
            {
                return (long)value;
            }

            // Beyond 64 bits C reads it as a double, to which a leading zero means nothing.
            return Decimal(integer.Groups["hex"].Success ? value.ToString(CultureInfo.InvariantCulture) : text);
        }

        return Word().IsMatch(text) ? (text.Contains("nan", StringComparison.OrdinalIgnoreCase) ? double.NaN : text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity)
            : Number().IsMatch(text) ? Decimal(text)
            : text;
    }

    private static BigInteger Magnitude(Match integer)
    {
        Group hex = integer.Groups["hex"];
        Group octal = integer.Groups["octal"];
        return hex.Success ? BigInteger.Parse("0" + hex.Value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
            : octal.Success ? octal.Value.Aggregate(BigInteger.Zero, (sum, digit) => (sum * 8) + (digit - '0'))
            : BigInteger.Parse(integer.Groups["decimal"].Value, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    // A number too large even for a double is a text to rcl.
    private static ParameterValue Decimal(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) is var value && double.IsFinite(value) ? value : text;

    [GeneratedRegex(@"^[+-]?(0[xX](?<hex>[0-9a-fA-F]+)|(?<octal>0[0-7]*)|(?<decimal>[1-9][0-9]*))\z")]
    private static partial Regex Integer();

    [GeneratedRegex(@"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\z")]
    private static partial Regex Number();

    [GeneratedRegex(@"^[+-]?(inf|infinity|nan)\z", RegexOptions.IgnoreCase)]
    private static partial Regex Word();
}
