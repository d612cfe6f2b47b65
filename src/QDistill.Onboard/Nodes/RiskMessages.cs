using QDistill.Msgs.BuiltinInterfaces;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Numerics;

namespace QDistill.Onboard;

/// <summary>The messages of one prediction, filled anew each time; nothing is allocated while the model stays the same.</summary>
internal sealed class RiskMessages
{
    public CollisionRisk Risk { get; } = new();

    public ConstraintViolations Violations { get; } = new();

    public InferenceLatency Latency { get; } = new();

    /// <summary>Writes the predictor's last prediction of a collision.</summary>
    public void FillRisk(RiskPredictor predictor, string frameId)
    {
        RiskModelInfo? model = predictor.Model?.Info;
        Risk.Header.Stamp.SetNanoseconds(predictor.Stamp);
        Risk.Header.FrameId = frameId;
        Risk.Sequence = predictor.Sequence;
        Risk.Status = (byte)predictor.Status;
        Risk.Probability = predictor.Probability;
        Risk.Horizon = model?.Horizon ?? 0;
        Risk.Uncertainty = predictor.Uncertainty;
        Risk.Alarm = predictor.Alarm;
        Risk.ModelId = model?.ModelId ?? string.Empty;
    }

    /// <summary>Writes the predictor's last predictions of violated constraints.</summary>
    public void FillViolations(RiskPredictor predictor, string frameId)
    {
        RiskModelInfo? model = predictor.Model?.Info;
        Violations.Header.Stamp.SetNanoseconds(predictor.Stamp);
        Violations.Header.FrameId = frameId;
        Violations.Sequence = predictor.Sequence;
        Violations.Status = (byte)predictor.Status;
        Violations.Horizon = model?.Horizon ?? 0;
        Violations.ModelId = model?.ModelId ?? string.Empty;
        int count = predictor.Violations.Length;
        Violations.Violations.Resize(count);
        for (int i = 0; i < count; i++)
        {
            PredictedConstraint constraint = model!.Constraints[i];
            ConstraintViolation v = Violations.Violations[i];
            v.Constraint = constraint.Name;
            v.Probability = predictor.Violations[i];
            v.Limit = constraint.Limit;
            v.Current = predictor.Current[i];
            v.Unit = constraint.Unit;
            v.Alarm = predictor.IsViolationAlarmOn(i);
        }
    }

    /// <summary>Writes where the time of a prediction went.</summary>
    public void FillLatency(long stamp, string frameId, ulong sequence, LatencyMonitor monitor)
    {
        Latency.Header.Stamp.SetNanoseconds(stamp);
        Latency.Header.FrameId = frameId;
        Latency.Sequence = sequence;
        StageTimes stages = monitor.Last;
        Set(Latency.SensorToReceive, stages.SensorToReceive);
        Set(Latency.Fusion, stages.Fusion);
        Set(Latency.Queue, stages.Queue);
        Set(Latency.Inference, stages.Inference);
        Set(Latency.Publish, stages.Publish);
        Set(Latency.Total, stages.Total);
        LatencySummary w = monitor.Window;
        LatencyWindow window = Latency.Window;
        Set(window.Span, w.Span);
        window.Count = (uint)w.Count;
        Set(window.P50, w.P50);
        Set(window.P95, w.P95);
        Set(window.P99, w.P99);
        Set(window.Max, w.Max);
        Set(window.Jitter, (long)w.Jitter);
        window.Rate = (float)w.Rate;
        window.DeadlineMisses = (uint)w.DeadlineMisses;
    }

    // A sensor stamp may be absurd, and a duration message ends at 68 years.
    private static void Set(Duration duration, long nanoseconds) =>
        duration.SetNanoseconds(Math.Clamp(nanoseconds, -int.MaxValue * 1_000_000_000L, int.MaxValue * 1_000_000_000L));
}
