using QDistill.Ros;

namespace QDistill.Offline;

/// <summary>What is said of one parameter of an offline node: the declaration, the parameter file and its schema are all made from this.</summary>
/// <param name="Name">The name.</param>
/// <param name="Default">The value that holds when nothing else is given.</param>
/// <param name="Description">What it means, in one line.</param>
public sealed record OfflineParameter(string Name, ParameterValue Default, string Description)
{
    /// <summary>The least and the greatest whole number allowed; null: any.</summary>
    public IntegerRange? Integers { get; init; }

    /// <summary>The least and the greatest number allowed; null: any.</summary>
    public FloatingPointRange? Numbers { get; init; }

    /// <summary>The texts allowed (of a list: for each element); empty: any.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>What else is said of the values allowed.</summary>
    public string Constraints { get; init; } = string.Empty;

    /// <summary>Whether it is fixed once the node has started.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>The declaration's options.</summary>
    internal ParameterOptions Options() => new()
    {
        Description = Description,
        IntegerRange = Integers,
        FloatingPointRange = Numbers,
        AdditionalConstraints = Choices.Count > 0 ? (Default.Type == ParameterType.StringArray ? "any of " : "one of ") + string.Join(", ", Choices) : Constraints,
        ReadOnly = ReadOnly,
    };
}
