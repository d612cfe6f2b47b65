using System.Text.Json.Nodes;

namespace QDistill.Metrics.Tests;

/// <summary>Asks scikit-learn and SciPy, through Debian's Python, what they make of the same numbers.</summary>
internal static class Oracle
{
    public static JsonArray Ask(params object[] questions) => PythonOracle.Ask("QDistill.Metrics.Tests/oracle.py", questions).AsArray();

    public static double Number(this JsonNode? answer, string key) => answer![key]!.GetValue<double>();
}
