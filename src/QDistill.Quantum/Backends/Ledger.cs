using System.Globalization;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>
/// What a teacher's queries cost. Counting is safe from several threads. A circuit is counted once for every sample and measurement basis it is run in.
/// </summary>
public sealed class Ledger
{
    private readonly Lock guard = new();

    /// <summary>Circuits run.</summary>
    public long Circuits { get; private set; }

    /// <summary>Shots taken; 0 when every result was exact.</summary>
    public long Shots { get; private set; }

    /// <summary>The greatest circuit depth.</summary>
    public int Depth { get; private set; }

    /// <summary>Two-qubit gates over all circuits (not multiplied by shots).</summary>
    public long TwoQubitGates { get; private set; }

    /// <summary>Wall-clock time spent in queries [s].</summary>
    public double Seconds { get; private set; }

    /// <summary>Estimated price in <see cref="Currency"/>; 0 on simulators.</summary>
    public double EstimatedPrice { get; private set; }

    /// <summary>The currency of the price.</summary>
    public string Currency { get; private set; } = "USD";

    /// <summary>Counts a query.</summary>
    /// <param name="circuits">Circuits run.</param>
    /// <param name="shots">Shots over all of them.</param>
    /// <param name="depth">Depth of one circuit.</param>
    /// <param name="twoQubitGatesEach">Two-qubit gates of one circuit.</param>
    /// <param name="seconds">Wall-clock time [s].</param>
    /// <param name="price">Estimated price.</param>
    public void Record(long circuits, long shots, int depth, int twoQubitGatesEach, double seconds, double price = 0)
    {
        lock (guard)
        {
            Circuits += circuits;
            Shots += shots;
            Depth = Math.Max(Depth, depth);
            TwoQubitGates += circuits * twoQubitGatesEach;
            Seconds += seconds;
            EstimatedPrice += price;
        }
    }

    /// <summary>Adds another ledger's counts.</summary>
    public void Add(Ledger other)
    {
        lock (guard)
        {
            Circuits += other.Circuits;
            Shots += other.Shots;
            Depth = Math.Max(Depth, other.Depth);
            TwoQubitGates += other.TwoQubitGates;
            Seconds += other.Seconds;
            EstimatedPrice += other.EstimatedPrice;
        }
    }

    /// <summary>The ledger as YAML, in the form that <see cref="FromYaml"/> reads.</summary>
    public string ToYaml()
    {
        lock (guard)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"circuits: {Circuits}\nshots: {Shots}\ndepth: {Depth}\ntwo_qubit_gates: {TwoQubitGates}\nseconds: {Seconds:0.######}\nestimated_price: {EstimatedPrice:0.######}\ncurrency: {Currency}\n");
        }
    }

    /// <summary>Reads a ledger from YAML text; <paramref name="name"/> stands for the file in errors.</summary>
    /// <exception cref="UserErrorException">The text is not a ledger.</exception>
    public static Ledger FromYaml(string text, string name = "ledger") => FromSection(ConfigFile.Parse(text, name));

    /// <summary>Reads a ledger from a configuration section.</summary>
    /// <exception cref="UserErrorException">A key is missing or unknown, or a number is out of range.</exception>
    public static Ledger FromSection(ConfigSection section)
    {
        var ledger = new Ledger
        {
            Circuits = section.Int("circuits", null, 0),
            Shots = section.Int("shots", null, 0),
            Depth = (int)section.Int("depth", null, 0, int.MaxValue),
            TwoQubitGates = section.Int("two_qubit_gates", null, 0),
            Seconds = section.Double("seconds", null, 0),
            EstimatedPrice = section.Double("estimated_price", 0, 0),
            Currency = section.String("currency", "USD"),
        };
        section.RejectUnknownKeys();
        return ledger;
    }
}
