using System.Collections.Immutable;
using System.Globalization;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>How a user asks for zero-noise extrapolation: a kind, and the noise scales at which circuits are run.</summary>
/// <param name="Kind">How values are carried on to scale 0.</param>
/// <param name="Scales">Different scales from 1 to 101, at least two.</param>
public sealed record ZeroNoise(Extrapolation Kind, ImmutableArray<double> Scales)
{
    /// <summary>The kinds by name.</summary>
    public static IReadOnlyList<string> Names { get; } = ["linear", "richardson", "exponential"];

    /// <summary>Reads <c>KIND</c> or <c>KIND:SCALE,SCALE,…</c>; the scales are 1, 2, 3 unless given.</summary>
    /// <exception cref="UserErrorException">The kind is unknown, or the scales cannot be extrapolated.</exception>
    public static ZeroNoise Parse(string text)
    {
        string[] parts = text.Split(':', 2);
        int kind = Names.ToList().IndexOf(parts[0].Trim());
        if (kind < 0)
        {
            throw new UserErrorException($"unknown zero-noise extrapolation '{parts[0].Trim()}'", null, NearestKey.Hint(parts[0].Trim(), Names));
        }

        double[] scales = [1, 2, 3];
        if (parts.Length == 2)
        {
            string[] numbers = parts[1].Split(',', StringSplitOptions.TrimEntries);
            scales = new double[numbers.Length];
            for (int i = 0; i < numbers.Length; i++)
            {
                if (!double.TryParse(numbers[i], NumberStyles.Float, CultureInfo.InvariantCulture, out scales[i]))
                {
                    throw new UserErrorException($"'{numbers[i]}' in the zero-noise extrapolation '{text}' is not a noise scale", null, "write for example 'exponential' or 'linear:1,1.5,2'");
                }
            }
        }

        Check(scales);
        return new ZeroNoise((Extrapolation)kind, [.. scales]);
    }

    /// <summary>The form that <see cref="Parse"/> reads.</summary>
    public override string ToString() => $"{Names[(int)Kind]}:{string.Join(",", Scales.Select(s => s.ToString("R", CultureInfo.InvariantCulture)))}";

    /// <summary>Refuses scales that cannot be extrapolated.</summary>
    internal static void Check(IReadOnlyList<double> scales)
    {
        if (scales.Count < 2 || scales.Any(s => !(s is >= 1 and <= 101)) || scales.Distinct().Count() != scales.Count)
        {
            throw new UserErrorException($"noise scales {string.Join(", ", scales.Select(s => s.ToString("R", CultureInfo.InvariantCulture)))} cannot be extrapolated", null, "give two or more different scales from 1 to 101");
        }
    }
}
