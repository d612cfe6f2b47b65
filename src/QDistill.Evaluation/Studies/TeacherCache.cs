using System.Runtime.InteropServices;
using System.Text.Json;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Teachers;
using QDistill.Quantum;

namespace QDistill.Evaluation.Studies;

/// <summary>What a teacher said of the training windows, what that cost, and how good the teacher itself is.</summary>
internal sealed record TeacherLabels(string TeacherId, TeacherAnswers Answers, RunLedger Ledger, RunScores Scores);

/// <summary>
/// Fitted teachers and their labels on disk, by what they depend on: fitted once for all back ends, asked once for all recipes, and found again after a kill.
/// A file is there whole or not at all; the small one that makes an entry valid is written last.
/// </summary>
internal sealed class TeacherCache(string folder)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    private readonly OnceCache<RunCost> fits = new(1024);
    private readonly OnceCache<TeacherLabels> labels = new(8);
    private readonly Lock fitting = new();
    private int fitted;

    /// <summary>How many teachers were fitted since this cache was opened; those found on disk do not count.</summary>
    public int Fitted => fitted;

    /// <summary>The labels of a run's teacher.</summary>
    /// <exception cref="UserErrorException">The teacher cannot be fitted or asked.</exception>
    public TeacherLabels Get(RunSpec run, StudyData data, CancellationToken cancellation) =>
        labels.Get(run.LabelsKey!, () => Load(run, data) ?? Ask(run, data, cancellation));

    private string TeacherPath(RunSpec run, string ending) => Path.Combine(folder, "teachers", run.TeacherKey + ending);

    private string LabelsPath(RunSpec run, string ending) => Path.Combine(folder, "labels", run.LabelsKey + ending);

    private TeacherLabels? Load(RunSpec run, StudyData data)
    {
        (string entry, string numbers) = (LabelsPath(run, ".json"), LabelsPath(run, ".f32"));
        if (!File.Exists(entry) || !File.Exists(numbers))
        {
            return null;
        }

        try
        {
            Entry? e = JsonSerializer.Deserialize<Entry>(File.ReadAllText(entry), Json);
            float[] all = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(numbers)).ToArray();
            int n = data.Training.Count, k = data.Training.OutputCount;
            return e is not null && all.Length == n * (k + (2 * e.Observables))
                ? new TeacherLabels(e.TeacherId, new TeacherAnswers(n, k, e.Observables, all[..(n * k)], all[(n * k)..(n * (k + e.Observables))], all[(n * (k + e.Observables))..]), e.Ledger, e.Scores)
                : null;
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null; // A damaged entry is made again.
        }
    }

    private TeacherLabels Ask(RunSpec run, StudyData data, CancellationToken cancellation)
    {
        TeacherSpec spec = TeacherSpec.Read(ConfigFile.Parse(run.Teacher, "teacher"));
        RunCost fit = fits.Get(run.TeacherKey!, () => Fit(run, spec, data, cancellation));
        using ITeacherBackend? backend = spec.IsQuantum ? Backend(run) : null;

        // Read back even when it was fitted just now: the same numbers whichever run came first.
        ITeacher teacher = TeacherFile.Load(TeacherPath(run, ".yaml"), backend);
        using var owned = teacher as IDisposable;
        TeacherAnswers answers = teacher.Answer(data.Training.Features, 0, cancellation);
        RunCost cost = Cost(backend);
        TeacherAnswers test = teacher.Answer(data.TestTable.Features, data.Training.Count, cancellation);
        var result = new TeacherLabels(teacher.Id, answers, new RunLedger(fit, cost), RunJudge.Judge(data, RunJudge.Collision(test.Probabilities, data.TestTable.OutputCount), 0.5));
        AtomicOutput.Write(LabelsPath(run, ".f32"), stream =>
        {
            stream.Write(MemoryMarshal.AsBytes<float>(answers.Probabilities));
            stream.Write(MemoryMarshal.AsBytes<float>(answers.Expectations));
            stream.Write(MemoryMarshal.AsBytes<float>(answers.Variances));
        });
        AtomicOutput.WriteText(LabelsPath(run, ".json"), JsonSerializer.Serialize(new Entry(result.TeacherId, answers.ObservableCount, result.Ledger, result.Scores), Json));
        return result;
    }

    private RunCost Fit(RunSpec run, TeacherSpec spec, StudyData data, CancellationToken cancellation)
    {
        (string file, string entry) = (TeacherPath(run, ".yaml"), TeacherPath(run, ".json"));
        if (File.Exists(file) && File.Exists(entry) && JsonSerializer.Deserialize<RunCost>(File.ReadAllText(entry), Json) is { } known)
        {
            return known;
        }

        // A teacher is fitted with exact gradients whatever it is asked through later.
        using ITeacherBackend exact = TeacherBackend.Create("statevector", new TeacherBackendOptions { Seed = run.Seed, Threads = 1 });
        ITeacher teacher = TeacherFitting.Fit(data.Training, data.Validation, spec, exact, null, cancellation);
        using var owned = teacher as IDisposable;
        RunCost cost = spec.IsQuantum ? Cost(exact) : RunCost.None;
        TeacherFile.Save(file, teacher);
        AtomicOutput.WriteText(entry, JsonSerializer.Serialize(cost, Json));
        lock (fitting)
        {
            fitted++;
        }

        return cost;
    }

    private static ITeacherBackend Backend(RunSpec run) => TeacherBackend.Create(run.Backend, new TeacherBackendOptions
    {
        Shots = run.Shots,
        Seed = run.Seed,
        Threads = 1,
        Noise = run.Noise.Length > 0 ? NoiseModel.Read(ConfigFile.Parse(run.Noise, "noise")) : null,
        MitigateReadout = run.MitigateReadout,
    });

    private static RunCost Cost(ITeacherBackend? backend) =>
        backend is null ? RunCost.None : new RunCost(backend.Ledger.Circuits, backend.Ledger.Shots, backend.Ledger.Depth, backend.Ledger.TwoQubitGates);

    private sealed record Entry(string TeacherId, int Observables, RunLedger Ledger, RunScores Scores);
}
