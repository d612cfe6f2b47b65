using QDistill.Msgs.RclInterfaces;

namespace QDistill.Ros;

/// <summary>
/// The parameters of a node, with the rules of rclcpp: static types unless declared otherwise, ranges, read-only, callbacks that may refuse with a reason, one
/// /parameter_events message per accepted change. Thread-safe; callbacks run on the thread that sets.
/// </summary>
public sealed partial class NodeParameters
{
    private readonly Node node;
    private readonly bool allowUndeclared;
    private readonly IReadOnlyDictionary<string, ParameterOverride> overrides;
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private readonly List<Func<IReadOnlyList<Parameter>, string?>> checks = [];
    private readonly List<Func<IReadOnlyList<Parameter>, Task<string?>>> slowChecks = [];
    private Publisher<ParameterEvent>? events;

    internal NodeParameters(Node node, NodeOptions options, IReadOnlyDictionary<string, ParameterOverride> overrides)
    {
        this.node = node;
        allowUndeclared = options.AllowUndeclaredParameters;
        this.overrides = overrides;
    }

    /// <summary>Raised after parameters were set, with all that one call set.</summary>
    public event Action<IReadOnlyList<Parameter>>? Changed;

    /// <summary>Whether the node serves its parameters to others, as ROS 2's nodes do.</summary>
    internal bool HasServices => events is not null;

    /// <summary>Whether it is declared.</summary>
    public bool Has(string name)
    {
        lock (gate)
        {
            return entries.ContainsKey(name);
        }
    }

    /// <summary>The value.</summary>
    /// <exception cref="ParameterException">Not declared, or declared without a value and not yet set.</exception>
    public ParameterValue Get(string name)
    {
        lock (gate)
        {
            return Value(name);
        }
    }

    /// <summary>The value as bool, long, double, string or an array of these.</summary>
    /// <exception cref="ParameterException">Not declared, not set, or of another type.</exception>
    public T Get<T>(string name) => Get(name) is var value && value.Value is T typed
        ? typed
        : throw new ParameterException($"parameter '{name}' is {ParameterValue.NameOf(value.Type)}, not {typeof(T).Name}");

    /// <summary>Describes parameters.</summary>
    /// <exception cref="ParameterException">One is not declared.</exception>
    public IReadOnlyList<ParameterDescriptor> Describe(IEnumerable<string> names)
    {
        lock (gate)
        {
            return [.. names.Select(Describe)];
        }
    }

    /// <summary>The names under prefixes, sorted, and the prefixes that they have.</summary>
    /// <param name="prefixes">Groups or whole names; none: all.</param>
    /// <param name="depth">How many levels below a prefix; 0: all.</param>
    public (IReadOnlyList<string> Names, IReadOnlyList<string> Prefixes) List(IReadOnlyCollection<string> prefixes, ulong depth)
    {
        var names = new List<string>();
        var found = new List<string>();
        lock (gate)
        {
            foreach (string name in entries.Keys)
            {
                bool Shallow(int from) => depth == 0 || (ulong)name.AsSpan(from).Count('.') < depth;
                bool Under(string prefix) =>
                    name == prefix || (name.Length > prefix.Length && name[prefix.Length] == '.' && name.StartsWith(prefix, StringComparison.Ordinal) && Shallow(prefix.Length + 1));
                if (prefixes.Count == 0 ? !Shallow(0) : !prefixes.Any(Under))
                {
                    continue;
                }

                names.Add(name);
                int dot = name.LastIndexOf('.');
                if (dot >= 0 && !found.Contains(name[..dot]))
                {
                    found.Add(name[..dot]);
                }
            }
        }

        return (names, found);
    }

    private ParameterValue Value(string name)
    {
        if (!entries.TryGetValue(name, out Entry? entry))
        {
            return allowUndeclared ? ParameterValue.NotSet : throw new ParameterException(name);
        }

        return entry.Value.Type == ParameterType.NotSet && !entry.Options.DynamicTyping
            ? throw new ParameterException($"parameter '{name}' is not initialized")
            : entry.Value;
    }

    private ParameterType TypeOf(string name)
    {
        lock (gate)
        {
            return entries.TryGetValue(name, out Entry? entry) ? entry.Value.Type : allowUndeclared ? ParameterType.NotSet : throw new ParameterException(name);
        }
    }

    private ParameterDescriptor Describe(string name)
    {
        var descriptor = new ParameterDescriptor { Name = name };
        if (!entries.TryGetValue(name, out Entry? entry))
        {
            return allowUndeclared ? descriptor : throw new ParameterException(name);
        }

        descriptor.Type = (byte)(entry.Options.DynamicTyping ? entry.Value.Type : entry.Type);
        descriptor.Description = entry.Options.Description;
        descriptor.AdditionalConstraints = entry.Options.AdditionalConstraints;
        descriptor.ReadOnly = entry.Options.ReadOnly;
        descriptor.DynamicTyping = entry.Options.DynamicTyping;
        if (entry.Options.IntegerRange is { } integers)
        {
            Msgs.RclInterfaces.IntegerRange range = Grow(descriptor.IntegerRange);
            (range.FromValue, range.ToValue, range.Step) = (integers.From, integers.To, integers.Step);
        }

        if (entry.Options.FloatingPointRange is { } doubles)
        {
            Msgs.RclInterfaces.FloatingPointRange range = Grow(descriptor.FloatingPointRange);
            (range.FromValue, range.ToValue, range.Step) = (doubles.From, doubles.To, doubles.Step);
        }

        return descriptor;
    }

    private sealed class Entry(ParameterType type, ParameterOptions options)
    {
        public ParameterType Type { get; } = type;

        public ParameterOptions Options { get; } = options;

        public ParameterValue Value { get; set; } = ParameterValue.NotSet;
    }
}
