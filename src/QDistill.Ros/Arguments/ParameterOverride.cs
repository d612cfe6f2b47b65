namespace QDistill.Ros;

/// <summary>Where a parameter's value was given.</summary>
/// <param name="Source">A file's path as given, an argument such as <c>-p rate:=20.0</c>, or the program itself.</param>
/// <param name="Line">The line in the file, from 1; 0 when it is no file.</param>
public sealed record ParameterOrigin(string Source, int Line)
{
    /// <summary>Given by the program, not by its user.</summary>
    public static ParameterOrigin Program { get; } = new("the program", 0);

    /// <inheritdoc/>
    public override string ToString() => Line > 0 ? $"{Source}:{Line}" : Source;
}

/// <summary>A value that takes the place of a parameter's default.</summary>
/// <param name="Name">The parameter's name.</param>
/// <param name="Value">The value; <see cref="ParameterType.NotSet"/> for an empty list, whose type is not known.</param>
/// <param name="Scope">The nodes that it is for: a node's name, or a pattern such as <c>/**</c>.</param>
/// <param name="Origin">Where it was given.</param>
public sealed record ParameterOverride(string Name, ParameterValue Value, string Scope, ParameterOrigin Origin);
