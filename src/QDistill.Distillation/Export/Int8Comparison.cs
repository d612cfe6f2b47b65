using System.Globalization;
using QDistill.Distillation.Data;
using QDistill.Distillation.Teachers;
using QDistill.Inference;

namespace QDistill.Distillation.Export;

/// <summary>What rounding to 8 bits cost: both forms of a model asked the same windows through ONNX Runtime.</summary>
internal static class Int8Comparison
{
    private const int MostWindows = 2000;

    /// <summary>Lines for the model card: sizes of both files, and how far probabilities moved.</summary>
    /// <param name="quantised">The 8-bit model's file.</param>
    /// <param name="exact">The same student in 32-bit floats.</param>
    /// <param name="contract">The contract of both.</param>
    /// <param name="data">Windows to ask.</param>
    public static IReadOnlyDictionary<string, string> Facts(string quantised, StudentGraph exact, ModelContract contract, TeacherDataset data)
    {
        string folder = Directory.CreateTempSubdirectory("qdistill-int8-").FullName;
        try
        {
            string plain = Path.Combine(folder, RiskModel.FileName);
            OnnxExporter.Export(exact, contract, plain);
            using RiskModel a = RiskModel.Load(plain), b = RiskModel.Load(quantised);
            int n = Math.Min(data.Count, MostWindows), k = data.OutputCount;
            float[] pa = Collision(a, data, n), pb = Collision(b, data, n);
            double largest = 0, mean = 0;
            for (int i = 0; i < n; i++)
            {
                double change = Math.Abs(pa[i] - pb[i]);
                largest = Math.Max(largest, change);
                mean += change / n;
            }

            TeacherDataset asked = data.Select([.. Enumerable.Range(0, n)]);
            string Auroc(float[] p)
            {
                float[] logits = new float[n * k];
                for (int i = 0; i < n; i++)
                {
                    logits[i * k] = (float)Metrics.Logit.Of(p[i]);
                }

                return TeacherScore.Of("auroc", logits, asked).ToString("F4", CultureInfo.InvariantCulture);
            }

            return new Dictionary<string, string>
            {
                ["float32_bytes"] = new FileInfo(plain).Length.ToString(CultureInfo.InvariantCulture),
                ["int8_bytes"] = new FileInfo(quantised).Length.ToString(CultureInfo.InvariantCulture),
                ["int8_largest_change_of_probability"] = largest.ToString("F4", CultureInfo.InvariantCulture),
                ["int8_mean_change_of_probability"] = mean.ToString("F5", CultureInfo.InvariantCulture),
                ["float32_training_auroc"] = Auroc(pa),
                ["int8_training_auroc"] = Auroc(pb),
            };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static float[] Collision(RiskModel model, TeacherDataset data, int n)
    {
        float[] p = new float[n], violations = new float[model.ConstraintCount];
        for (int i = 0; i < n; i++)
        {
            if (i == 0 || data.BagOf[i] != data.BagOf[i - 1])
            {
                model.ResetHistory();
            }

            model.Predict(data.Features.AsSpan(i * data.FeatureCount, data.FeatureCount), violations, out p[i], out _);
        }

        return p;
    }
}
