using System.Text.Json.Nodes;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>Reads the histograms of both result formats.</summary>
internal static class AzureResult
{
    /// <summary>Outcomes as bits in the order of the program's results, with their counts; shots that failed or lost a qubit are left out.</summary>
    public static IEnumerable<(int[] Bits, double Count)> Read(JsonNode result, int shots)
    {
        if (result["Results"] is JsonArray results)
        {
            // Version 2: counts.
            foreach (JsonNode? entry in results.SelectMany(r => r!["Histogram"]!.AsArray()))
            {
                if (entry!["Outcome"] is JsonArray bits && Bits(bits.Select(b => b!.ToString())) is { } known)
                {
                    yield return (known, (double)entry["Count"]!);
                }
            }

            yield break;
        }

        // Version 1: display and probability in turn.
        JsonArray flat = result["Histogram"] as JsonArray ?? throw new UserErrorException("the job's result has no histogram");
        for (int i = 0; i + 1 < flat.Count; i += 2)
        {
            string display = (string)flat[i]!;
            if (Bits(display.Trim('[', ']', '(', ')').Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)) is { } known)
            {
                yield return (known, Math.Round((double)flat[i + 1]! * shots));
            }
        }
    }

    private static int[]? Bits(IEnumerable<string> values)
    {
        var bits = new List<int>();
        foreach (string v in values)
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
