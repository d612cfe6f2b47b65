using QDistill.Evaluation.Reports;

namespace QDistill.Cli.Demo;

/// <summary>The metrics of one predictor in <c>summary.json</c>.</summary>
internal sealed record DemoScore(double? Auroc, double? Auprc, double? Brier, double? Nll, double? Ece)
{
    public static DemoScore Of(PredictorResult r) => new(r.Metrics.Auroc, r.Metrics.Auprc, r.Metrics.Brier, r.Metrics.Nll, r.Metrics.Ece);
}

/// <summary>What the live run saw. Latencies run from the features' being sent to the prediction's being sent, over DDS between two processes.</summary>
internal sealed record DemoLive(long Predictions, double P50Us, double P99Us, double SecondsLive, IReadOnlyDictionary<string, long> Status);

/// <summary>The circuits and shots of everything the teacher was asked, fitting included.</summary>
internal sealed record DemoLedger(long Circuits, long Shots, int Depth, long TwoQubitGates, double Seconds);

/// <summary><c>summary.json</c>.</summary>
internal sealed record DemoSummary
{
    public required int Windows { get; init; }

    public required int TestWindows { get; init; }

    public required int TestHazards { get; init; }

    public required int LabelledWindows { get; init; }

    public required string Data { get; init; }

    public required DemoLedger Ledger { get; init; }

    public required DemoScore Teacher { get; init; }

    public required DemoScore Student { get; init; }

    public required DemoScore NoTeacher { get; init; }

    public required DemoScore ClassicalTeacher { get; init; }

    public required DemoScore ClassicalTeacherItself { get; init; }

    public required DemoScore TtcRule { get; init; }

    public required string ModelId { get; init; }

    public required DemoLive Live { get; init; }

    public required IReadOnlyDictionary<string, double> Seconds { get; init; }

    public required ulong Seed { get; init; }
}
