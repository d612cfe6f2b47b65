namespace QDistill.Onboard.Tests;

/// <summary>A model whose answer is known in closed form: collision = first feature, violation i = second feature / (i + 1).</summary>
internal sealed class FakeModel : IRiskModel
{
    public const string Schema = "1111111111111111111111111111111111111111111111111111111111111111";

    public FakeModel(string id = "fake", string schema = Schema, int constraints = 2) => Info = new RiskModelInfo
    {
        ModelId = id,
        SchemaId = schema,
        FeatureNames = ["lidar.clearance", "lidar.ttc", "motion.speed", "motion.yaw_rate"],
        Horizon = 2,
        Constraints = [.. Enumerable.Range(0, constraints).Select(i => new PredictedConstraint($"c{i}", i == 0 ? "motion.speed" : "motion.yaw_rate", i + 0.5f, "m/s", 0.5f))],
        Threshold = 0.5f,
        Low = [0, 0, -1, -1],
        High = [1, 1, 1, 1],
        EnergyRange = (-4, -2),
    };

    public RiskModelInfo Info { get; }

    public float[] Seen { get; } = new float[4];

    public bool Fails { get; set; }

    public float Energy { get; set; } = -3;

    public bool IsDisposed { get; private set; }

    /// <summary>How often it was run between predictions.</summary>
    public int Warmed => Volatile.Read(ref warmed);

    private int warmed;

    public bool Predict(ReadOnlySpan<float> features, Span<float> violation, out float collision, out float uncertainty)
    {
        features.CopyTo(Seen);
        (collision, uncertainty) = (features[0], 0.25f);
        for (int i = 0; i < violation.Length; i++)
        {
            violation[i] = features[1] / (i + 1);
        }

        return !Fails;
    }

    public void KeepWarm() => Interlocked.Increment(ref warmed);

    public void Dispose() => IsDisposed = true;
}
