using System.Globalization;
using System.Text;
using QDistill.Configuration;
using QDistill.Distillation.Teachers;
using QDistill.Distillation.Training;
using QDistill.Quantum;

namespace QDistill.Evaluation.Studies;

/// <summary>Reads <c>study.yaml</c>.</summary>
public static class StudyFile
{
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
        ConfigSection? budget = yaml.OptionalSection("budget"), controls = yaml.OptionalSection("controls");
        var spec = new StudySpec
        {
            Name = yaml.String("name"),
            Text = text,
            Data = Filled(yaml, "data", [.. yaml.Sections("data").Select(d => ReadData(d, folder))]),
            Teachers = Filled(yaml, "teachers", [.. yaml.Sections("teachers").SelectMany(ReadTeacher)]),
            Backends = Filled(yaml, "backends", [.. yaml.Sections("backends").SelectMany(ReadBackend)]),
            Recipes = Filled(yaml, "recipes", [.. yaml.Section("recipes").NamedSections().Select(r => ReadRecipe(r.Name, r.Section))]),
            Labels = [.. Whole(yaml, "labels", 2).Select(l => (int)l)],
            Seeds = yaml.IsList("seeds") ? [.. Whole(yaml, "seeds", 0).Select(s => (ulong)s)] : [.. Enumerable.Range(1, (int)yaml.Int("seeds", 5, 1, 100_000)).Select(s => (ulong)s)],
            ClassicalTeacher = controls?.OptionalSection("classical_teacher") is { } c ? ReadClassical(c) : TeacherSpec.ClassicalDefault with { Starts = 6 },
            Budget = new StudyBudget(budget?.Double("max_seconds", 0, 0) ?? 0, (int)(budget?.Int("max_runs", 0, 0, int.MaxValue) ?? 0)),
            Metric = StudyMetric.Get(yaml.Choice("metric", [.. StudyMetric.All.Select(m => m.Key)], "auroc")),
        };
        yaml.RejectUnknownKeys();
        Distinct(yaml, "data", spec.Data.Select(d => d.Name));
        Distinct(yaml, "teachers", spec.Teachers.Select(t => t.Name));
        Distinct(yaml, "backends", spec.Backends.Select(b => b.Name));
        return spec;
    }

    private static DataSpec ReadData(ConfigSection d, string folder)
    {
        string name = d.String("name"), robot = Robot(d, folder);
        if (d.OptionalSection("simulate") is not { } s)
        {
            return Check(d, new DataSpec(name, robot, 0, Bags("training"), Bags("validation"), Bags("test")));
        }

        return Check(s, new DataSpec(name, robot, s.Double("seconds", 120, 1, 1e5), Seeds("training"), Seeds("validation"), Seeds("test")));

        IReadOnlyList<string> Bags(string part) => [.. d.Strings(part).Select(b => Path.GetFullPath(b, folder))];
        IReadOnlyList<string> Seeds(string part) => [.. Whole(s, part, 0).Select(v => v.ToString(CultureInfo.InvariantCulture))];
    }

    private static DataSpec Check(ConfigSection at, DataSpec data)
    {
        foreach ((string part, IReadOnlyList<string> bags) in new[] { ("training", data.Training), ("validation", data.Validation), ("test", data.Test) })
        {
            if (bags.Count == 0)
            {
                throw at.Error(part, "is empty", "name at least one recording for each of training, validation and test");
            }
        }

        string? twice = data.Training.Concat(data.Validation).Concat(data.Test).GroupBy(b => b).FirstOrDefault(g => g.Count() > 1)?.Key;
        return twice is null ? data : throw at.Error("test", $"'{twice}' is named twice", "training, validation and test must not share a recording");
    }

    private static string Robot(ConfigSection d, string folder)
    {
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

        return shots.DefaultIfEmpty(0).Select(s => new BackendSpec($"{name ?? kind}{(s > 0 ? FormattableString.Invariant($" {s} shots") : kind == "noisy" ? " exact" : string.Empty)}", kind, (int)s, noise, mitigate)).ToArray();
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
