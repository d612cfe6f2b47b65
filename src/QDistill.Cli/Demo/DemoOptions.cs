namespace QDistill.Cli.Demo;

/// <summary>What a demo run works with.</summary>
/// <param name="Bags">Real bags, or null to simulate.</param>
/// <param name="Robot">The robot's file or name.</param>
/// <param name="Folder">Where everything lands.</param>
/// <param name="Backend">What runs the teacher's circuits when it labels.</param>
/// <param name="Shots">Shots per window; 0: exact.</param>
/// <param name="Labels">The teacher's label budget.</param>
/// <param name="Seed">The seed of everything random.</param>
/// <param name="LiveSeconds">How long the live run lasts [s].</param>
internal sealed record DemoOptions(IReadOnlyList<string>? Bags, string Robot, string Folder, string Backend, int Shots, int Labels, ulong Seed, double LiveSeconds)
{
    /// <summary>Length of a simulated run [s].</summary>
    public const double RunSeconds = 120;

    /// <summary>How many simulated runs are for training, validation and test.</summary>
    public static (int Training, int Validation, int Test) Runs { get; } = (16, 8, 16);

    public string Path(string relative) => System.IO.Path.Combine(Folder, relative);
}
