namespace QDistill.Ros;

/// <summary>Allowed values of an integer parameter: both ends, and from the first in steps; step 0: all between.</summary>
/// <param name="From">The smallest value.</param>
/// <param name="To">The largest value.</param>
/// <param name="Step">The distance of values.</param>
public readonly record struct IntegerRange(long From, long To, ulong Step = 0)
{
    internal bool Contains(long value) =>
        value == From || value == To || (value > From && value < To && (Step == 0 || (ulong)(value - From) % Step == 0));
}

/// <summary>Allowed values of a double parameter: both ends, and from the first in steps; step 0: all between. Compared within 100 units in the last place, as rclcpp does.</summary>
/// <param name="From">The smallest value.</param>
/// <param name="To">The largest value.</param>
/// <param name="Step">The distance of values.</param>
public readonly record struct FloatingPointRange(double From, double To, double Step = 0)
{
    private const double Tolerance = 100 * 2.220446049250313e-16;

    internal bool Contains(double value) =>
        Same(value, From) || Same(value, To) || (!(value < From || value > To) && (Step == 0 || Same(value, From + (Math.Round((value - From) / Step) * Step))));

    private static bool Same(double a, double b) => Math.Abs(a - b) <= Tolerance * Math.Abs(a + b);
}

/// <summary>What is said of a parameter when it is declared.</summary>
public sealed record ParameterOptions
{
    /// <summary>What it means.</summary>
    public string Description { get; init; } = string.Empty;

    /// <summary>Limits in words, beyond the ranges.</summary>
    public string AdditionalConstraints { get; init; } = string.Empty;

    /// <summary>Whether it keeps the value that it was declared with.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Whether its type may change.</summary>
    public bool DynamicTyping { get; init; }

    /// <summary>Allowed integers.</summary>
    public IntegerRange? IntegerRange { get; init; }

    /// <summary>Allowed doubles.</summary>
    public FloatingPointRange? FloatingPointRange { get; init; }
}

/// <summary>A parameter was used in a way that its declaration forbids; the message is rclcpp's.</summary>
/// <param name="message">The sentence.</param>
public sealed class ParameterException(string message) : Exception(message);
