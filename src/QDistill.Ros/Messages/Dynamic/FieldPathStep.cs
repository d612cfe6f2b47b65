using System.Globalization;

namespace QDistill.Ros;

/// <summary>The grammar of field paths: <c>name</c> or <c>name[index]</c>, joined by dots.</summary>
internal static class FieldPathStep
{
    /// <summary>Takes the first step off a path.</summary>
    /// <param name="path">The path; what follows the step remains.</param>
    /// <param name="name">The field's name.</param>
    /// <param name="index">The index, or -1.</param>
    /// <returns>False when the path is empty or malformed.</returns>
    public static bool TryTake(ref ReadOnlySpan<char> path, out ReadOnlySpan<char> name, out int index)
    {
        index = -1;
        int dot = path.IndexOf('.');
        ReadOnlySpan<char> step = dot < 0 ? path : path[..dot];
        path = dot < 0 ? default : path[(dot + 1)..];
        int open = step.IndexOf('[');
        name = open < 0 ? step : step[..open];
        return !name.IsEmpty
            && !(dot >= 0 && path.IsEmpty)
            && (open < 0 || (step[^1] == ']' && int.TryParse(step[(open + 1)..^1], NumberStyles.None, CultureInfo.InvariantCulture, out index)));
    }
}
