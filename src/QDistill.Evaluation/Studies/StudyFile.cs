using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using QDistill.Configuration;
using QDistill.Distillation.Controls;
using QDistill.Distillation.Teachers;
using QDistill.Distillation.Training;
using QDistill.Evaluation.Conditions;
using QDistill.Quantum;

namespace QDistill.Evaluation.Studies;

/// <summary>Reads <c>study.yaml</c>.</summary>
public static partial class StudyFile
{
    [GeneratedRegex(@"\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(:-(?<else>[^}]*))?\}")]
    private static partial Regex Variable();

    private static readonly string[] Backends = ["statevector", "sampled", "noisy"];

    /// <summary>Loads a study; bags and robot files are sought beside it first.</summary>
    /// <exception cref="UserErrorException">The file is absent, not YAML, or holds a wrong or unknown key.</exception>
    public static StudySpec Load(string path)
    {
        ConfigSection yaml = ConfigFile.Load(path);
        return Read(yaml, File.ReadAllText(path), Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Reads a study from YAML already parsed.</summary>
    /// <param name="yaml">The parsed file.</param>
    /// <param name="text">Its text, kept beside the results.</param>
    /// <param name="folder">Where relative paths begin.</param>
    /// <exception cref="UserErrorException">A key is unknown or a value is wrong.</exception>
    public static StudySpec Read(ConfigSection yaml, string text, string folder)
    {
        ConfigSection? budget = yaml.OptionalSection("budget"), controls = yaml.OptionalSection("controls"), limits = yaml.OptionalSection("limits");
        var spec = new StudySpec
        {
            Name = yaml.String("name"),
            Text = text,
            Data = Filled(yaml, "data", [.. yaml.Sections("data").Select(d => ReadData(d, folder))]),
            Teachers = Filled(yaml, "teachers", [.. yaml.Sections("teachers").SelectMany(ReadTeacher)]),
            Backends = Filled(yaml, "backends", [.. yaml.Sections("backends").SelectMany(ReadBackend)]),
            Recipes = Filled(yaml, "recipes", [.. yaml.Section("recipes").NamedSections().Select(r => ReadRecipe(r.Name, r.Section))]),
            Labels = ReadLabels(yaml),
            Conditions = [.. yaml.Sections("conditions").SelectMany(ReadCondition)],
            Seeds = yaml.IsList("seeds") ? [.. Whole(yaml, "seeds", 0).Select(s => (ulong)s)] : [.. Enumerable.Range(1, (int)yaml.Int("seeds", 5, 1, 100_000)).Select(s => (ulong)s)],
            PairedReplicates = yaml.Choice("replicates", ["crossed", "paired"], "crossed") == "paired",
            ClassicalTeacher = controls?.OptionalSection("classical_teacher") is { } c ? ReadClassical(c) : TeacherSpec.ClassicalDefault with { Starts = 6 },
            FurtherControls = controls is null ? [] : ReadFurther(controls),
            Limits = new StudyLimits((int)(limits?.Int("labels", int.MaxValue, 0, int.MaxValue) ?? int.MaxValue), (int)(limits?.Int("tests", int.MaxValue, 0, int.MaxValue) ?? int.MaxValue)),
            Budget = new StudyBudget(budget?.Double("max_seconds", 0, 0) ?? 0, (int)(budget?.Int("max_runs", 0, 0, int.MaxValue) ?? 0)),
            Metric = StudyMetric.Get(yaml.Choice("metric", [.. StudyMetric.All.Select(m => m.Key)], "auroc")),
        };
        yaml.RejectUnknownKeys();
        Distinct(yaml, "data", spec.Data.Select(d => d.Name));
        Distinct(yaml, "teachers", spec.Teachers.Select(t => t.Name));
        Distinct(yaml, "backends", spec.Backends.Select(b => b.Name));
        foreach (DataSpec d in spec.Data)
        {
            if (spec.PairedReplicates && d.Folds > spec.Seeds.Count)
            {
                throw yaml.Error("replicates", $"{spec.Seeds.Count} seeds cannot go in pairs with the {d.Folds} folds of '{d.Name}'", "give at least as many seeds as folds, or replicates: crossed");
            }

            Distinct(yaml, "conditions", spec.ConditionsOf(d).Select(c => c.Name).Concat(d.Shifts.Select(s => s.Name)));
        }

        if (spec.Conditions.SelectMany(c => c.Data).FirstOrDefault(n => !spec.Data.Any(d => d.Name == n)) is { } stranger)
        {
            throw yaml.Error("conditions", $"there are no data '{stranger}'", NearestKey.Hint(stranger, [.. spec.Data.Select(d => d.Name)]));
        }

        return spec;
    }

    private static IReadOnlyList<LabelSpec> ReadLabels(ConfigSection yaml)
    {
        var labels = new List<LabelSpec>(Whole(yaml, "labels", 2, optional: yaml.Has("label_fractions")).Select(l => new LabelSpec((int)l, 0)));
        foreach (double f in yaml.Doubles("label_fractions"))
        {
            labels.Add(f is > 0 and <= 1 ? new LabelSpec(0, f) : throw yaml.Error("label_fractions", FormattableString.Invariant($"{f} is not a share in (0, 1]")));
        }

        return labels.Distinct().Count() == labels.Count ? labels : throw yaml.Error("label_fractions", "names a value twice");
    }

    private static IEnumerable<ConditionSpec> ReadCondition(ConfigSection c)
    {
        IReadOnlyList<string> data = c.Strings("data");
        return Condition.Read(c).Select(each => new ConditionSpec(data, each));
    }

    private static DataSpec ReadData(ConfigSection d, string folder)
    {
        string name = d.String("name");
        if (d.OptionalString("dataset") is not null)
        {
            string kind = d.Choice("dataset", DatasetFiles.Names);
            return new DataSpec(name, string.Empty, 0, [], [], []) { Dataset = kind, Path = PathOf(d, "path", d.String("path"), folder), Folds = Folds(d) };
        }

        string robot = Robot(d, d, folder);
        Condition? condition = d.OptionalSection("condition") is { } c ? Condition.Read(c, "condition") is [var one] ? one : throw c.Error("strength", "names several strengths", "conditions of all recordings take one") : null;
        ShiftSpec[] shifts = [.. d.Sections("shifts").Select(s => ReadShift(s, d, folder))];
        ConfigSection? simulate = d.OptionalSection("simulate");
        ConfigSection at = simulate ?? d;
        double seconds = simulate?.Double("seconds", 120, 1, 1e5) ?? 0;
        IReadOnlyList<string> Part(string part) => Recordings(at, part, seconds > 0, folder);
        var spec = at.Has("recordings")
            ? new DataSpec(name, robot, seconds, Part("training"), [], []) { Recordings = Part("recordings"), Folds = Folds(at) }
            : new DataSpec(name, robot, seconds, Part("training"), Part("validation"), Part("test"));
        return Check(at, spec) with { Condition = condition, Shifts = shifts };
    }

    private static int Folds(ConfigSection at) => (int)at.Int("folds", 5, 3, 100);

    private static ShiftSpec ReadShift(ConfigSection s, ConfigSection d, string folder)
    {
        string robot = Robot(s.Has("robot") ? s : d, d, folder);
        ConfigSection? simulate = s.OptionalSection("simulate");
        double seconds = simulate?.Double("seconds", 120, 1, 1e5) ?? 0;
        IReadOnlyList<string> recordings = Recordings(simulate ?? s, "test", seconds > 0, folder);
        return recordings.Count > 0 ? new ShiftSpec(s.String("name"), robot, seconds, recordings) : throw (simulate ?? s).Error("test", "is empty", "name the shift's recordings");
    }

    private static IReadOnlyList<string> Recordings(ConfigSection at, string part, bool simulated, string folder) => simulated
        ? [.. Whole(at, part, 0, optional: true).Select(v => v.ToString(CultureInfo.InvariantCulture))]
        : [.. at.Strings(part).Select(b => PathOf(at, part, b, folder))];

    /// <summary>A path beside the study file; <c>${NAME}</c> stands for an environment variable, <c>${NAME:-else}</c> has something in its place.</summary>
    private static string PathOf(ConfigSection at, string key, string path, string folder)
    {
        string filled = Variable().Replace(path, m =>
            Environment.GetEnvironmentVariable(m.Groups["name"].Value) is { Length: > 0 } v ? v
            : m.Groups["else"].Success ? m.Groups["else"].Value
            : throw at.Error(key, $"the environment variable {m.Groups["name"].Value} is not set", $"set it to the folder that '{path}' begins with"));
        return Path.GetFullPath(filled, folder);
    }

    private static DataSpec Check(ConfigSection at, DataSpec data)
    {
        (string Part, IReadOnlyList<string> Bags)[] parts = data.Folds > 0
            ? [("recordings", data.Recordings), ("training", data.Training)]
            : [("training", data.Training), ("validation", data.Validation), ("test", data.Test)];
        foreach ((string part, IReadOnlyList<string> bags) in data.Folds > 0 ? parts[..1] : parts)
        {
            if (bags.Count == 0)
            {
                throw at.Error(part, "is empty", "name at least one recording for each of training, validation and test, or 'recordings' for folds");
            }
        }

        string? twice = parts.SelectMany(p => p.Bags).GroupBy(b => b).FirstOrDefault(g => g.Count() > 1)?.Key;
        return twice is null ? data : throw at.Error(parts[^1].Part, $"'{twice}' is named twice", "training, validation and test must not share a recording");
    }

    private static string Robot(ConfigSection at, ConfigSection otherwise, string folder)
    {
        ConfigSection d = at.Has("robot") ? at : otherwise;
        string robot = d.String("robot"), beside = Path.GetFullPath(robot, folder);
        if (File.Exists(beside))
        {
            return beside;
        }

        string shipped = Installation.PathOf(Path.Combine("robots", robot + ".yaml"));
        return File.Exists(shipped) ? shipped : throw d.Error("robot", $"there is no robot '{robot}'", "give a robot file, or the name of one in robots/");
    }

    private static IEnumerable<NamedTeacher> ReadTeacher(ConfigSection t)
    {
        string name = t.String("name");
        TeacherSpec spec = WithoutAxes(t, TeacherSpec.Read);
        if (t.OptionalSection("grid") is not { } g)
        {
            return [new NamedTeacher(name, spec)];
        }

        if (!spec.IsQuantum)
        {
            throw t.Error("grid", "encodings, ansätze, qubits and layers belong to quantum teachers", "list classical teachers one by one");
        }

        IReadOnlyList<string> encodings = g.Strings("encoding"), ansaetze = g.Strings("ansatz");
        IReadOnlyList<long> qubits = Whole(g, "qubits", 1, 24, optional: true), layers = Whole(g, "layers", 0, 1000, optional: true);
        return
            from e in encodings.DefaultIfEmpty(spec.Encoding)
            from a in ansaetze.DefaultIfEmpty(spec.Ansatz)
            from q in qubits.DefaultIfEmpty(spec.Qubits)
            from l in layers.DefaultIfEmpty(spec.Layers)
            let parts = new[] { encodings.Count > 0 ? e : null, ansaetze.Count > 0 ? a : null, qubits.Count > 0 ? $"{q} qubits" : null, layers.Count > 0 ? $"{l} layers" : null }
            select new NamedTeacher($"{name} {string.Join(", ", parts.Where(p => p is not null))}", spec with { Encoding = e, Ansatz = a, Qubits = (int)q, Layers = (int)l });
    }

    private static TeacherSpec ReadClassical(ConfigSection c)
    {
        TeacherSpec spec = WithoutAxes(c, TeacherSpec.Read);
        return !spec.IsQuantum ? spec : throw c.Error("kind", "the classical control cannot be a quantum teacher", "set kind: mlp");
    }

    private static IReadOnlyList<Control> ReadFurther(ConfigSection controls)
    {
        string[] known = [.. Control.All.Select(StudyRole.Of).Except(StudyRole.Controls)];
        return
        [
            .. controls.Strings("also").Select(name => known.Contains(name)
                ? Control.All.First(c => StudyRole.Of(c) == name)
                : throw controls.Error("also", $"there is no further control '{name}'", NearestKey.Hint(name, known))),
        ];
    }

    private static NamedRecipe ReadRecipe(string name, ConfigSection r) => new(name, WithoutAxes(r, Recipe.Read));

    // Budget and seed belong to the axes; beside them they would be silently overridden.
    private static T WithoutAxes<T>(ConfigSection section, Func<ConfigSection, T> read)
    {
        foreach (string key in (string[])["labels", "seed"])
        {
            if (section.Has(key))
            {
                throw section.Error(key, "is an axis of the study", $"give it once for all, as '{(key == "seed" ? "seeds" : key)}' at the top");
            }
        }

        return read(section);
    }

    private static IEnumerable<BackendSpec> ReadBackend(ConfigSection b)
    {
        string kind = b.Choice("backend", Backends);
        IReadOnlyList<long> shots = Whole(b, "shots", 0, int.MaxValue, optional: true);
        string noise = b.OptionalSection("noise") is { } n ? Noise(n) : string.Empty;
        bool mitigate = b.Bool("mitigate_readout", false);
        string zero = b.OptionalString("zero_noise") is { } z ? ReadZeroNoise(b, z) : string.Empty;
        string? name = b.OptionalString("name");
        if (kind == "statevector" && shots.Any(s => s > 0))
        {
            throw b.Error("shots", "the back end 'statevector' is exact", "use 'sampled' for shots");
        }

        if (kind == "sampled" && (shots.Count == 0 || shots.Contains(0)))
        {
            throw b.Error("shots", "the back end 'sampled' needs shots above 0", "use 'statevector' for exact answers");
        }

        if ((kind == "noisy") != (noise.Length > 0))
        {
            throw b.Error("noise", kind == "noisy" ? "is missing" : $"the back end '{kind}' has none", "noise belongs to the back end 'noisy'");
        }

        if (zero.Length > 0 && kind != "noisy")
        {
            throw b.Error("zero_noise", $"does nothing on the back end '{kind}'", "it belongs to the back end 'noisy'");
        }

        return shots.DefaultIfEmpty(0).Select(s => new BackendSpec($"{name ?? kind}{(s > 0 ? FormattableString.Invariant($" {s} shots") : kind == "noisy" ? " exact" : string.Empty)}", kind, (int)s, noise, mitigate, zero)).ToArray();
    }

    // In one spelling, so that equal extrapolations have one text.
    private static string ReadZeroNoise(ConfigSection b, string text)
    {
        try
        {
            return ZeroNoise.Parse(text).ToString();
        }
        catch (UserErrorException e)
        {
            throw b.Error("zero_noise", e.What, e.Remedy);
        }
    }

    // Written out key by key in one order, so that equal noise has one text.
    private static string Noise(ConfigSection n)
    {
        NoiseModel.Read(n);
        var text = new StringBuilder();
        foreach (string part in (string[])["one_qubit", "two_qubit", "measurement"])
        {
            if (n.OptionalSection(part) is { } s)
            {
                text.Append(CultureInfo.InvariantCulture, $"{part}:\n");
                if (s.Doubles("pauli") is { Count: 3 } p)
                {
                    text.Append(CultureInfo.InvariantCulture, $"  pauli: [{p[0]:R}, {p[1]:R}, {p[2]:R}]\n");
                }

                Numbers(s, "  ", "depolarising", "amplitude_damping", "phase_damping", "time");
            }
        }

        Numbers(n, string.Empty, "t1", "t2", "read_one_for_zero", "read_zero_for_one", "loss");
        return text.Length > 0 ? text.ToString() : "loss: 0\n";

        void Numbers(ConfigSection s, string indent, params string[] keys)
        {
            foreach (string key in keys)
            {
                if (s.OptionalDouble(key) is { } v)
                {
                    text.Append(CultureInfo.InvariantCulture, $"{indent}{key}: {v:R}\n");
                }
            }
        }
    }

    private static IReadOnlyList<long> Whole(ConfigSection section, string key, long least, long most = int.MaxValue, bool optional = false)
    {
        IReadOnlyList<double> values = section.Doubles(key);
        if (values.Count == 0 && !optional)
        {
            throw section.Error(key, section.Has(key) ? "is empty" : "is missing", "give a list of whole numbers");
        }

        foreach (double v in values)
        {
            if (!(v >= least && v <= most && v == Math.Floor(v)))
            {
                throw section.Error(key, FormattableString.Invariant($"{v} is not a whole number from {least} to {most}"));
            }
        }

        return values.Distinct().Count() == values.Count ? [.. values.Select(v => (long)v)] : throw section.Error(key, "names a value twice");
    }

    private static IReadOnlyList<T> Filled<T>(ConfigSection yaml, string key, IReadOnlyList<T> values) =>
        values.Count > 0 ? values : throw yaml.Error(key, "is missing or empty", "a study needs at least one");

    private static void Distinct(ConfigSection yaml, string key, IEnumerable<string> names)
    {
        if (names.GroupBy(n => n, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw yaml.Error(key, $"two are named '{twice.Key}'", "names tell conditions apart in the tables");
        }
    }
}
