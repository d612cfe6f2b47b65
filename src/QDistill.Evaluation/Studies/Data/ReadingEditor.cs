using QDistill.Configuration;
using QDistill.Evaluation.Conditions;
using QDistill.Numerics;

namespace QDistill.Evaluation.Studies;

/// <summary>
/// What a condition does to the raw readings of a data set that is no bag, before features are formed of them. As with messages, a reading's draws follow from seed, recording, source and its number
/// alone, and a greater strength uses the same ones.
/// </summary>
internal sealed class ReadingEditor
{
    private readonly SensorDisturbance sensor;
    private readonly ulong seed;
    private readonly LossChannel[] losses;
    private readonly ulong[] taken;

    /// <summary>Prepares a recording.</summary>
    /// <param name="condition">What is disturbed.</param>
    /// <param name="sensor">The key of the data's sensor.</param>
    /// <param name="recording">The recording's name.</param>
    /// <param name="sources">How many such sensors there are.</param>
    public ReadingEditor(Condition condition, string sensor, string recording, int sources)
    {
        this.sensor = condition.Of(sensor)!;
        seed = condition.SeedOf(recording);
        losses = [.. Enumerable.Range(0, sources).Select(_ => new LossChannel(this.sensor))];
        taken = new ulong[sources];
    }

    /// <summary>Refuses what the data cannot show.</summary>
    /// <exception cref="UserErrorException">The condition disturbs another sensor, or delays this one.</exception>
    public static void Require(Condition condition, string dataset, string sensor)
    {
        if (condition.Sensors.FirstOrDefault(s => s != sensor) is { } stranger)
        {
            throw new UserErrorException($"the condition '{condition.Name}' disturbs '{stranger}', which the data set {dataset} does not have", null, $"disturb '{sensor}', or name the data it is for under data");
        }

        if (condition.Of(sensor)!.Values.Keys.FirstOrDefault(k => k is "latency" or "jitter") is { } delay)
        {
            throw new UserErrorException($"the condition '{condition.Name}' has a {delay}, but rows of the data set {dataset} have no time of receipt", null, "use noise, bias or dropout");
        }
    }

    /// <summary>A range [m]: scaled, biased and noisy within [0, reach]; NaN when it is lost. As this sensor says it, nothing within reach reads as the reach.</summary>
    /// <param name="source">Which sensor.</param>
    /// <param name="range">What it read.</param>
    /// <param name="reach">The sensor's own reach.</param>
    public float Range(int source, float range, float reach)
    {
        var rng = new Philox(seed, ConditionStream.Stream(source, taken[source]++));
        if (losses[source].IsLost(rng.NextDouble()))
        {
            return float.NaN;
        }

        double most = sensor["range_max"] > 0 ? Math.Min(reach, sensor["range_max"]) : reach;
        return (float)Math.Clamp((range * (1 + sensor["scale"])) + sensor["bias"] + (sensor["noise"] * rng.NextGaussian()), 0, most);
    }

    /// <summary>A reading of forces and torques [fx, fy, fz, tx, ty, tz]; null when it is lost.</summary>
    public float[]? Force(float[] reading)
    {
        var rng = new Philox(seed, ConditionStream.Stream(0, taken[0]++));
        if (losses[0].IsLost(rng.NextDouble()))
        {
            return null;
        }

        float[] changed = new float[reading.Length];
        for (int i = 0; i < changed.Length; i++)
        {
            string what = i < 3 ? "force" : "torque";
            changed[i] = (float)(reading[i] + sensor[$"{what}_bias"] + (sensor[$"{what}_noise"] * rng.NextGaussian()));
        }

        return changed;
    }
}
