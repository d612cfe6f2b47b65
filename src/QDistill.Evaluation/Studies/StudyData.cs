using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using QDistill.Distillation.Data;
using QDistill.Evaluation.Replay;
using QDistill.Features;
using QDistill.Simulation;

namespace QDistill.Evaluation.Studies;

/// <summary>A study's recordings as tables, with the hash by which runs refer to them.</summary>
internal sealed class StudyData
{
    public required string Name { get; init; }

    /// <summary>SHA-256 over everything a run sees: features, truth, times, hazards and the rule's scores of all three parts.</summary>
    public required string Hash { get; init; }

    public required TeacherDataset Training { get; init; }

    public required TeacherDataset Validation { get; init; }

    public required TeacherDataset TestTable { get; init; }

    public required IReadOnlyList<FeatureWindows> Test { get; init; }

    public required IReadOnlyList<FeatureWindows> ValidationRecordings { get; init; }

    /// <summary>The calibrated time-to-collision rule on the test recordings; null where the robot's features do not carry it.</summary>
    public required IReadOnlyList<double[]>? TtcRule { get; init; }

    public string Describe { get; init; } = string.Empty;

    /// <summary>Reads bags, after simulating those that are not there yet.</summary>
    /// <param name="spec">The recordings.</param>
    /// <param name="cache">Where simulated bags are kept.</param>
    /// <param name="progress">Told the fraction done.</param>
    /// <param name="cancellation">Stops the work.</param>
    public static StudyData Load(DataSpec spec, string cache, IProgress<double>? progress, CancellationToken cancellation)
    {
        RobotConfig robot = RobotConfig.Load(spec.Robot);
        int total = spec.Training.Count + spec.Validation.Count + spec.Test.Count, done = 0;
        IReadOnlyList<FeatureWindows> Read(IReadOnlyList<string> names) =>
        [
            .. names.Select(name =>
            {
                FeatureWindows windows = FeatureWindows.FromBag(spec.Seconds > 0 ? Simulate(cache, name, spec.Seconds, cancellation) : name, robot, null, cancellation);
                progress?.Report((double)++done / total);
                return windows;
            }),
        ];
        IReadOnlyList<FeatureWindows> training = Read(spec.Training), validation = Read(spec.Validation), test = Read(spec.Test);
        bool hasRule = validation.Concat(test).All(w => w.TtcScore.Length == w.Count);
        CalibratedTtcRule? ttc = hasRule ? CalibratedTtcRule.Fit(validation) : null;
        return new StudyData
        {
            Name = spec.Name,
            Hash = HashOf([training, validation, test]),
            Training = Table(training),
            Validation = Table(validation),
            TestTable = Table(test),
            Test = test,
            ValidationRecordings = validation,
            TtcRule = ttc is null ? null : [.. test.Select(ttc.Predict)],
            Describe = $"{Part("training", training)}; {Part("validation", validation)}; {Part("test", test)}",
        };
    }

    private static string Part(string name, IReadOnlyList<FeatureWindows> part) => string.Create(
        CultureInfo.InvariantCulture, $"{name} {part.Count} recordings ({part.Sum(w => w.Count):N0} windows, {part.Sum(w => w.Events.Count)} hazards)");

    private static TeacherDataset Table(IReadOnlyList<FeatureWindows> recordings) => TeacherDataset.Concat([.. recordings.Select(WindowTable.From)]);

    // The folder's name holds the simulator's code version: another simulator never meets an older one's bags.
    private static string Simulate(string cache, string seed, double seconds, CancellationToken cancellation)
    {
        string folder = Path.Combine(cache, FormattableString.Invariant($"{CodeVersion.Of(typeof(Simulator))[..8]}_{seconds}s"), $"run_{seed}");
        if (!Directory.Exists(folder))
        {
            new Simulator(new SimulationConfig()).WriteBag(folder, ulong.Parse(seed, CultureInfo.InvariantCulture), seconds, null, cancellation);
        }

        return folder;
    }

    private static string HashOf(IReadOnlyList<FeatureWindows>[] parts)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int part = 0; part < parts.Length; part++)
        {
            foreach (FeatureWindows w in parts[part])
            {
                TeacherDataset table = WindowTable.From(w);
                sha.AppendData(Encoding.UTF8.GetBytes($"{part} {table.SchemaId} {string.Join(' ', table.OutputNames)} {w.Count} {w.Robot.Horizon.ToString("R", CultureInfo.InvariantCulture)}\n"));
                sha.AppendData(MemoryMarshal.AsBytes(w.Stamps));
                sha.AppendData(MemoryMarshal.AsBytes<float>(table.Features));
                sha.AppendData(MemoryMarshal.AsBytes<Truth>(table.Truth));
                sha.AppendData(MemoryMarshal.AsBytes(w.TtcScore));
                long[] events = [.. w.Events.Select((HazardEvent e) => e.StartNs)];
                sha.AppendData(MemoryMarshal.AsBytes<long>(events));
            }
        }

        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }
}
