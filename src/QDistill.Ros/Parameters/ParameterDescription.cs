using System.Globalization;

namespace QDistill.Ros;

/// <summary>When a new value of a parameter takes effect.</summary>
public enum ParameterTiming
{
    /// <summary>From the next message on.</summary>
    Live,

    /// <summary>When the node is configured; a configured node refuses it.</summary>
    Configure,

    /// <summary>When the process starts: read-only.</summary>
    Start,
}

/// <summary>What is said of one parameter of a node: the declaration, the parameter file, its schema and its documentation are all made from this.</summary>
/// <param name="Name">The name; dots group.</param>
/// <param name="Default">The value that holds when nothing else is given.</param>
/// <param name="Description">What it means, in one line.</param>
/// <param name="Timing">When a new value takes effect.</param>
public sealed record ParameterDescription(string Name, ParameterValue Default, string Description, ParameterTiming Timing = ParameterTiming.Live)
{
    /// <summary>The unit, SI; empty for none.</summary>
    public string Unit { get; init; } = string.Empty;

    /// <summary>The least and the greatest number allowed (of an array: of each element); null: any.</summary>
    public (double From, double To)? Range { get; init; }

    /// <summary>The texts allowed (of a list: for each element); empty: any.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>What else is said of the values allowed, a sentence; empty: nothing.</summary>
    public string Constraints { get; init; } = string.Empty;

    /// <summary>The type.</summary>
    public ParameterType Type => Default.Type;

    /// <summary>The value that ROS's strict types want: a whole number given for a double is that double, and an empty list is an empty list of the declared type.</summary>
    public ParameterValue Coerce(ParameterValue given) => (Type, given.Value) switch
    {
        (ParameterType.Double, long whole) => (double)whole,
        (ParameterType.DoubleArray, long[] whole) => Array.ConvertAll(whole, w => (double)w),
        (ParameterType.StringArray, Array { Length: 0 }) => Array.Empty<string>(),
        (ParameterType.IntegerArray, Array { Length: 0 }) => Array.Empty<long>(),
        _ => given,
    };

    /// <summary>Why a value is not allowed, without the name; null when it is.</summary>
    public string? Refuse(ParameterValue value)
    {
        if (value.Type != Type)
        {
            return $"must be {Expected()}, not the {ParameterValue.NameOf(value.Type)} {value}";
        }

        bool allowed = value.Value switch
        {
            double d => IsInRange(d),
            long i => IsInRange(i),
            long[] all => all.All(i => IsInRange(i)),
            string s => Choices.Count == 0 || Choices.Contains(s),
            _ => true,
        };
        return allowed ? null : $"must be {Expected()}, not {value}";
    }

    /// <summary>The declaration's options.</summary>
    public ParameterOptions Options() => new()
    {
        Description = Unit.Length > 0 ? $"{Description} [{Unit}]" : Description,
        AdditionalConstraints = InWords(),
        ReadOnly = Timing == ParameterTiming.Start,
        FloatingPointRange = Range is { } d && Type == ParameterType.Double ? new FloatingPointRange(d.From, d.To) : null,
        IntegerRange = Range is { } i && Type == ParameterType.Integer ? new IntegerRange((long)i.From, (long)i.To) : null,
    };

    /// <summary>The limits in words: <c>a double in [0, 1]</c>.</summary>
    public string Expected()
    {
        string kind = Type switch
        {
            ParameterType.Bool => "true or false",
            ParameterType.Integer => "a whole number",
            ParameterType.Double => "a number",
            ParameterType.IntegerArray => "whole numbers",
            ParameterType.StringArray => "a list of texts",
            _ => Choices.Count > 0 ? string.Join(" or ", Choices) : "a text",
        };
        return Range is { } r ? string.Create(CultureInfo.InvariantCulture, $"{kind} in [{r.From:R}, {r.To:R}]") : kind;
    }

    private bool IsInRange(double value) => Range is not { } r ? double.IsFinite(value) : value >= r.From && value <= r.To;

    private string InWords()
    {
        string choices = Choices.Count == 0 ? string.Empty : $"{(Type == ParameterType.StringArray ? "Any" : "One")} of {string.Join(", ", Choices)}.";
        string timing = Timing == ParameterTiming.Configure ? "Read when the node is configured; refused while it is." : string.Empty;
        return string.Join(' ', new[] { choices, Constraints, timing }.Where(t => t.Length > 0));
    }
}
