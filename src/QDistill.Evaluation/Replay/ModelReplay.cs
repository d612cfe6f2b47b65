using System.Diagnostics;
using QDistill.Configuration;
using QDistill.Features;
using QDistill.Inference;
using QDistill.Numerics;

namespace QDistill.Evaluation.Replay;

/// <summary>Runs a model over recordings exactly as the onboard node would, window by window, as fast as it goes. Deterministic.</summary>
public static class ModelReplay
{
    /// <summary>The model's collision probability at every window; NaN where it gave none.</summary>
    /// <param name="recording">The recording.</param>
    /// <param name="model">The model; its schema must be the recording's.</param>
    /// <param name="latency">Receives the time of each prediction; null when it does not matter.</param>
    /// <exception cref="UserErrorException">The schemas differ; both are named.</exception>
    public static double[] Predict(FeatureWindows recording, RiskModel model, LatencyHistogram? latency = null)
    {
        RequireSchema(recording, model);
        int d = recording.FeatureCount;
        float[] row = new float[d];
        float[] violations = new float[model.ConstraintCount];
        double[] risk = new double[recording.Count];
        model.ResetHistory();
        for (int i = 0; i < risk.Length; i++)
        {
            recording.Row(i).CopyTo(row);
            for (int j = 0; j < d; j++)
            {
                if (!recording.IsValid(i, j))
                {
                    row[j] = float.NaN;
                }
            }

            long start = Stopwatch.GetTimestamp();
            InferenceStatus status = model.Predict(row, violations, out float collision, out _);
            latency?.Record((long)((Stopwatch.GetTimestamp() - start) * (1e9 / Stopwatch.Frequency)));
            risk[i] = status == InferenceStatus.Ok ? collision : double.NaN;
        }

        return risk;
    }

    /// <summary>Refuses a model that was made for other features.</summary>
    /// <exception cref="UserErrorException">Names both schemas.</exception>
    public static void RequireSchema(FeatureWindows recording, RiskModel model)
    {
        if (recording.Schema.Id != model.Contract.SchemaId)
        {
            throw new UserErrorException(
                $"the model {model.ModelId} was trained on feature schema {model.Contract.SchemaId}, but the robot '{recording.Robot.Name}' gives {recording.Schema.Id}",
                model.Path,
                "use the robot file the model was trained with, or distil a model for this robot");
        }
    }
}
