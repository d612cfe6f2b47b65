using System.Globalization;
using QDistill.Bags;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Features;
using QDistill.Inference;
using QDistill.Metrics;
using QDistill.Onboard;

namespace QDistill.Benchmarks;

/// <summary>
/// <c>qdistill-bench onboard-energy MODEL ROBOT:FOLDER ROBOT:FOLDER...</c>: whether a model notices recordings of another robot. The first folder of bags is familiar, each of the others foreign;
/// features are matched by name, and what a robot lacks is missing. Prints, for each, the AUROC of the energy score (its distance from the familiar median) and the share of windows that the node
/// would flag by energy at several margins, and by the training ranges.
/// </summary>
internal static class OnboardEnergy
{
    private static readonly double[] Margins = [0, 0.1, 0.5, 1];

    public static int Run(string[] args)
    {
        if (args.Length < 3)
        {
            Console.Error.WriteLine("usage: qdistill-bench onboard-energy MODEL FAMILIAR_ROBOT:FOLDER FOREIGN_ROBOT:FOLDER...");
            return 2;
        }

        try
        {
            Report(args[0], args[1..]);
            return 0;
        }
        catch (UserErrorException e)
        {
            Console.Error.WriteLine("qdistill-bench: " + e.Message);
            return 1;
        }
    }

    private static void Report(string path, string[] sources)
    {
        using RiskModel model = RiskModel.Load(path);
        if (!model.HasEnergy || model.Contract.EnergyRange is not { } known)
        {
            throw new UserErrorException("gives no energy score", path, "export it again");
        }

        using IRiskModel flown = OnnxRiskModel.Load(path);
        var range = new TrainingRange(flown.Info, new RiskOptions().RangeMargin);
        Scores[] all = [.. sources.Select(a => Ask(model, range, a))];
        double median = BenchReport.Quantile(all[0].Energy, 0.5);
        double[] Distance(Scores s) => [.. s.Energy.Select(e => Math.Abs(e - median))];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"energy range of the model: {known.Low:F3} to {known.High:F3}; familiar median {median:F3}"));
        Console.WriteLine("| recordings | windows | energy p1, p50, p99 | AUROC | FPR at 95 % TPR | " + string.Join(" | ", Margins.Select(m => string.Create(CultureInfo.InvariantCulture, $"flagged, margin {m}"))) + " | outside training ranges |");
        Console.WriteLine("|---|---|---|---|---|" + string.Concat(Margins.Select(_ => "---|")) + "---|");
        foreach (Scores s in all)
        {
            OutOfDistribution? ood = s == all[0] ? null : OutOfDistribution.Compute(Distance(all[0]), Distance(s));
            string flagged = string.Join(" | ", Margins.Select(m =>
            {
                double widen = m * (known.High - known.Low);
                return Share(s.Energy, e => e < known.Low - widen || e > known.High + widen);
            }));
            string quantiles = string.Join(", ", new[] { 0.01, 0.5, 0.99 }.Select(q => BenchReport.Quantile(s.Energy, q).ToString("F2", CultureInfo.InvariantCulture)));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"| {s.Name} | {s.Energy.Length} | {quantiles} | {ood?.Auroc:F3} | {ood?.FprAt95Tpr:F3} | {flagged} | {Share(s.Outside, n => n > new RiskOptions().RangeAllowance)} |"));
        }
    }

    private static string Share<T>(T[] values, Func<T, bool> holds) => string.Create(CultureInfo.InvariantCulture, $"{100.0 * values.Count(holds) / values.Length:F1} %");

    private static Scores Ask(RiskModel model, TrainingRange range, string source)
    {
        int colon = source.IndexOf(':', StringComparison.Ordinal);
        RobotConfig robot = RobotConfig.Load(RobotFile.Find(source[..colon], "the robot"));
        var energy = new List<double>();
        var outside = new List<int>();
        float[] input = new float[model.FeatureCount], violation = new float[model.ConstraintCount];
        foreach (string path in BagPaths.Expand([source[(colon + 1)..]]))
        {
            TeacherDataset data = Read(path, robot, out IReadOnlyList<string> names);
            int[] from = [.. model.Contract.FeatureNames.Select(n => names.ToList().IndexOf(n))];
            model.ResetHistory();
            for (int i = 0; i < data.Count; i++)
            {
                for (int j = 0; j < input.Length; j++)
                {
                    input[j] = from[j] < 0 ? float.NaN : data.Features[(i * data.FeatureCount) + from[j]];
                }

                if (model.Predict(input, violation, out _, out _) == InferenceStatus.Ok)
                {
                    energy.Add(model.Energy);
                    outside.Add(range.CountOutside(input, out _));
                }
            }
        }

        return new Scores(source, [.. energy], [.. outside]);
    }

    private static TeacherDataset Read(string path, RobotConfig robot, out IReadOnlyList<string> names)
    {
        FeatureWindows windows = FeatureWindows.FromBag(path, robot);
        names = windows.Schema.Names;
        return WindowTable.From(windows);
    }

    private sealed record Scores(string Name, double[] Energy, int[] Outside);
}
