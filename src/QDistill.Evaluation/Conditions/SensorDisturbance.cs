namespace QDistill.Evaluation.Conditions;

/// <summary>The settings of one sensor; what is not named is 0.</summary>
internal sealed class SensorDisturbance(IReadOnlyDictionary<string, double> values)
{
    /// <summary>Settings by key, those that are 0 left out.</summary>
    public IReadOnlyDictionary<string, double> Values => values;

    /// <summary>The setting of a key; 0 when it is not named.</summary>
    public double this[string key] => values.GetValueOrDefault(key);

    /// <summary>Whether messages themselves are changed, not only lost or delayed.</summary>
    public bool ChangesContent => values.Keys.Any(k => k is not ("dropout" or "dropout_length" or "latency" or "jitter"));
}
