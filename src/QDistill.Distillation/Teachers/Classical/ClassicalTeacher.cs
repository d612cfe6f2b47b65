using System.Globalization;
using System.Text;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Numerics;

namespace QDistill.Distillation.Teachers;

/// <summary>Teachers with one model for each output over all normalised features: logistic regression, boosted trees, random forest, and random Fourier features with a logistic head.</summary>
internal sealed class ClassicalTeacher : TeacherBase
{
    private readonly LogisticModel[] logistic;
    private readonly TreeModel[] trees;
    private readonly RandomFourierMap? map;

    private ClassicalTeacher(TeacherSpec spec, FittedHead head, LogisticModel[] logistic, TreeModel[] trees)
        : base(spec, head)
    {
        (this.logistic, this.trees) = (logistic, trees);
        map = spec.Kind == "random-features" ? new RandomFourierMap(spec, Width) : null;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> ObservableNames => map is null ? [] : [.. Enumerable.Range(0, Spec.Width).Select(i => $"cos_{i}")];

    /// <summary>The random features are its feature map.</summary>
    public override TeacherDetails Details => map is null ? TeacherDetails.None : TeacherDetails.Features;

    /// <inheritdoc/>
    public override IReadOnlyList<int> FeatureShape => map is null ? [] : [Spec.Width];

    /// <summary>Fits the teacher.</summary>
    public static ClassicalTeacher Fit(TeacherDataset training, IReadOnlyCollection<int> labelled, TeacherDataset validation, TeacherSpec spec)
    {
        var windows = new LabelledWindows(training, labelled, validation, spec);
        int k = windows.Outputs, d = windows.Width;
        var logistic = new List<LogisticModel>();
        var trees = new List<TreeModel>();
        RandomFourierMap? map = spec.Kind == "random-features" ? new RandomFourierMap(spec, d) : null;
        for (int j = 0; j < k; j++)
        {
            (int[] rows, bool[] hazard, double[] weight) = windows.Of(j);
            double[] x = LabelledWindows.Select(windows.Z, d, rows);
            var growth = new DecisionTree.Growth(spec.Depth, spec.LeafSize, spec.Kind == "random-forest" ? Math.Max(1, (int)Math.Sqrt(d)) : 0);
            ulong seed = spec.Seed + ((ulong)j << 48);
            switch (spec.Kind)
            {
                case "boosted-trees" when rows.Length > 0:
                    trees.Add(TreeModel.Boost(x, hazard, weight, spec.Trees, spec.LearningRate, growth, seed));
                    break;
                case "random-forest" when rows.Length > 0:
                    trees.Add(TreeModel.Bag(x, hazard, weight, spec.Trees, growth, seed));
                    break;
                case "boosted-trees" or "random-forest":
                    trees.Add(new TreeModel(false, 0, 1, []));
                    break;
                default:
                    double[] input = map?.Apply(x) ?? x;
                    logistic.Add(rows.Length == 0 ? LogisticModel.Constant([], map is null ? d : spec.Width) : LogisticModel.Fit(input, hazard, weight, spec.C));
                    break;
            }
        }

        var raw = new ClassicalTeacher(spec, new FittedHead(training.SchemaId, training.OutputNames, windows.Normalisation, Training.OutputCalibration.Identity(k)), [.. logistic], [.. trees]);
        double[] calibration = Calibrate(raw.Logits(LabelledWindows.Inputs(validation.Features, windows.Normalisation), out _), validation);
        return new ClassicalTeacher(spec, raw.Head with { Calibration = calibration }, raw.logistic, raw.trees);
    }

    internal static ClassicalTeacher Read(TeacherSpec spec, ConfigSection fitted)
    {
        FittedHead head = FittedHead.Read(fitted);
        int d = head.Normalisation.Mean.Length, width = spec.Kind == "random-features" ? spec.Width : d;
        IReadOnlyList<ConfigSection> models = fitted.Sections("models");
        if (models.Count != head.Outputs.Count)
        {
            throw fitted.Error("models", $"holds {models.Count} models for {head.Outputs.Count} outputs", TeacherText.Remedy);
        }

        return spec.Kind is "boosted-trees" or "random-forest"
            ? new ClassicalTeacher(spec, head, [], [.. models.Select(m => ReadTrees(m, d))])
            : new ClassicalTeacher(spec, head, [.. models.Select(m => ReadLogistic(m, width))], []);
    }

    /// <inheritdoc/>
    protected override string Numbers()
    {
        var text = new StringBuilder("  models:\n");
        foreach (LogisticModel m in logistic)
        {
            text.Append(CultureInfo.InvariantCulture, $"    - {{weight: {TeacherText.List(m.Weight)}, bias: {m.Bias:R}}}\n");
        }

        foreach (TreeModel m in trees)
        {
            text.Append(CultureInfo.InvariantCulture, $"    - forest: {(m.Forest ? "true" : "false")}\n      base: {m.Base:R}\n      rate: {m.Rate:R}\n      trees:{(m.Trees.Count == 0 ? " []" : string.Empty)}\n");
            foreach (DecisionTree t in m.Trees)
            {
                text.Append($"        - {{feature: {Whole(t.Feature)}, threshold: {TeacherText.List(t.Threshold)}, left: {Whole(t.Left)}, right: {Whole(t.Right)}, value: {TeacherText.List(t.Value)}}}\n");
            }
        }

        return text.ToString();

        static string Whole(int[] values) => $"[{string.Join(", ", values)}]";
    }

    /// <inheritdoc/>
    protected override TeacherAnswers Ask(ReadOnlySpan<float> features, int n, long firstWindow, TeacherDetails details, CancellationToken cancellation)
    {
        double[] logits = Logits(LabelledWindows.Inputs(features, Head.Normalisation), out double[] mapped);
        float[] observables = [.. mapped.Select(v => (float)v)];
        return new TeacherAnswers(n, OutputNames.Count, map is null ? 0 : Spec.Width, Probabilities(logits), observables, new float[observables.Length])
        {
            Features = details.HasFlag(TeacherDetails.Features) ? observables : [],
            FeatureShape = FeatureShape,
        };
    }

    private double[] Logits(double[] z, out double[] mapped)
    {
        mapped = map?.Apply(z) ?? [];
        double[] x = map is null ? z : mapped;
        int k = OutputNames.Count, width = map is null ? Width : Spec.Width, n = x.Length / width;
        double[] logits = new double[n * k];
        for (int i = 0; i < n; i++)
        {
            ReadOnlySpan<double> row = x.AsSpan(i * width, width);
            for (int j = 0; j < k; j++)
            {
                logits[(i * k) + j] = trees.Length > 0 ? trees[j].Logit1(row) : logistic[j].Logit1(row);
            }
        }

        return logits;
    }

    private static LogisticModel ReadLogistic(ConfigSection model, int width)
    {
        double[] weight = new double[width];
        TeacherText.Read(model, "weight", weight, "its inputs need");
        return new LogisticModel(weight, model.Double("bias"));
    }

    private static TreeModel ReadTrees(ConfigSection model, int d) =>
        new(model.Bool("forest"), model.Double("base"), model.Double("rate"), [.. model.Sections("trees").Select(t => ReadTree(t, d))]);

    // Children lie behind their parents, so that no damaged file can send a question round in circles.
    private static DecisionTree ReadTree(ConfigSection tree, int d)
    {
        int n = tree.Doubles("feature").Count;
        int[] feature = Whole("feature", -1, d - 1), left = Whole("left", 0, n - 1), right = Whole("right", 0, n - 1);
        double[] threshold = new double[n], value = new double[n];
        TeacherText.Read(tree, "threshold", threshold, "the tree has");
        TeacherText.Read(tree, "value", value, "the tree has");
        for (int i = 0; i < n; i++)
        {
            if (feature[i] >= 0 && (left[i] <= i || right[i] <= i))
            {
                throw tree.Error("left", $"the children of node {i} do not lie behind it", TeacherText.Remedy);
            }
        }

        return n > 0 ? new DecisionTree(feature, threshold, left, right, value) : throw tree.Error("feature", "is empty", TeacherText.Remedy);

        int[] Whole(string key, int least, int most)
        {
            double[] values = new double[n];
            TeacherText.Read(tree, key, values, "the tree has");
            return [.. values.Select(v => v >= least && v <= most && v == Math.Floor(v) ? (int)v : throw tree.Error(key, string.Create(CultureInfo.InvariantCulture, $"{v} is not a whole number from {least} to {most}"), TeacherText.Remedy))];
        }
    }
}

/// <summary>cos(ω·x + b) with ω from N(0, 2γ) and b uniform: the features of a Gaussian kernel exp(−γ|x − y|²) (Rahimi, Recht, NIPS 2007, algorithm 1), unscaled, so that each lies in [−1, 1].</summary>
internal sealed class RandomFourierMap
{
    private readonly double[] omega;
    private readonly double[] phase;
    private readonly int inputs;

    public RandomFourierMap(TeacherSpec spec, int inputs)
    {
        this.inputs = inputs;
        var rng = new Philox(spec.Seed, 0x5246_46); // "RFF"
        double spread = Math.Sqrt(2 * (spec.Gamma > 0 ? spec.Gamma : 1.0 / inputs));
        (omega, phase) = (new double[spec.Width * inputs], new double[spec.Width]);
        for (int i = 0; i < omega.Length; i++)
        {
            omega[i] = spread * rng.NextGaussian();
        }

        for (int i = 0; i < phase.Length; i++)
        {
            phase[i] = rng.NextDouble(0, 2 * Math.PI);
        }
    }

    /// <summary>Features [n, width] of samples [n, d].</summary>
    public double[] Apply(double[] x)
    {
        int n = x.Length / inputs, width = phase.Length;
        double[] features = new double[n * width];
        for (int i = 0; i < n; i++)
        {
            for (int f = 0; f < width; f++)
            {
                double sum = phase[f];
                for (int j = 0; j < inputs; j++)
                {
                    sum += omega[(f * inputs) + j] * x[(i * inputs) + j];
                }

                features[(i * width) + f] = Math.Cos(sum);
            }
        }

        return features;
    }
}
