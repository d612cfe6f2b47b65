using System.Globalization;
using System.Text;

namespace QDistill.Quantum;

/// <summary>Writes values as Q# literals.</summary>
internal static class QSharpLiteral
{
    /// <summary>A Double: it needs a point or an exponent, whatever the machine's culture.</summary>
    public static StringBuilder AppendLiteral(this StringBuilder text, double value)
    {
        string s = value.ToString("R", CultureInfo.InvariantCulture);
        return text.Append(s.Contains('E') && !s.Contains('.') ? s.Replace("E", ".0E", StringComparison.Ordinal) : s.Contains('.') ? s : s + ".0");
    }

    /// <summary>A Double[].</summary>
    public static StringBuilder AppendLiteral(this StringBuilder text, ReadOnlySpan<double> values)
    {
        text.Append('[');
        for (int i = 0; i < values.Length; i++)
        {
            text.Append(i > 0 ? "," : string.Empty).AppendLiteral(values[i]);
        }

        return text.Append(']');
    }

    /// <summary>A Double[][] of rows of equal length.</summary>
    public static StringBuilder AppendLiteral(this StringBuilder text, ReadOnlySpan<double> values, int rows)
    {
        int width = rows == 0 ? 0 : values.Length / rows;
        text.Append('[');
        for (int i = 0; i < rows; i++)
        {
            text.Append(i > 0 ? "," : string.Empty).AppendLiteral(values.Slice(i * width, width));
        }

        return text.Append(']');
    }
}
