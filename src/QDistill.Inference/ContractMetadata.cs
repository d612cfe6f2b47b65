using System.Globalization;
using System.Text;
using System.Text.Json;
using QDistill.Configuration;

namespace QDistill.Inference;

/// <summary>The contract as ONNX metadata_props: one entry per part, the contract's version in every key, lists and tables as JSON.</summary>
public static class ContractMetadata
{
    /// <summary>The version this build writes and reads; its keys begin with <c>qdistill.v1.</c>.</summary>
    public const int Version = 1;

    private const string Family = "qdistill.v";
    private const string Prefix = "qdistill.v1.";
    private static readonly string[] Operators = [">", ">=", "<", "<="];

    /// <summary>The entries for a contract.</summary>
    /// <exception cref="UserErrorException">The contract contradicts itself.</exception>
    public static IReadOnlyDictionary<string, string> Write(ModelContract contract)
    {
        Check(contract, null);
        var entries = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [Prefix + "schema_id"] = contract.SchemaId,
            [Prefix + "feature_names"] = Json(w => WriteList(w, contract.FeatureNames, (x, n) => x.WriteStringValue(n))),
            [Prefix + "horizon_s"] = Number(contract.Horizon),
            [Prefix + "collision_threshold"] = Number(contract.CollisionThreshold),
            [Prefix + "missing_features"] = contract.Missing == MissingFeatures.Mean ? "mean" : "refuse",
            [Prefix + "constraints"] = Json(w => WriteList(w, contract.Constraints, WriteConstraint)),
            [Prefix + "training_low"] = Json(w => WriteList(w, contract.TrainingLow, (x, v) => x.WriteNumberValue(v))),
            [Prefix + "training_high"] = Json(w => WriteList(w, contract.TrainingHigh, (x, v) => x.WriteNumberValue(v))),
            [Prefix + "teacher"] = Json(w => WriteTeacher(w, contract.Teacher)),
            [Prefix + "data_sha256"] = Json(w => WriteTable(w, contract.DataHashes, (x, v) => x.WriteStringValue(v))),
            [Prefix + "versions"] = Json(w => WriteTable(w, contract.Versions, (x, v) => x.WriteStringValue(v))),
        };
        if (contract.Calibration is { } calibration)
        {
            entries[Prefix + "calibration"] = Json(w => WriteCalibration(w, calibration));
        }

        if (contract.EnergyRange is { } energy)
        {
            entries[Prefix + "energy_range"] = Json(w => WriteList(w, [energy.Low, energy.High, energy.Tail], (x, v) => x.WriteNumberValue(v)));
        }

        return entries;
    }

    /// <summary>Reads a contract.</summary>
    /// <param name="entries">The model's metadata_props.</param>
    /// <param name="where">The file, for messages.</param>
    /// <exception cref="UserErrorException">An entry is missing or makes no sense; the message names it.</exception>
    public static ModelContract Read(IReadOnlyDictionary<string, string> entries, string where)
    {
        if (!entries.Keys.Any(k => k.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            string? other = entries.Keys.FirstOrDefault(k => k.StartsWith(Family, StringComparison.Ordinal));
            throw other is null
                ? new UserErrorException("the model carries no contract (no metadata entry begins with " + Prefix + ")", where, "export it with QDistill, which puts schema, horizon and thresholds into the file")
                : new UserErrorException($"the model's contract has version {other[Family.Length..].Split('.')[0]}, this build reads version {Version}", where, "export it again with this version of QDistill");
        }

        var reader = new EntryReader(entries, where);
        var contract = new ModelContract
        {
            SchemaId = reader.Text("schema_id"),
            FeatureNames = reader.List("feature_names", e => e.GetString()!),
            Horizon = reader.Number("horizon_s"),
            CollisionThreshold = reader.Number("collision_threshold"),
            Missing = reader.Text("missing_features") switch
            {
                "mean" => MissingFeatures.Mean,
                "refuse" => MissingFeatures.Refuse,
                string s => throw reader.Refuse("missing_features", s, "mean or refuse"),
            },
            Constraints = reader.List("constraints", ReadConstraint),
            TrainingLow = reader.List("training_low", e => e.GetSingle()),
            TrainingHigh = reader.List("training_high", e => e.GetSingle()),
            Teacher = reader.Parse("teacher", ReadTeacher),
            DataHashes = reader.Parse("data_sha256", e => ReadTable(e, v => v.GetString()!)),
            Versions = reader.Parse("versions", e => ReadTable(e, v => v.GetString()!)),
            Calibration = reader.Has("calibration") ? reader.Parse("calibration", ReadCalibration) : null,
            EnergyRange = reader.Has("energy_range") ? reader.List("energy_range", e => e.GetDouble()) is [double low, double high, double tail]
                ? new EnergyContract(low, high, tail)
                : throw reader.Refuse("energy_range", reader.Text("energy_range"), "three numbers") : null,
        };
        Check(contract, where);
        return contract;
    }

    private static void Check(ModelContract c, string? where)
    {
        if (c.SchemaId.Length != 64 || !c.SchemaId.All(char.IsAsciiHexDigit))
        {
            throw Wrong($"schema id \"{c.SchemaId}\" is not a SHA-256 in hex", where);
        }

        if (c.FeatureNames.Count == 0 || c.FeatureNames.Distinct().Count() != c.FeatureNames.Count || c.FeatureNames.Any(string.IsNullOrWhiteSpace))
        {
            throw Wrong("feature names must be given, be different and not be empty", where);
        }

        if (!(c.Horizon > 0) || !double.IsFinite(c.Horizon))
        {
            throw Wrong($"horizon {Number(c.Horizon)} s is not a positive time", where);
        }

        if (!(c.CollisionThreshold is >= 0 and <= 1))
        {
            throw Wrong($"collision threshold {Number(c.CollisionThreshold)} is not a probability", where);
        }

        foreach (ConstraintContract k in c.Constraints)
        {
            if (string.IsNullOrWhiteSpace(k.Name) || !Operators.Contains(k.Operator) || !double.IsFinite(k.Limit) || !(k.Threshold is >= 0 and <= 1) || !(k.Horizon > 0))
            {
                throw Wrong($"constraint \"{k.Name}\" must have a name, an operator ({string.Join(" ", Operators)}), a finite limit, a positive horizon and a threshold in [0, 1]", where);
            }
        }

        int n = c.TrainingLow.Count;
        if (n != c.TrainingHigh.Count || (n != 0 && n != c.FeatureNames.Count))
        {
            throw Wrong($"{n} least and {c.TrainingHigh.Count} greatest training values for {c.FeatureNames.Count} features", where);
        }

        if (c.EnergyRange is { } e && !(double.IsFinite(e.Low) && double.IsFinite(e.High) && e.Low <= e.High && e.Tail is >= 0 and < 0.5))
        {
            throw Wrong($"energy range [{Number(e.Low)}, {Number(e.High)}] with tails of {Number(e.Tail)} is none", where);
        }

        int outputs = 1 + c.Constraints.Count;
        if (c.Calibration is { } cal && (cal.Temperatures.Count != outputs || cal.Biases.Count != outputs || cal.Temperatures.Any(t => !(t > 0) || !double.IsFinite(t)) || cal.Biases.Any(b => !double.IsFinite(b))))
        {
            throw Wrong($"calibration needs a positive temperature and a finite bias for each of the {outputs} outputs", where);
        }
    }

    private static UserErrorException Wrong(string what, string? where) => new("in the model contract, " + what, where, where is null ? null : "export the model again");

    private static string Number(double v) => v.ToString("R", CultureInfo.InvariantCulture);

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteList<T>(Utf8JsonWriter w, IEnumerable<T> values, Action<Utf8JsonWriter, T> write)
    {
        w.WriteStartArray();
        foreach (T v in values)
        {
            write(w, v);
        }

        w.WriteEndArray();
    }

    private static void WriteTable<T>(Utf8JsonWriter w, IReadOnlyDictionary<string, T> table, Action<Utf8JsonWriter, T> write)
    {
        w.WriteStartObject();
        foreach ((string key, T value) in table.OrderBy(e => e.Key, StringComparer.Ordinal))
        {
            w.WritePropertyName(key);
            write(w, value);
        }

        w.WriteEndObject();
    }

    private static void WriteConstraint(Utf8JsonWriter w, ConstraintContract c)
    {
        w.WriteStartObject();
        w.WriteString("name", c.Name);
        w.WriteString("signal", c.Signal);
        w.WriteString("op", c.Operator);
        w.WriteNumber("limit", c.Limit);
        w.WriteString("unit", c.Unit);
        w.WriteNumber("horizon_s", c.Horizon);
        w.WriteNumber("threshold", c.Threshold);
        w.WriteEndObject();
    }

    private static ConstraintContract ReadConstraint(JsonElement e) => new(
        e.GetProperty("name").GetString()!,
        e.GetProperty("signal").GetString()!,
        e.GetProperty("op").GetString()!,
        e.GetProperty("limit").GetDouble(),
        e.GetProperty("unit").GetString()!,
        e.GetProperty("horizon_s").GetDouble(),
        e.GetProperty("threshold").GetDouble());

    private static void WriteTeacher(Utf8JsonWriter w, TeacherContract t)
    {
        w.WriteStartObject();
        w.WriteString("id", t.Id);
        w.WriteString("backend", t.Backend);
        w.WritePropertyName("ledger");
        WriteTable(w, t.Ledger, (x, v) => x.WriteNumberValue(v));
        w.WriteEndObject();
    }

    private static TeacherContract ReadTeacher(JsonElement e) => new(
        e.GetProperty("id").GetString()!,
        e.GetProperty("backend").GetString()!,
        ReadTable(e.GetProperty("ledger"), v => v.GetDouble()));

    private static void WriteCalibration(Utf8JsonWriter w, CalibrationContract c)
    {
        w.WriteStartObject();
        w.WriteString("method", c.Method);
        w.WritePropertyName("temperatures");
        WriteList(w, c.Temperatures, (x, v) => x.WriteNumberValue(v));
        w.WritePropertyName("biases");
        WriteList(w, c.Biases, (x, v) => x.WriteNumberValue(v));
        w.WriteEndObject();
    }

    private static CalibrationContract ReadCalibration(JsonElement e) => new(
        e.GetProperty("method").GetString()!,
        [.. e.GetProperty("temperatures").EnumerateArray().Select(v => v.GetDouble())],
        [.. e.GetProperty("biases").EnumerateArray().Select(v => v.GetDouble())]);

    private static Dictionary<string, T> ReadTable<T>(JsonElement e, Func<JsonElement, T> read) => e.EnumerateObject().ToDictionary(p => p.Name, p => read(p.Value));

    /// <summary>Reads entries one by one and names the one that fails.</summary>
    private readonly struct EntryReader(IReadOnlyDictionary<string, string> entries, string where)
    {
        public bool Has(string key) => entries.ContainsKey(Prefix + key);

        public string Text(string key) => entries.TryGetValue(Prefix + key, out string? value)
            ? value
            : throw new UserErrorException($"the model contract lacks the entry {Prefix}{key}", where, "export the model again");

        public double Number(string key)
        {
            string text = Text(key);
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double v) ? v : throw Refuse(key, text, "a number");
        }

        public List<T> List<T>(string key, Func<JsonElement, T> read) => Parse(key, e => e.EnumerateArray().Select(read).ToList());

        public T Parse<T>(string key, Func<JsonElement, T> read)
        {
            string text = Text(key);
            try
            {
                using JsonDocument document = JsonDocument.Parse(text);
                return read(document.RootElement);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
            {
                throw Refuse(key, text, "what belongs there", e);
            }
        }

        public UserErrorException Refuse(string key, string text, string expected, Exception? inner = null)
            => new($"the model contract's entry {Prefix}{key} is \"{(text.Length > 60 ? text[..60] + "…" : text)}\", not {expected}", where, "export the model again", inner);
    }
}
