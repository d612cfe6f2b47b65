using System.Globalization;
using System.Security.Cryptography;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Evaluation.Conditions;
using QDistill.Evaluation.Replay;
using QDistill.Features;
using QDistill.Metrics;

namespace QDistill.Evaluation.Studies;

/// <summary>One split of a study's recordings as tables, with the hash by which runs refer to it, and everything that its students are judged on.</summary>
internal sealed class StudyData
{
    public required string Name { get; init; }

    /// <summary>The fold, from 1; 0 when the recordings are split once and for all.</summary>
    public int Fold { get; init; }

    /// <summary>How many folds the data have; 0 when they have none.</summary>
    public int Folds { get; init; }

    /// <summary>SHA-256 over training, validation and the test as recorded: features, truth, times, hazards and the rule's scores.</summary>
    public required string Hash { get; init; }

    public required TeacherDataset Training { get; init; }

    public required TeacherDataset Validation { get; init; }

    /// <summary>What students are judged on; the first is as recorded.</summary>
    public required IReadOnlyList<TestSet> Tests { get; init; }

    /// <summary>The alarm threshold of the rule, chosen on the validation recordings as the students' are.</summary>
    public required double TtcThreshold { get; init; }

    public string Describe { get; init; } = string.Empty;

    /// <summary>The test of that hash; the one as recorded for an empty hash.</summary>
    public TestSet Test(string hash) => hash.Length == 0 ? Tests[0] : Tests.First(t => t.Hash == hash);

    /// <summary>Windows of known truth among the training ones.</summary>
    public int KnownTraining => Enumerable.Range(0, Training.Count).Count(i => Training.Truth[i * Training.OutputCount] != Truth.Unknown);

    /// <summary>Reads the recordings of a study: one split each, or one for each fold.</summary>
    /// <exception cref="UserErrorException">A recording cannot be read, or the folds cannot be made.</exception>
    public static IReadOnlyList<StudyData> LoadAll(StudySpec study, string cache, int jobs, IProgress<double>? progress, CancellationToken cancellation)
    {
        var pool = new RecordingPool(cache, cancellation);
        pool.Prepare([.. study.Data.SelectMany(d => Keys(d, study)).Distinct()], jobs, progress);
        return [.. study.Data.SelectMany(d => Load(d, study, pool))];
    }

    private static IEnumerable<RecordingKey> Keys(DataSpec d, StudySpec study)
    {
        if (d.Dataset.Length > 0)
        {
            yield break;
        }

        string[] tests = [.. d.Test, .. d.Recordings];
        foreach (string name in d.Training.Concat(d.Validation).Concat(tests))
        {
            yield return new RecordingKey(name, d.Robot, d.Seconds, d.Condition);
        }

        foreach (Condition c in study.ConditionsOf(d))
        {
            foreach (string name in tests)
            {
                yield return new RecordingKey(name, d.Robot, d.Seconds, c);
            }
        }

        foreach (ShiftSpec s in d.Shifts)
        {
            foreach (string name in s.Recordings)
            {
                yield return new RecordingKey(name, s.Robot, s.Seconds, null);
            }
        }
    }

    private static IEnumerable<StudyData> Load(DataSpec d, StudySpec study, RecordingPool pool)
    {
        IReadOnlyList<StudyRecording> Get(IEnumerable<string> names, Condition? condition) => [.. names.Select(n => pool.Get(new RecordingKey(n, d.Robot, d.Seconds, condition)))];
        IReadOnlyList<StudyRecording> training = Get(d.Training, d.Condition);
        (string, IReadOnlyList<StudyRecording>)[] shifts = [.. d.Shifts.Select(s => (s.Name, (IReadOnlyList<StudyRecording>)[.. s.Recordings.Select(n => pool.Get(new RecordingKey(n, s.Robot, s.Seconds, null)))]))];
        if (d.Folds == 0)
        {
            yield return Create(d, 0, training, Get(d.Validation, d.Condition), Get(d.Test, d.Condition), c => Get(d.Test, c), study.ConditionsOf(d), shifts);
            yield break;
        }

        IReadOnlyList<StudyRecording> all = d.Dataset.Length > 0 ? DatasetFiles.Read(d.Dataset, d.Path) : Get(d.Recordings, d.Condition);
        if (all.Count < d.Folds)
        {
            throw new UserErrorException($"has {all.Count} recordings, too few for {d.Folds} folds", d.Name, "name more recordings or fewer folds");
        }

        int[] part = RecordingFolds.Assign([.. all.Select(r => r.Hazards)], [.. all.Select(r => r.Table.Count)], d.Folds);
        for (int fold = 0; fold < d.Folds; fold++)
        {
            int f = fold;
            int[] Of(string use) => [.. Enumerable.Range(0, all.Count).Where(r => RecordingFolds.Use(part[r], f, d.Folds) == use)];
            IReadOnlyList<StudyRecording> Pick(string use) => [.. Of(use).Select(r => all[r])];
            yield return Create(
                d, fold + 1, [.. training, .. Pick("training")], Pick("validation"), Pick("test"), Under, study.ConditionsOf(d), shifts);

            IReadOnlyList<StudyRecording> Under(Condition c)
            {
                IReadOnlyList<StudyRecording>? disturbed = d.Dataset.Length > 0 ? DatasetFiles.Read(d.Dataset, d.Path, c) : null;
                return disturbed is null ? Get(Of("test").Select(r => d.Recordings[r]), c) : [.. Of("test").Select(r => disturbed[r])];
            }
        }
    }

    private static StudyData Create(
        DataSpec d,
        int fold,
        IReadOnlyList<StudyRecording> training,
        IReadOnlyList<StudyRecording> validation,
        IReadOnlyList<StudyRecording> test,
        Func<Condition, IReadOnlyList<StudyRecording>> under,
        IEnumerable<Condition> conditions,
        IEnumerable<(string Name, IReadOnlyList<StudyRecording> Recordings)> shifts)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string part, IReadOnlyList<StudyRecording> recordings) in new[] { ("0", training), ("1", validation), ("2", test) })
        {
            foreach (StudyRecording r in recordings)
            {
                r.AddTo(sha, part);
            }
        }

        FeatureWindows[] judged = [.. validation.Select(r => r.Windows).OfType<FeatureWindows>()];
        bool hasRule = judged.Length == validation.Count && judged.All(w => w.TtcScore.Length == w.Count);
        CalibratedTtcRule? rule = hasRule ? CalibratedTtcRule.Fit(judged) : null;
        var data = new StudyData
        {
            Name = d.Name,
            Fold = fold,
            Folds = d.Folds,
            Hash = Convert.ToHexStringLower(sha.GetHashAndReset()),
            Training = Table(training),
            Validation = Table(validation),
            Tests =
            [
                TestSet.AsRecorded(test, rule),
                .. conditions.Select(c => TestSet.Under(c, under(c), rule)),
                .. shifts.Select(s => TestSet.Shifted(s.Name, s.Recordings, rule)),
            ],
            TtcThreshold = rule is null ? 0.5 : Threshold(rule, judged),
            Describe = $"{Part("training", training)}; {Part("validation", validation)}; {Part("test", test)}",
        };
        foreach (TestSet t in data.Tests)
        {
            if (t.Table.SchemaId != data.Training.SchemaId)
            {
                throw new UserErrorException(
                    $"the shift '{t.Name}' has feature schema {t.Table.SchemaId}, but the training recordings have {data.Training.SchemaId}", d.Name, "a shift needs a robot file with the same features");
            }
        }

        return data;
    }

    private static double Threshold(CalibratedTtcRule rule, IReadOnlyList<FeatureWindows> validation)
    {
        var p = new List<double>();
        var y = new List<bool>();
        foreach (FeatureWindows w in validation)
        {
            double[] risk = rule.Predict(w);
            for (int i = 0; i < w.Count; i++)
            {
                if (w.Collision[i] != Truth.Unknown && !double.IsNaN(risk[i]))
                {
                    p.Add(risk[i]);
                    y.Add(w.Collision[i] == Truth.Hazard);
                }
            }
        }

        return y.Contains(true) && y.Contains(false) ? Math.Clamp(ThresholdChoice.BestF1([.. p], [.. y]).Threshold, 0.01, 0.99) : 0.5;
    }

    private static string Part(string name, IReadOnlyList<StudyRecording> part) => string.Create(
        CultureInfo.InvariantCulture, $"{name} {part.Count} recordings ({part.Sum(r => r.Table.Count):N0} windows, {part.Sum(r => r.Hazards):N0} before a hazard, {part.Sum(r => r.Events.Length)} hazards)");

    private static TeacherDataset Table(IReadOnlyList<StudyRecording> recordings) => TeacherDataset.Concat([.. recordings.Select(r => r.Table)]);
}
