using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Training;
using QDistill.Features;
using QDistill.Metrics;

namespace QDistill.Evaluation.Studies;

/// <summary>Does one run: labels, student, verdict. What comes out depends on the run's specification alone.</summary>
internal sealed class RunExecutor(IReadOnlyDictionary<string, StudyData> dataByHash, TeacherCache teachers)
{
    private static readonly IReadOnlyDictionary<string, string> Versions = new Dictionary<string, string>
    {
        ["qdistill"] = typeof(RunExecutor).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0",
        ["code"] = CodeVersion.Current,
        ["dotnet"] = Environment.Version.ToString(),
        ["os"] = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}",
    };

    /// <summary>Runs; a user's error becomes a record that says so.</summary>
    public RunRecord Run(RunSpec run, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            StudyData data = dataByHash[run.Data];
            return run.Predictor == "ttc_rule" ? Rule(run, data, start) : Student(run, data, start, cancellation);
        }
        catch (UserErrorException e) when (e.InnerException is not IOException)
        {
            return new RunRecord { Id = run.Id, Config = run, Error = e.Message, Timings = Timings(start), Versions = Versions };
        }
    }

    private static RunRecord Rule(RunSpec run, StudyData data, long start) => new()
    {
        Id = run.Id,
        Config = run,
        Scores = RunJudge.Judge(data, data.TtcRule!, RuleThreshold(data)),
        Timings = Timings(start),
        Versions = Versions,
    };

    private RunRecord Student(RunSpec run, StudyData data, long start, CancellationToken cancellation)
    {
        TeacherLabels? labels = run.Teacher.Length > 0 ? teachers.Get(run, data, cancellation) : null;
        double labelled = Stopwatch.GetElapsedTime(start).TotalSeconds;

        TeacherDataset training = labels is null ? data.Training : data.Training.WithTeacher(labels.Answers);
        Recipe recipe = Recipe.Read(ConfigFile.Parse(run.Recipe, "recipe"));
        int[] few = LabelBudget.Choose(data.Training, run.Labels, run.Seed);
        using DistilledStudent student = DistilledStudent.Distill(training, data.Validation, recipe, few, null, cancellation);
        double trained = Stopwatch.GetElapsedTime(start).TotalSeconds;

        double[] collision = RunJudge.Collision(student.Probabilities(data.TestTable), data.TestTable.OutputCount);
        RunScores scores = RunJudge.Judge(data, collision, student.Thresholds[0]);
        double judged = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new RunRecord
        {
            Id = run.Id,
            Config = run,
            Ledger = labels?.Ledger ?? new RunLedger(RunCost.None, RunCost.None),
            Scores = scores,
            TeacherScores = labels?.Scores,
            TeacherId = labels?.TeacherId ?? string.Empty,
            Parameters = student.Student.Network.ParameterCount,
            BestEpoch = student.Student.BestEpoch,
            Timings = Timings(start, ("labels", labelled), ("train", trained - labelled), ("judge", judged - trained)),
            Versions = Versions,
        };
    }

    // The rule's threshold is chosen on the validation recordings, as the students' are.
    private static double RuleThreshold(StudyData data)
    {
        var p = new List<double>();
        var y = new List<bool>();
        var rule = Replay.CalibratedTtcRule.Fit(data.ValidationRecordings);
        foreach (FeatureWindows w in data.ValidationRecordings)
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

    private static Dictionary<string, double> Timings(long start, params (string Stage, double Seconds)[] stages)
    {
        var timings = new Dictionary<string, double> { ["total"] = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 3) };
        foreach ((string stage, double seconds) in stages)
        {
            timings[stage] = Math.Round(seconds, 3);
        }

        return timings;
    }
}
