using System.Globalization;
using QDistill.Configuration;
using QDistill.Metrics;
using QDistill.Quantum;

namespace QDistill.Distillation.Teachers;

/// <summary>One output's classifier on kernel values to the labelled windows: a linear one (svm, logistic) or a Gaussian process.</summary>
/// <param name="Coefficients">Of each labelled window; empty for a Gaussian process.</param>
/// <param name="Bias">The constant.</param>
/// <param name="Process">The Gaussian process, or null.</param>
/// <param name="Rows">The labelled windows that it was fitted on, those of the rarer class several times where classes are balanced.</param>
/// <param name="Hazard">Their classes.</param>
internal sealed record KernelModel(double[] Coefficients, double Bias, GaussianProcessClassifier? Process, int[] Rows, bool[] Hazard)
{
    /// <summary>Fits to the rows of a Gram matrix [n, n]; weights become repetitions of a row.</summary>
    public static KernelModel Fit(TeacherSpec spec, double[] gram, int n, int[] rows, bool[] hazard, double[] weight)
    {
        if (rows.Length == 0 || hazard.All(h => h == hazard[0]))
        {
            return new KernelModel(new double[n], LogisticModel.Constant(hazard, 0).Bias, null, [], []);
        }

        double least = weight.Min();
        int[] repeated = [.. rows.SelectMany((r, i) => Enumerable.Repeat(i, (int)Math.Max(1, Math.Round(weight[i] / least))))];
        int[] at = [.. repeated.Select(i => rows[i])];
        bool[] y = [.. repeated.Select(i => hazard[i])];
        double[] part = Part(gram, n, at);
        if (spec is { Kind: "quantum-kernel", Classifier: "gp" })
        {
            return new KernelModel([], 0, GaussianProcessClassifier.Fit(part, y, spec.C), at, y);
        }

        double[] coefficients = new double[n];
        IReadOnlyList<double> fitted;
        double bias;
        if (spec is { Kind: "quantum-kernel", Classifier: "logistic" })
        {
            KernelLogistic model = KernelLogistic.Fit(part, y, 1 / spec.C);
            (fitted, bias) = (model.Coefficients, model.Bias);
        }
        else
        {
            KernelSvm model = KernelSvm.Fit(part, y, spec.C);
            (fitted, bias) = (model.Coefficients, model.Bias);
        }

        for (int i = 0; i < at.Length; i++)
        {
            coefficients[at[i]] += fitted[i];
        }

        return new KernelModel(coefficients, bias, null, [], []);
    }

    /// <summary>Logits (an svm's decision values) of kernel values [m, n].</summary>
    public double[] Logits(double[] cross, int count)
    {
        int n = count == 0 ? 0 : cross.Length / count;
        double[] logits = new double[count];
        if (Process is null)
        {
            for (int i = 0; i < count; i++)
            {
                logits[i] = Bias;
                for (int j = 0; j < n; j++)
                {
                    logits[i] += Coefficients[j] * cross[(i * n) + j];
                }
            }

            return logits;
        }

        double[] part = new double[count * Rows.Length];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < Rows.Length; j++)
            {
                part[(i * Rows.Length) + j] = cross[(i * n) + Rows[j]];
            }
        }

        return [.. Process.Predict(part, count).Select(p => Logit.Of(Math.Clamp(p, 1e-9, 1 - 1e-9)))];
    }

    /// <summary>One entry of the list of models.</summary>
    public string ToYaml() => Process is null
        ? string.Create(CultureInfo.InvariantCulture, $"    - {{coefficients: {TeacherText.List(Coefficients)}, bias: {Bias:R}}}\n")
        : $"    - {{rows: [{string.Join(", ", Rows)}], hazard: [{string.Join(", ", Hazard.Select(h => h ? 1 : 0))}], latent: {TeacherText.List(Process.Latent)}}}\n";

    /// <summary>Reads an entry.</summary>
    public static KernelModel Read(TeacherSpec spec, ConfigSection model, double[] gram, int n)
    {
        if (!model.Has("latent"))
        {
            double[] coefficients = new double[n];
            TeacherText.Read(model, "coefficients", coefficients, "its samples need");
            return new KernelModel(coefficients, model.Double("bias"), null, [], []);
        }

        int[] rows = TeacherText.ReadIndices(model, "rows", n);
        double[] classes = new double[rows.Length], latent = new double[rows.Length];
        TeacherText.Read(model, "hazard", classes, "its rows need");
        TeacherText.Read(model, "latent", latent, "its rows need");
        bool[] hazard = [.. classes.Select(c => c > 0.5)];
        return new KernelModel([], 0, GaussianProcessClassifier.FromLatent(Part(gram, n, rows), hazard, latent, spec.C), rows, hazard);
    }

    private static double[] Part(double[] gram, int n, int[] at)
    {
        double[] part = new double[at.Length * at.Length];
        for (int i = 0; i < at.Length; i++)
        {
            for (int j = 0; j < at.Length; j++)
            {
                part[(i * at.Length) + j] = gram[(at[i] * n) + at[j]];
            }
        }

        return part;
    }
}
