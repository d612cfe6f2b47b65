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

    /// <summary>The labels of a run's teacher with the details that its recipe needs; those cost queries of their own.</summary>
    /// <exception cref="UserErrorException">The teacher cannot be fitted or asked, or cannot tell those details.</exception>
    public TeacherLabels Get(RunSpec run, StudyData data, TeacherDetails details, CancellationToken cancellation)
    {
        string key = string.Join('-', [run.LabelsKey!, .. TeacherDetailNames.Of(details)]);
        return labels.Get(key, () => Load(key, data) ?? Ask(key, run, data, details, cancellation));
    }

    private string TeacherPath(RunSpec run, string ending) => Path.Combine(folder, "teachers", run.TeacherKey + ending);

    private string LabelsPath(string key, string ending) => Path.Combine(folder, "labels", key + ending);

    private TeacherLabels? Load(string key, StudyData data)
    {
        (string entry, string numbers) = (LabelsPath(key, ".json"), LabelsPath(key, ".f32"));
        if (!File.Exists(entry) || !File.Exists(numbers))
        {
            return null;
        }

        try
        {
            Entry? e = JsonSerializer.Deserialize<Entry>(File.ReadAllText(entry), Json);
            float[] all = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(numbers)).ToArray();
            int n = data.Training.Count, k = data.Training.OutputCount;
            if (e is null || all.Length != n * (k + (2 * e.Observables) + e.States + e.Gradients + e.Features))
            {
                return null;
            }

            int at = 0;
            float[] Next(int width) => all[at..(at += n * width)];
            var answers = new TeacherAnswers(n, k, e.Observables, Next(k), Next(e.Observables), Next(e.Observables))
            {
                Shots = e.Shots, States = Next(e.States), InputGradients = Next(e.Gradients), Features = Next(e.Features), FeatureShape = e.FeatureShape,
            };
            return new TeacherLabels(e.TeacherId, answers, e.Ledger, e.Scores);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null; // A damaged entry is made again.
        }
    }

    private TeacherLabels Ask(string key, RunSpec run, StudyData data, TeacherDetails details, CancellationToken cancellation)
    {
        TeacherSpec spec = TeacherSpec.Read(ConfigFile.Parse(run.Teacher, "teacher"));
        RunCost fit = fits.Get(run.TeacherKey!, () => Fit(run, spec, data, cancellation));
        using ITeacherBackend? backend = spec.IsQuantum ? Backend(run) : null;

        // Read back even when it was fitted just now: the same numbers whichever run came first.
        ITeacher teacher = TeacherFile.Load(TeacherPath(run, ".yaml"), backend);
        using var owned = teacher as IDisposable;
        TeacherAnswers answers = teacher.Answer(data.Training.Features, 0, details, cancellation);
        RunCost cost = Cost(backend);
        TestSet asRecorded = data.Tests[0];
        TeacherAnswers test = teacher.Answer(asRecorded.Table.Features, data.Training.Count, cancellation);
        var result = new TeacherLabels(teacher.Id, answers, new RunLedger(fit, cost), RunJudge.Judge(asRecorded, new JudgedPredictor(RunJudge.Collision(test.Probabilities, data.Training.OutputCount), 0.5, [], [], [])));
        AtomicOutput.Write(LabelsPath(key, ".f32"), stream =>
        {
            foreach (float[] part in (float[][])[answers.Probabilities, answers.Expectations, answers.Variances, answers.States, answers.InputGradients, answers.Features])
            {
                stream.Write(MemoryMarshal.AsBytes<float>(part));
            }
        });
        var entry = new Entry(
            result.TeacherId, answers.ObservableCount, answers.StateCount, answers.GradientCount, answers.FeatureCount, [.. answers.FeatureShape], answers.Shots, result.Ledger, result.Scores);
        AtomicOutput.WriteText(LabelsPath(key, ".json"), JsonSerializer.Serialize(entry, Json));
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
        using ITeacherBackend exact = Exact(run), aside = Exact(run);
        TeacherSpec plain = spec with { Transform = TeacherTransform.None };
        RunCost earlier = RunCost.None;

        // What a transform changes, and what it brings it to, are teachers of the study themselves, fitted once.
        ITeacher? Known(TeacherSpec other)
        {
            RunSpec of = run with { Teacher = other.ToYaml() };
            RunCost paid = fits.Get(of.TeacherKey!, () => Fit(of, other, data, cancellation));
            earlier = other == plain ? paid : earlier;
            return TeacherFile.Load(TeacherPath(of, ".yaml"), other == plain ? exact : aside);
        }

        ITeacher teacher = TeacherFitting.Fit(data.Training, data.Validation, spec, exact, null, cancellation, Known);
        using var owned = teacher as IDisposable;
        RunCost cost = spec.IsQuantum ? earlier.Plus(Cost(exact)) : RunCost.None;
        TeacherFile.Save(file, teacher);
        AtomicOutput.WriteText(entry, JsonSerializer.Serialize(cost, Json));
        lock (fitting)
        {
            fitted++;
        }

        return cost;
    }

    private static ITeacherBackend Exact(RunSpec run) => TeacherBackend.Create("statevector", new TeacherBackendOptions { Seed = run.Seed, Threads = 1 });

    private static ITeacherBackend Backend(RunSpec run) => TeacherBackend.Create(run.Backend, new TeacherBackendOptions
    {
        Shots = run.Shots,
        Seed = run.Seed,
        Threads = 1,
        Noise = run.Noise.Length > 0 ? NoiseModel.Read(ConfigFile.Parse(run.Noise, "noise")) : null,
        MitigateReadout = run.MitigateReadout,
        ZeroNoise = run.ZeroNoise.Length > 0 ? ZeroNoise.Parse(run.ZeroNoise) : null,
    });

    private static RunCost Cost(ITeacherBackend? backend) =>
        backend is null ? RunCost.None : new RunCost(backend.Ledger.Circuits, backend.Ledger.Shots, backend.Ledger.Depth, backend.Ledger.TwoQubitGates);

    private sealed record Entry(string TeacherId, int Observables, int States, int Gradients, int Features, int[] FeatureShape, int Shots, RunLedger Ledger, RunScores Scores);
}
