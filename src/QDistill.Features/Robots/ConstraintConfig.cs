using QDistill.Configuration;

namespace QDistill.Features;

/// <summary>How a constraint's signal is compared with its limit.</summary>
public enum Comparison
{
    /// <summary>The signal must stay below the limit.</summary>
    Less,

    /// <summary>The signal must stay at or below the limit.</summary>
    LessOrEqual,

    /// <summary>The signal must stay above the limit.</summary>
    Greater,

    /// <summary>The signal must stay at or above the limit.</summary>
    GreaterOrEqual,
}

/// <summary>
/// One requirement on a signal: <c>signal op limit</c> must hold. It is violated once it has been false for <see cref="Hold"/> seconds without a break.
/// </summary>
/// <param name="Name">The constraint's name, unique within the robot.</param>
/// <param name="Signal">A feature's name or a signal alias (see <see cref="Signals"/>).</param>
/// <param name="Op">The comparison that must hold.</param>
/// <param name="Limit">The limit, in the signal's unit.</param>
/// <param name="Hold">How long the requirement must be false without a break before it counts as violated [s].</param>
/// <param name="Unit">The limit's unit, for display; the signal's own when the file gives none.</param>
/// <param name="Horizon">How far ahead a violation is foretold [s].</param>
/// <param name="Absolute">Whether the signal's magnitude is compared.</param>
public sealed record ConstraintConfig(string Name, string Signal, Comparison Op, double Limit, double Hold, string? Unit, double Horizon, bool Absolute)
{
    /// <summary>Whether a value meets the requirement at this moment.</summary>
    public bool IsMet(double value)
    {
        double v = Absolute ? Math.Abs(value) : value;
        return Op switch
        {
            Comparison.Less => v < Limit,
            Comparison.LessOrEqual => v <= Limit,
            Comparison.Greater => v > Limit,
            _ => v >= Limit,
        };
    }

    internal static ConstraintConfig Read(ConfigSection section, double horizon) => new(
        section.String("name"),
        section.String("signal"),
        section.Choice("op", ["<", "<=", ">", ">="]) switch
        {
            "<" => Comparison.Less,
            "<=" => Comparison.LessOrEqual,
            ">" => Comparison.Greater,
            _ => Comparison.GreaterOrEqual,
        },
        section.Double("limit"),
        section.Double("hold", 0, 0, 60),
        section.OptionalString("unit"),
        section.Double("horizon", horizon, 0.05, 60),
        section.Bool("absolute", false));
}
