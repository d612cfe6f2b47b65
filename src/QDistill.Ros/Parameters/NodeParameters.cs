using QDistill.Msgs.RclInterfaces;
using RclParameter = QDistill.Msgs.RclInterfaces.Parameter;

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

    /// <summary>Adds a callback that sees every set before it happens and may refuse it: it returns the reason, or null to accept. The last added is asked first.</summary>
    public void AddOnSetCallback(Func<IReadOnlyList<Parameter>, string?> check)
    {
        lock (gate)
        {
            checks.Insert(0, check);
        }
    }

    /// <summary>
    /// Adds a callback whose check takes its time, such as loading a file: it is asked once nothing else speaks against the values, and while it awaits, the node's other callbacks run. Declarations
    /// do not ask it.
    /// </summary>
    public void AddOnSetCallback(Func<IReadOnlyList<Parameter>, Task<string?>> check)
    {
        lock (gate)
        {
            slowChecks.Insert(0, check);
        }
    }

    /// <summary>Declares a parameter; an override from the command line or a file takes the default's place.</summary>
    /// <returns>Its value.</returns>
    /// <exception cref="ParameterException">Already declared, or the value is refused.</exception>
    public ParameterValue Declare(string name, ParameterValue value, ParameterOptions? options = null, bool ignoreOverride = false)
    {
        options ??= new ParameterOptions();
        if (value.Type == ParameterType.NotSet && !options.DynamicTyping)
        {
            throw new ParameterException($"parameter '{name}' has invalid type: cannot declare a statically typed parameter with an uninitialized value");
        }

        return Declare(name, value.Type, value, options, ignoreOverride);
    }

    /// <summary>Declares an integer parameter.</summary>
    /// <exception cref="ParameterException">Already declared, or the value is refused.</exception>
    public ParameterValue Declare(string name, long value, ParameterOptions? options = null, bool ignoreOverride = false) =>
        Declare(name, (ParameterValue)value, options, ignoreOverride);

    /// <summary>Declares a parameter that has a type but no value until it is set.</summary>
    /// <exception cref="ParameterException">Already declared, or the override is refused.</exception>
    public ParameterValue Declare(string name, ParameterType type, ParameterOptions? options = null, bool ignoreOverride = false) =>
        Declare(name, type, ParameterValue.NotSet, options ?? new ParameterOptions(), ignoreOverride);

    /// <summary>Removes a parameter of dynamic type.</summary>
    /// <exception cref="ParameterException">Not declared, read-only, or statically typed.</exception>
    public void Undeclare(string name)
    {
        lock (gate)
        {
            if (!entries.TryGetValue(name, out Entry? entry))
            {
                throw new ParameterException($"cannot undeclare parameter '{name}' which has not yet been declared");
            }

            if (entry.Options.ReadOnly)
            {
                throw new ParameterException($"cannot undeclare parameter '{name}' because it is read-only");
            }

            if (!entry.Options.DynamicTyping)
            {
                throw new ParameterException($"parameter '{name}' has invalid type: cannot undeclare a statically typed parameter");
            }

            entries.Remove(name);
        }
    }

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

    /// <summary>Sets one parameter.</summary>
    /// <returns>Null, or the reason why it was refused.</returns>
    public string? Set(string name, ParameterValue value)
    {
        string? undeclared = Undeclared([new Parameter(name, value)]);
        return undeclared is not null ? undeclared : SetAtomically([new Parameter(name, value)]);
    }

    /// <summary>Sets all or none; waits for checks that take their time.</summary>
    /// <returns>Null, or the reason why they were refused.</returns>
    public string? SetAtomically(IReadOnlyList<Parameter> parameters) =>
        slowChecks.Count == 0 ? SetNow(parameters) : Task.Run(() => SetAsync(parameters)).GetAwaiter().GetResult();

    /// <summary>Sets all or none; other callbacks run during checks that take their time.</summary>
    /// <returns>Null, or the reason why they were refused.</returns>
    public async Task<string?> SetAsync(IReadOnlyList<Parameter> parameters)
    {
        if (slowChecks.Count > 0 && parameters.Count > 0)
        {
            Func<IReadOnlyList<Parameter>, Task<string?>>[] slow;
            lock (gate)
            {
                if (Refusal(parameters) is { } reason)
                {
                    return reason;
                }

                slow = [.. slowChecks];
            }

            foreach (Func<IReadOnlyList<Parameter>, Task<string?>> check in slow)
            {
                // Not elsewhere: what is set is told on the thread that asked.
                if (await check(parameters) is { } reason)
                {
                    return reason;
                }
            }
        }

        return SetNow(parameters);
    }

    private string? SetNow(IReadOnlyList<Parameter> parameters)
    {
        if (parameters.Count == 0)
        {
            return "parameter list cannot be empty, this might be due to pre_set_parameters_callback modifying the original parameters list.";
        }

        ParameterEvent message = NewEvent();
        lock (gate)
        {
            if (Refusal(parameters) is { } reason)
            {
                return reason;
            }

            foreach (Parameter p in parameters)
            {
                if (!entries.TryGetValue(p.Name, out Entry? entry))
                {
                    // Declared by setting it: dynamic, and new to the world unless it has no value.
                    entries[p.Name] = new Entry(p.Value.Type, new ParameterOptions { DynamicTyping = true }) { Value = p.Value };
                    if (p.Value.Type != ParameterType.NotSet)
                    {
                        Add(message.NewParameters, p);
                    }
                }
                else if (p.Value.Type == ParameterType.NotSet)
                {
                    entries.Remove(p.Name);
                    Add(message.DeletedParameters, p);
                }
                else
                {
                    entry.Value = p.Value;
                    Add(message.ChangedParameters, p);
                }
            }
        }

        events?.Publish(message);
        Changed?.Invoke(parameters);
        return null;
    }

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

    internal void Start(NodeOptions options)
    {
        if (options.StartParameterServices)
        {
            QoSProfile qos = OverrideQoS("/parameter_events", EndpointKind.Publisher, QoSProfile.ParameterEvents, QoSOverridingOptions.Default);
            events = node.CreatePublisher<ParameterEvent>("/parameter_events", qos);
        }

        Declare("use_sim_time", options.UseSimTime);
        Changed += changed =>
        {
            if (changed.LastOrDefault(p => p.Name == "use_sim_time") is { Value.Value: bool on })
            {
                node.UseSimTime = on;
            }
        };
        if (events is not null)
        {
            bool describes = (bool)Declare(
                "start_type_description_service", true, new ParameterOptions { ReadOnly = true, Description = "Start the ~/get_type_description service for this node." }).Value!;
            DeclareQoS("/parameter_events", EndpointKind.Publisher, events.QoS, QoSOverridingOptions.Default);
            Serve();
            if (describes)
            {
                TypeDescriptionService.Start(node);
            }
        }

        if (options.AutomaticallyDeclareParametersFromOverrides)
        {
            foreach (ParameterOverride given in overrides.Values.Where(o => !Has(o.Name)))
            {
                Declare(given.Name, given.Value, new ParameterOptions { DynamicTyping = true });
            }
        }

        node.UseSimTime = Get<bool>("use_sim_time");
    }

    private void Serve()
    {
        QoSProfile qos = QoSProfile.Parameters;
        node.CreateService<DescribeParameters, DescribeParameters.Request, DescribeParameters.Response>("~/describe_parameters", (request, response) =>
            AllOrNothing(() => Describe(request.Names.Span.ToArray()), response.Descriptors.Add), qos);
        node.CreateService<GetParameters, GetParameters.Request, GetParameters.Response>("~/get_parameters", (request, response) =>
            AllOrNothing(() => [.. request.Names.Span.ToArray().Select(Get)], (ParameterValue v) => v.CopyTo(Grow(response.Values))), qos);
        node.CreateService<GetParameterTypes, GetParameterTypes.Request, GetParameterTypes.Response>("~/get_parameter_types", (request, response) =>
            AllOrNothing(() => [.. request.Names.Span.ToArray().Select(TypeOf)], (ParameterType t) => response.Types.Add((byte)t)), qos);
        node.CreateService<ListParameters, ListParameters.Request, ListParameters.Response>("~/list_parameters", (request, response) =>
        {
            (IReadOnlyList<string> names, IReadOnlyList<string> prefixes) = List(request.Prefixes.Span.ToArray(), request.Depth);
            foreach (string name in names)
            {
                response.Result.Names.Add(name);
            }

            foreach (string prefix in prefixes)
            {
                response.Result.Prefixes.Add(prefix);
            }
        }, qos);
        node.CreateService<SetParameters, SetParameters.Request, SetParameters.Response>("~/set_parameters", async request =>
        {
            var response = new SetParameters.Response();
            for (int i = 0; i < request.Parameters.Count; i++)
            {
                string? reason = Read(request.Parameters[i], out Parameter parameter) ?? Undeclared([parameter]) ?? await SetAsync([parameter]);
                SetParametersResult result = Grow(response.Results);
                (result.Successful, result.Reason) = (reason is null, reason ?? string.Empty);
            }

            return response;
        }, qos);
        node.CreateService<SetParametersAtomically, SetParametersAtomically.Request, SetParametersAtomically.Response>("~/set_parameters_atomically", async request =>
        {
            var response = new SetParametersAtomically.Response();
            var parameters = new List<Parameter>();
            string? reason = null;
            for (int i = 0; i < request.Parameters.Count; i++)
            {
                string? unreadable = Read(request.Parameters[i], out Parameter parameter);
                reason ??= unreadable;
                parameters.Add(parameter);
            }

            reason ??= await SetAsync(parameters);
            (response.Result.Successful, response.Result.Reason) = (reason is null, reason ?? string.Empty);
            return response;
        }, qos);
    }

    // A request with one unknown name has an empty list for an answer.
    private static void AllOrNothing<T>(Func<IReadOnlyList<T>> get, Action<T> add)
    {
        IReadOnlyList<T> all;
        try
        {
            all = get();
        }
        catch (ParameterException)
        {
            return;
        }

        foreach (T item in all)
        {
            add(item);
        }
    }

    // rclcpp dies of an empty name and of an unknown type; here they are refused.
    private static string? Read(RclParameter message, out Parameter parameter)
    {
        ParameterValue? value = ParameterValue.From(message.Value);
        parameter = new Parameter(message.Name, value ?? ParameterValue.NotSet);
        return message.Name.Length == 0 ? "parameter name must not be empty" : value is null ? $"Unknown type: {message.Value.Type}" : null;
    }

    private static T Grow<T>(Sequence<T> sequence)
    {
        sequence.Resize(sequence.Count + 1);
        return sequence[sequence.Count - 1];
    }

    private static void Add(Sequence<RclParameter> list, Parameter parameter)
    {
        RclParameter message = Grow(list);
        message.Name = parameter.Name;
        parameter.Value.CopyTo(message.Value);
    }

    private static string? Mismatch(string name, Entry entry, ParameterValue value)
    {
        if (!entry.Options.DynamicTyping && value.Type != entry.Type)
        {
            return $"Wrong parameter type, parameter {{{name}}} is of type {{{ParameterValue.NameOf(entry.Type)}}}, setting it to {{{ParameterValue.NameOf(value.Type)}}} is not allowed.";
        }

        return value.Value is long i && entry.Options.IntegerRange is { } integers && !integers.Contains(i) ? $"Parameter {{{name}}} doesn't comply with integer range."
            : value.Value is double d && entry.Options.FloatingPointRange is { } doubles && !doubles.Contains(d) ? $"Parameter {{{name}}} doesn't comply with floating point range."
            : null;
    }

    private ParameterEvent NewEvent()
    {
        var message = new ParameterEvent { Node = node.FullName };
        message.Stamp.SetNanoseconds(node.Clock.Now);
        return message;
    }

    private ParameterValue Declare(string name, ParameterType type, ParameterValue value, ParameterOptions options, bool ignoreOverride)
    {
        if (name.Length == 0)
        {
            throw new ParameterException("parameter name must not be empty");
        }

        ParameterOverride? given = null;
        if (!ignoreOverride && overrides.TryGetValue(name, out given))
        {
            value = given.Value;
        }

        ParameterEvent message = NewEvent();
        var parameter = new Parameter(name, value);
        lock (gate)
        {
            if (entries.ContainsKey(name))
            {
                throw new ParameterException($"parameter '{name}' has already been declared");
            }

            var entry = new Entry(type, options);
            if (value.Type != ParameterType.NotSet)
            {
                string? reason = Mismatch(name, entry, value) ?? Ask([parameter]);
                if (reason is not null)
                {
                    throw Refused(!options.DynamicTyping && value.Type != type ? $"parameter '{name}' has invalid type: {reason}" : $"parameter '{name}' could not be set: {reason}", type, given);
                }

                Add(message.NewParameters, parameter);
            }

            entry.Value = value;
            entries[name] = entry;
        }

        events?.Publish(message);
        return value;
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

    private string? Undeclared(IReadOnlyList<Parameter> parameters)
    {
        lock (gate)
        {
            return allowUndeclared ? null : parameters.FirstOrDefault(p => !entries.ContainsKey(p.Name)) is { } p ? $"parameter '{p.Name}' cannot be set because it was not declared" : null;
        }
    }

    private string? Refusal(IReadOnlyList<Parameter> parameters)
    {
        foreach (Parameter p in parameters)
        {
            if (!entries.TryGetValue(p.Name, out Entry? entry))
            {
                if (!allowUndeclared)
                {
                    return "One or more parameters were not declared before setting";
                }
            }
            else if (entry.Options.ReadOnly)
            {
                return $"parameter '{p.Name}' cannot be set because it is read-only";
            }
        }

        foreach (Parameter p in parameters)
        {
            if (entries.TryGetValue(p.Name, out Entry? entry))
            {
                string? reason = p.Value.Type != ParameterType.NotSet ? Mismatch(p.Name, entry, p.Value)
                    : entry.Options.DynamicTyping ? null
                    : "cannot undeclare a statically typed parameter";
                if (reason is not null)
                {
                    return reason;
                }
            }
        }

        return Ask(parameters);
    }

    private string? Ask(IReadOnlyList<Parameter> parameters)
    {
        foreach (Func<IReadOnlyList<Parameter>, string?> check in checks)
        {
            if (check(parameters) is { } reason)
            {
                return reason;
            }
        }

        return null;
    }

    private sealed class Entry(ParameterType type, ParameterOptions options)
    {
        public ParameterType Type { get; } = type;

        public ParameterOptions Options { get; } = options;

        public ParameterValue Value { get; set; } = ParameterValue.NotSet;
    }
}
