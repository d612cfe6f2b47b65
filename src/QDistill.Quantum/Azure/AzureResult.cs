using System.Text.Json.Nodes;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>Reads the histograms of both result formats.</summary>
internal static class AzureResult
{
    /// <summary>Outcomes as bits in the order of the program's results, with their counts; shots that failed or lost a qubit are left out.</summary>
    public static IEnumerable<(int[] Bits, double Count)> Read(JsonNode result, int shots)
    {
        if ((result as JsonObject)?["Results"] is JsonArray results)
        {
            // Version 2: counts.
            foreach (JsonNode? entry in results.SelectMany(r => r is JsonObject o && o["Histogram"] is JsonArray h ? h : throw new UserErrorException("the job's result has no histogram")))
            {
                if (entry is JsonObject o && o["Outcome"] is JsonArray bits && Bits(bits.Select(b => b?.ToString())) is { } known)
                {
                    yield return (known, o["Count"] is JsonValue v && v.TryGetValue(out double count) ? count : throw new UserErrorException("the job's result has an outcome without a count"));
                }
            }

            yield break;
        }

        // Version 1: display and probability in turn.
        JsonArray flat = (result as JsonObject)?["Histogram"] as JsonArray ?? throw new UserErrorException("the job's result has no histogram");
        for (int i = 0; i + 1 < flat.Count; i += 2)
        {
            if (flat[i]?.ToString() is { } display && Bits(display.Trim('[', ']', '(', ')').Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)) is { } known)
            {
                yield return (known, flat[i + 1] is JsonValue v && v.TryGetValue(out double share) ? Math.Round(share * shots) : throw new UserErrorException($"the job's result has no number for the outcome {display}"));
            }
        }
    }

    private static int[]? Bits(IEnumerable<string?> values)
    {
        var bits = new List<int>();
        foreach (string? v in values)
        {
            if (v is not ("0" or "1"))
            {
                return null;
            }

            bits.Add(v == "1" ? 1 : 0);
        }

        return [.. bits];
    }
}
