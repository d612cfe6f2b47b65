using QDistill.Configuration;
using QDistill.Ros;

namespace QDistill.Onboard;

/// <summary>
/// The parameters of one node, bound to a record of options: each entry says what the parameter is, and how it is read from and put into the record. The defaults are those of the
/// record that is given when the parameters are declared.
/// </summary>
/// <typeparam name="T">The options.</typeparam>
internal sealed class ParameterTable<T>
    where T : class
{
    private readonly List<Entry> entries = [];
    private readonly List<Func<T, string?>> checks = [];

    /// <summary>The names, in the order of declaration.</summary>
    public IEnumerable<string> Names => entries.Select(e => e.Name);

    /// <summary>Describes all parameters with the given defaults.</summary>
    public IReadOnlyList<ParameterDescription> Describe(T defaults) => [.. entries.Select(e => e.Describe(defaults))];

    /// <summary>A switch.</summary>
    public ParameterTable<T> Switch(string name, ParameterTiming timing, string description, Func<T, bool> get, Func<T, bool, T> set) =>
        Add(new Entry(name, o => new ParameterDescription(name, get(o), description, timing), (o, v) => set(o, (bool)v.Value!)));

    /// <summary>A whole number.</summary>
    public ParameterTable<T> Whole(string name, ParameterTiming timing, int from, int to, string description, Func<T, int> get, Func<T, int, T> set) =>
        Add(new Entry(name, o => new ParameterDescription(name, (long)get(o), description, timing) { Range = (from, to) }, (o, v) => set(o, (int)(long)v.Value!)));

    /// <summary>A number.</summary>
    public ParameterTable<T> Number(string name, ParameterTiming timing, string unit, double from, double to, string description, Func<T, double> get, Func<T, double, T> set) =>
        Add(new Entry(name, o => new ParameterDescription(name, get(o), description, timing) { Unit = unit, Range = (from, to) }, (o, v) => set(o, (double)v.Value!)));

    /// <summary>A number that is held in single precision; its shortest decimal form is what is shown.</summary>
    public ParameterTable<T> Single(string name, ParameterTiming timing, float from, float to, string description, Func<T, float> get, Func<T, float, T> set) =>
        Number(name, timing, string.Empty, from, to, description, o => (double)(decimal)get(o), (o, v) => set(o, (float)v));

    /// <summary>A duration, held in nanoseconds, given in seconds.</summary>
    public ParameterTable<T> Seconds(string name, ParameterTiming timing, double from, double to, string description, Func<T, long> get, Func<T, long, T> set) =>
        Number(name, timing, "s", from, to, description, o => get(o) / 1e9, (o, v) => set(o, (long)Math.Round(v * 1e9)));

    /// <summary>A text, one of <paramref name="choices"/> where there are any.</summary>
    public ParameterTable<T> Text(string name, ParameterTiming timing, string description, Func<T, string> get, Func<T, string, T> set, params string[] choices) =>
        Add(new Entry(name, o => new ParameterDescription(name, get(o), description, timing) { Choices = choices }, (o, v) => set(o, (string)v.Value!)));

    /// <summary>A list of texts.</summary>
    public ParameterTable<T> Texts(string name, ParameterTiming timing, string description, Func<T, IReadOnlyList<string>> get, Func<T, string[], T> set) =>
        Add(new Entry(name, o => new ParameterDescription(name, get(o).ToArray(), description, timing), (o, v) => set(o, (string[])v.Value!)));

    /// <summary>A list of whole numbers.</summary>
    public ParameterTable<T> Wholes(string name, ParameterTiming timing, int from, int to, string description, Func<T, IReadOnlyList<int>> get, Func<T, int[], T> set) =>
        Add(new Entry(
            name,
            o => new ParameterDescription(name, get(o).Select(i => (long)i).ToArray(), description, timing) { Range = (from, to) },
            (o, v) => set(o, Array.ConvertAll((long[])v.Value!, i => (int)i))));

    /// <summary>Adds a rule between parameters: the reason why the options contradict themselves, or null.</summary>
    public ParameterTable<T> Rule(Func<T, string?> check)
    {
        checks.Add(check);
        return this;
    }

    /// <summary>Takes in the parameters of a part of the options. A parameter that is there already is then one for both.</summary>
    public ParameterTable<T> Include<TPart>(ParameterTable<TPart> part, Func<T, TPart> get, Func<T, TPart, T> set)
        where TPart : class
    {
        foreach (ParameterTable<TPart>.Entry entry in part.entries)
        {
            int before = entries.FindIndex(e => e.Name == entry.Name);
            if (before < 0)
            {
                Add(new Entry(entry.Name, o => entry.Describe(get(o)), (o, v) => set(o, entry.Set(get(o), v))));
            }
            else
            {
                Entry own = entries[before];
                entries[before] = own with { Set = (o, v) => set(own.Set(o, v), entry.Set(get(o), v)) };
            }
        }

        checks.AddRange(part.checks.Select(check => (Func<T, string?>)(o => check(get(o)))));
        return this;
    }

    /// <summary>Declares all parameters of a node, with the values that were given for them, and gives the options that hold from here on.</summary>
    /// <exception cref="UserErrorException">A value that was given is of another type or out of range, or values contradict each other.</exception>
    public T Declare(NodeParameters parameters, T defaults)
    {
        T options = defaults;
        foreach (Entry entry in entries)
        {
            ParameterDescription parameter = entry.Describe(defaults);
            ParameterValue value = parameter.Default;
            if (parameters.Overrides.TryGetValue(entry.Name, out ParameterOverride? given))
            {
                value = parameter.Coerce(given.Value);
                if (parameter.Refuse(value) is { } reason)
                {
                    throw new UserErrorException(reason, given.Origin == ParameterOrigin.Program ? $"parameter '{entry.Name}'" : $"{given.Origin}: parameter '{entry.Name}'");
                }
            }

            options = entry.Set(options, parameters.Declare(entry.Name, value, parameter.Options(), ignoreOverride: true));
        }

        return Contradiction(options) is { } contradiction ? throw new UserErrorException(contradiction, "parameters") : options;
    }

    /// <summary>Reads options from a section of a file that is no parameter file, under the parameters' names: groups are mappings.</summary>
    /// <exception cref="UserErrorException">A value is of another type or out of range, or values contradict each other.</exception>
    public T Read(ConfigSection section, T defaults)
    {
        T options = defaults;
        foreach (Entry entry in entries)
        {
            string[] path = entry.Name.Split('.');
            ConfigSection? group = section;
            for (int i = 0; i < path.Length - 1 && group is not null; i++)
            {
                group = group.OptionalSection(path[i]);
            }

            if (group?.Has(path[^1]) != true)
            {
                continue;
            }

            ParameterDescription parameter = entry.Describe(defaults);
            ParameterValue value = parameter.Type switch
            {
                ParameterType.Bool => group.Bool(path[^1]),
                ParameterType.Integer => group.Int(path[^1]),
                ParameterType.Double => group.Double(path[^1]),
                ParameterType.IntegerArray => group.Doubles(path[^1]).Select(d => (long)d).ToArray(),
                ParameterType.StringArray => group.Strings(path[^1]).ToArray(),
                _ => group.String(path[^1]),
            };
            options = parameter.Refuse(value) is { } reason ? throw group.Error(path[^1], reason) : entry.Set(options, value);
        }

        return Contradiction(options) is { } contradiction ? throw new UserErrorException(contradiction, $"{section.File}:{section.Line}") : options;
    }

    /// <summary>The options after a change.</summary>
    /// <param name="options">The options now.</param>
    /// <param name="changes">The parameters that are to be set; those that are not in this table are left alone.</param>
    /// <param name="changed">The options then.</param>
    /// <param name="mayConfigure">Whether parameters that are read at configuration may be set.</param>
    /// <returns>Why not, or null.</returns>
    public string? Change(T options, IReadOnlyList<Parameter> changes, bool mayConfigure, out T changed)
    {
        changed = options;
        foreach (Parameter change in changes)
        {
            if (entries.Find(e => e.Name == change.Name) is not { } entry)
            {
                continue;
            }

            ParameterDescription parameter = entry.Describe(options);
            if (parameter.Refuse(change.Value) is { } reason)
            {
                return $"parameter '{change.Name}' {reason}";
            }

            // The value that it has already changes nothing: a node takes its own dump back.
            if (parameter.Timing == ParameterTiming.Configure && !mayConfigure && change.Value.ToString() != parameter.Default.ToString())
            {
                return $"parameter '{change.Name}' is read when the node is configured; clean the node up first (ros2 lifecycle set <node> cleanup), or start it with the new value";
            }

            changed = entry.Set(changed, change.Value);
        }

        return Contradiction(changed);
    }

    private string? Contradiction(T options)
    {
        foreach (Func<T, string?> check in checks)
        {
            if (check(options) is { } reason)
            {
                return reason;
            }
        }

        return null;
    }

    private ParameterTable<T> Add(Entry entry)
    {
        entries.Add(entry);
        return this;
    }

    internal sealed record Entry(string Name, Func<T, ParameterDescription> Describe, Func<T, ParameterValue, T> Set);
}
