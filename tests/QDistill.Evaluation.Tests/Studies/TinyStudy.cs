using QDistill.Configuration;
using QDistill.Evaluation.Studies;

namespace QDistill.Evaluation.Tests.Studies;

/// <summary>A study of 23 short runs on simulated bags, each judged twice, done once for all tests that only look at it.</summary>
public sealed class TinyStudy : IDisposable
{
    public const int Tests = 2; // as recorded, and one condition

    public const int Runs = Tests * (1 + 2 + (2 * 2) + (2 * 2 * 4)); // rule, no teacher, classical × recipes, (vqc + disentangled) × back ends × recipes; each × 2 seeds but the rule

    public const string Text = """
        name: tiny
        data:
          - name: agv
            robot: simulated_agv
            simulate: {seconds: 60, training: [1001, 1002], validation: [1003, 1004], test: [1005, 1006, 1015, 1016, 1017, 1018]}
        teachers:
          - {name: vqc, kind: vqc, encoding: reuploading, ansatz: hardware-efficient, qubits: 3, layers: 1, features: 6, starts: 1, epochs: 30}
        backends:
          - {backend: statevector}
          - {backend: sampled, shots: [64]}
        recipes:
          soft: {signals: {soft_weight: 1}, optimiser: {epochs: 4, patience: 2}}
          hard and soft: {signals: {hard_weight: 0.5, soft_weight: 1}, optimiser: {epochs: 4, patience: 2}}
        labels: [60]
        seeds: 2
        conditions:
          - {name: lidar noise, scan: {noise: 0.1}}
        controls:
          classical_teacher: {kind: mlp, starts: 1, epochs: 20}
        """;

    private readonly TempDirectory folder = new();

    public TinyStudy()
    {
        File.WriteAllText(File_, Text);
        Whole = new StudyFolder(folder["whole"]);
        Outcome = StudyEngine.Run(Load(), Whole, new StudyRunOptions { Jobs = 2 });
    }

    public string File_ => folder["study.yaml"];

    public StudyFolder Whole { get; }

    public StudyOutcome Outcome { get; }

    public StudySpec Load() => StudyFile.Load(File_);

    public static StudySpec Parse(string text) => StudyFile.Read(ConfigFile.Parse(text, "study.yaml"), text, Path.GetTempPath());

    /// <summary>An empty folder that finds the simulated bags already there.</summary>
    public StudyFolder Fresh(string name)
    {
        var fresh = new StudyFolder(folder[name]);
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Whole.CachePath, "bags"), "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(fresh.CachePath, "bags", Path.GetRelativePath(Path.Combine(Whole.CachePath, "bags"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return fresh;
    }

    /// <summary>What must repeat of every run, by id.</summary>
    public static SortedDictionary<string, string> Repeatable(StudyFolder study)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string id, RunRecord record) in study.LoadRuns())
        {
            all[id] = record.ToRepeatableJson();
        }

        return all;
    }

    public void Dispose() => folder.Dispose();
}
