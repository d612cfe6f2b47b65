using QDistill.Configuration;

namespace QDistill.Distillation.Data;

/// <summary>What a teacher can tell beyond probabilities and expectations. Each is asked for by name, because each costs room in the labelled bag or time.</summary>
[Flags]
public enum TeacherDetails
{
    /// <summary>Nothing more.</summary>
    None = 0,

    /// <summary>Basis-state probabilities: the signal <c>states</c>.</summary>
    States = 1,

    /// <summary>Gradients of the logits by the features: the signal <c>gradients</c>.</summary>
    Gradients = 2,

    /// <summary>The feature map: the signals <c>hint</c> and <c>attention</c>.</summary>
    Features = 4,
}

/// <summary>The names of <see cref="TeacherDetails"/> in options and files.</summary>
public static class TeacherDetailNames
{
    /// <summary>All names.</summary>
    public static IReadOnlyList<string> All { get; } = ["states", "gradients", "features"];

    /// <summary>The details of these names.</summary>
    /// <exception cref="UserErrorException">A name is unknown; the nearest is named.</exception>
    public static TeacherDetails Parse(IEnumerable<string> names)
    {
        TeacherDetails details = TeacherDetails.None;
        foreach (string name in names)
        {
            details |= name switch
            {
                "states" => TeacherDetails.States,
                "gradients" => TeacherDetails.Gradients,
                "features" => TeacherDetails.Features,
                _ => throw new UserErrorException($"unknown teacher detail '{name}'", null, NearestKey.Hint(name, All)),
            };
        }

        return details;
    }

    /// <summary>The names of these details, in a fixed order.</summary>
    public static IReadOnlyList<string> Of(TeacherDetails details) => [.. All.Where(n => details.HasFlag(Parse([n])))];
}
