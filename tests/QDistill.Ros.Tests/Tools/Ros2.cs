using System.Globalization;
using System.Text;
using QDistill.Msgs.LifecycleMsgs;
using QDistill.Msgs.RclInterfaces;

namespace QDistill.Ros.Tests;

/// <summary>What the <c>ros2</c> command line prints, made from our graph and our clients. Its standard error comes after its standard output.</summary>
/// <param name="node">The tool's own node, in a context that spins.</param>
internal sealed class Ros2(Node node)
{
    private static readonly string[] TypeNames = ["not set", "boolean", "integer", "double", "string", "byte array", "boolean array", "integer array", "double array", "string array"];

    /// <summary>The output of a command given by its words, without <c>ros2</c>; null: not one of those known here.</summary>
    public string? Run(string[] words) => words switch
    {
        ["node", "list"] => Lines(Visible(Graph.Nodes.Select(n => n.FullName))),
        ["node", "info", string name] => NodeInfo(name, hidden: false),
        ["node", "info", "--include-hidden", string name] => NodeInfo(name, hidden: true),
        ["topic", "list"] => Lines(Visible(Graph.TopicNamesAndTypes().Select(t => t.Name))),
        ["topic", "list", "-t"] => Lines(Visible(Typed(Graph.TopicNamesAndTypes()))),
        ["topic", "list", "--include-hidden-topics", "-t"] => Lines(Typed(Graph.TopicNamesAndTypes())),
        ["topic", "info", string name, "-v"] => TopicInfo(name),
        ["topic", "type", string name] => Lines(Graph.TopicNamesAndTypes().Where(t => t.Name == name).SelectMany(t => t.Types)),
        ["topic", "find", string type] => Lines(Visible(Graph.TopicNamesAndTypes().Where(t => t.Types.Contains(type)).Select(t => t.Name))),
        ["service", "list"] => Lines(Visible(Services.Select(t => t.Name))),
        ["service", "list", "-t"] => Lines(Visible(Typed(Services))),
        ["service", "list", "-t", "--include-hidden-services"] => Lines(Typed(Services)),
        ["service", "type", string name] => Lines(Services.Where(t => t.Name == name).SelectMany(t => t.Types)),
        ["service", "find", string type] => Lines(Visible(Services.Where(t => t.Types.Contains(type)).Select(t => t.Name))),
        ["action", "list"] => Lines(node.GetActionNamesAndTypes().Select(a => a.Name)),
        ["action", "list", "-t"] => Lines(Typed(node.GetActionNamesAndTypes())),
        ["action", "type", string name] => Lines(node.GetActionNamesAndTypes().Where(t => t.Name == name).SelectMany(t => t.Types)),
        ["action", "info", string name] => ActionInfo(name, types: false),
        ["action", "info", string name, "-t"] => ActionInfo(name, types: true),
        [_, ("list" or "info" or "find" or "type"), ..] => null,
        ["lifecycle", "nodes"] => Lines(LifecycleNodes),
        ["lifecycle", "get"] => Lines(LifecycleNodes.Select(n => $"{n}: {State(n)}")),
        ["lifecycle", "get", string name] => LifecycleNodes.Contains(name) ? Lines([State(name)]) : "Node not found\n",
        ["lifecycle", "set", string name, string transition] => SetState(name, transition),
        ["param", _, string name, ..] when !Graph.Nodes.Any(n => n.FullName == name) => "Node not found\n",
        ["param", "describe", string name, .. string[] parameters] => Describe(name, parameters),
        ["param", "get", string name, "--hide-type", string parameter] => Get(name, parameter)?.Value is { } v ? Lines([Python(v)]) : null,
        ["param", "get", string name, string parameter] => Get(name, parameter) is not { } value ? "Parameter not set\n" : value.Value is null ? "Parameter not set.\n" : Lines([Shown(value)]),
        ["param", "set", string name, string parameter, .. string[] value] => Set(name, parameter, Yaml(value[^1]), "Set parameter successful", "Setting parameter failed"),
        ["param", "delete", string name, string parameter] => Set(name, parameter, ParameterValue.NotSet, "Deleted parameter successfully", "Deleting parameter failed"),
        _ => null,
    };

    /// <summary><c>lifecycle list</c>.</summary>
    public string Transitions(string name, bool all)
    {
        TransitionDescription[] transitions = all ? Call("get_transition_graph") : Call("get_available_transitions");
        return Lines(transitions.Select(t => $"- {t.Transition.Label} [{t.Transition.Id}]\n\tStart: {t.StartState.Label}\n\tGoal: {t.GoalState.Label}"));

        TransitionDescription[] Call(string service) => Call<GetAvailableTransitions, GetAvailableTransitions.Request, GetAvailableTransitions.Response>(
            $"{name}/{service}", new GetAvailableTransitions.Request()).AvailableTransitions.Span.ToArray();
    }

    /// <summary><c>param list</c>.</summary>
    public string Parameters(string name, bool types, string[] prefixes, string? startsWith)
    {
        using var client = new ParameterClient(node, name, TestNodes.Patience);
        string[] names = [.. client.ListAsync(prefixes).GetAwaiter().GetResult().Names.Where(n => startsWith is null || n.StartsWith(startsWith, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        return Lines(types
            ? names.Zip(client.DescribeAsync(names).GetAwaiter().GetResult()).Select(p => $"  {p.First} (type: {TypeNames[p.Second.Type]})")
            : names.Select(n => "  " + n));
    }

    /// <summary><c>param dump</c>: nested by the names' dots, sorted, as PyYAML writes.</summary>
    /// <param name="name">The node.</param>
    /// <param name="leaveOut">Parameters that begin so are left out.</param>
    public string Dump(string name, string? leaveOut = null)
    {
        using var client = new ParameterClient(node, name, TestNodes.Patience);
        var text = new StringBuilder($"{name}:\n  ros__parameters:\n");
        string[] above = [];
        foreach (string parameter in client.ListAsync([]).GetAwaiter().GetResult().Names.Order(StringComparer.Ordinal).Where(n => leaveOut is null || !n.StartsWith(leaveOut, StringComparison.Ordinal)))
        {
            string[] parts = parameter.Split('.');
            for (int i = 0; i < parts.Length - 1; i++)
            {
                if (!parts[..(i + 1)].SequenceEqual(above.Take(i + 1)))
                {
                    text.Append(CultureInfo.InvariantCulture, $"{Indent(i)}{parts[i]}:\n");
                }
            }

            string indent = Indent(parts.Length - 1);
            object value = client.GetAsync(parameter).GetAwaiter().GetResult().Value!;
            text.Append(CultureInfo.InvariantCulture, $"{indent}{parts[^1]}:{(value is Array items ? "\n" + Lines(items.Cast<object>().Select(v => $"{indent}- {Scalar(v, indent)}")) : $" {Scalar(value, indent)}\n")}");
            above = parts;
        }

        return text + "\n";

        static string Indent(int depth) => new(' ', 4 + (2 * depth));

        static string Scalar(object value, string indent) => value switch
        {
            byte b => $"!!binary |\n{indent}  {Convert.ToBase64String([b])}",
            bool b => b ? "true" : "false",
            _ => Python(value),
        };
    }

    /// <summary><c>param load</c>.</summary>
    public string Load(string name, string file)
    {
        using var client = new ParameterClient(node, name, TestNodes.Patience);
        (ParameterOverride Value, SetParameterResult Result)[] results = [.. client.LoadAsync(file).GetAwaiter().GetResult()];
        return Lines(results.OrderBy(r => !r.Result.Successful)
            .Select(r => r.Result.Successful ? $"Set parameter {r.Value.Name} successful" : $"Set parameter {r.Value.Name} failed: {r.Result.Reason}"));
    }

    /// <summary>The response that <c>service call</c> prints, for the calls of the record.</summary>
    public string? Called(string service, string type, string request)
    {
        string name = service[..service.LastIndexOf('/')];
        using var client = new ParameterClient(node, name, TestNodes.Patience);
        switch (type)
        {
            case "rcl_interfaces/srv/ListParameters":
                var list = client.ListAsync(["group"]).GetAwaiter().GetResult();
                return $"rcl_interfaces.srv.ListParameters_Response(result=rcl_interfaces.msg.ListParametersResult(names={Python(list.Names.ToArray())}, prefixes={Python(list.Prefixes.ToArray())}))\n";
            case "rcl_interfaces/srv/SetParameters":
                SetParameterResult set = client.SetAsync("int_p", 3L).GetAwaiter().GetResult();
                return $"rcl_interfaces.srv.SetParameters_Response(results=[rcl_interfaces.msg.SetParametersResult(successful={Python(set.Successful)}, reason='{set.Reason}')])\n";
            case "lifecycle_msgs/srv/ChangeState":
                var change = new ChangeState.Request { Transition = { Label = "deactivate" } };
                return $"lifecycle_msgs.srv.ChangeState_Response(success={Python(Call<ChangeState, ChangeState.Request, ChangeState.Response>(service, change).Success)})\n";
            default:
                throw new InvalidOperationException($"the record calls a service that is not known here: {type} {request}");
        }
    }

    private GraphSnapshot Graph => node.Context.GetGraph();

    private IEnumerable<NameAndTypes> Services => Graph.ServiceNamesAndTypes();

    private IEnumerable<string> LifecycleNodes => Services.Where(s => s.Types.Contains("lifecycle_msgs/srv/GetState")).Select(s => s.Name[..s.Name.LastIndexOf('/')]);

    private static string Lines(IEnumerable<string> lines) => string.Concat(lines.Select(l => l + "\n"));

    private static bool IsVisible(string name) => !name.Split(' ')[0].Split('/').Any(part => part.StartsWith('_'));

    private IEnumerable<string> Visible(IEnumerable<string> names) => names.Where(n => n != node.FullName && IsVisible(n)).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Typed(IEnumerable<NameAndTypes> rows) => rows.Select(r => $"{r.Name} [{string.Join(", ", r.Types)}]");

    private string NodeInfo(string name, bool hidden)
    {
        GraphSnapshot graph = Graph;
        if (!graph.Nodes.Any(n => n.FullName == name))
        {
            return $"Unable to find node '{name}'\n";
        }

        var text = new StringBuilder(name + "\n");
        void Section(string title, IEnumerable<NameAndTypes> rows, string ifNone = "\n") =>
            text.Append(CultureInfo.InvariantCulture, $"  {title}:\n{(rows.Any() ? Lines(rows.Select(r => $"    {r.Name}: {string.Join(", ", r.Types)}")) : ifNone)}");
        IEnumerable<NameAndTypes> Of(EndpointKind kind) => graph.NamesAndTypesByNode(name, kind).Where(r => hidden || IsVisible(r.Name));
        Section("Subscribers", Of(EndpointKind.Subscription));
        Section("Publishers", Of(EndpointKind.Publisher));
        Section("Service Servers", Of(EndpointKind.Service));
        Section("Service Clients", Of(EndpointKind.Client));
        Section("Action Servers", graph.ActionServersByNode(name));
        Section("Action Clients", graph.ActionClientsByNode(name));
        return text.ToString();
    }

    private string TopicInfo(string name)
    {
        IReadOnlyList<GraphEndpoint> publishers = Graph.PublishersOf(name), subscriptions = Graph.SubscriptionsOf(name);
        return publishers.Count + subscriptions.Count == 0
            ? $"Unknown topic '{name}'\n"
            : $"Type: {publishers.Concat(subscriptions).First().Type}\n\nPublisher count: {publishers.Count}\n\n{Rows(publishers)}Subscription count: {subscriptions.Count}\n\n{Rows(subscriptions)}";

        static string Rows(IEnumerable<GraphEndpoint> endpoints) => string.Concat(endpoints.Select(e =>
            $"Node name: {e.Node!.Name}\nNode namespace: {e.Node.Namespace}\nTopic type: {e.Type}\nTopic type hash: {e.TypeHash}\nEndpoint type: {e.Kind.ToString().ToUpperInvariant()}\nGID: <gid>\nQoS profile:\n"
            + $"  Reliability: {Policy(e.QoS.Reliability)}\n  History (Depth): {Policy(e.QoS.History)} ({e.QoS.Depth})\n  Durability: {Policy(e.QoS.Durability)}\n  Lifespan: {Time(e.QoS.Lifespan)}\n"
            + $"  Deadline: {Time(e.QoS.Deadline)}\n  Liveliness: {Policy(e.QoS.Liveliness)}\n  Liveliness lease duration: {Time(e.QoS.LivelinessLeaseDuration)}\n\n"));
    }

    private static string Policy<T>(T value)
        where T : struct, Enum => QoSPolicyNames.NameOf(value).ToUpperInvariant();

    private static string Time(TimeSpan time) => time >= QoSProfile.Infinite ? "Infinite" : $"{time.Ticks * TimeSpan.NanosecondsPerTick} nanoseconds";

    private string ActionInfo(string name, bool types)
    {
        GraphSnapshot graph = Graph;
        string[] Rows(Func<string, IReadOnlyList<NameAndTypes>> of) =>
            [.. graph.Nodes.SelectMany(n => of(n.FullName).Where(a => a.Name == name).Select(a => "    " + (types ? Typed([a with { Name = n.FullName }]).First() : n.FullName)))];
        string[] clients = Rows(graph.ActionClientsByNode), servers = Rows(graph.ActionServersByNode);
        return $"Action: {name}\nAction clients: {clients.Length}\n{Lines(clients)}Action servers: {servers.Length}\n{Lines(servers)}";
    }

    private string State(string name)
    {
        State state = Call<GetState, GetState.Request, GetState.Response>($"{name}/get_state", new GetState.Request()).CurrentState;
        return $"{state.Label} [{state.Id}]";
    }

    private string SetState(string name, string wanted)
    {
        Transition[] available = [.. Call<GetAvailableTransitions, GetAvailableTransitions.Request, GetAvailableTransitions.Response>(
            $"{name}/get_available_transitions", new GetAvailableTransitions.Request()).AvailableTransitions.Span.ToArray().Select(t => t.Transition)];
        if (available.FirstOrDefault(t => t.Label == wanted || $"{t.Id}" == wanted) is not { } transition)
        {
            return "Unknown transition requested, available ones are:\n" + Lines(available.Select(t => $"- {t.Label} [{t.Id}]"));
        }

        var request = new ChangeState.Request { Transition = { Id = transition.Id } };
        return Call<ChangeState, ChangeState.Request, ChangeState.Response>($"{name}/change_state", request).Success ? "Transitioning successful\n" : "Transitioning failed\n";
    }

    private string Describe(string name, string[] parameters)
    {
        using var client = new ParameterClient(node, name, TestNodes.Patience);
        try
        {
            return string.Concat(client.DescribeAsync(parameters).GetAwaiter().GetResult().Select(One));
        }
        catch (ParameterException)
        {
            return string.Empty;   // one unknown name gives an empty answer for all
        }

        static string One(ParameterDescriptor d)
        {
            var text = new StringBuilder($"Parameter name: {d.Name}\n  Type: {TypeNames[d.Type]}\n{(d.Description.Length > 0 ? $"  Description: {d.Description}\n" : string.Empty)}  Constraints:\n");
            void Constraint(string what, object value) => text.Append(CultureInfo.InvariantCulture, $"    {what}: {Python(value)}\n");
            if (d.ReadOnly)
            {
                Constraint("Read only", "true");
            }

            foreach (QDistill.Msgs.RclInterfaces.IntegerRange r in d.IntegerRange.Span)
            {
                Constraint("Min value", r.FromValue);
                Constraint("Max value", r.ToValue);
                if (r.Step != 0)
                {
                    Constraint("Step", r.Step);
                }
            }

            foreach (QDistill.Msgs.RclInterfaces.FloatingPointRange r in d.FloatingPointRange.Span)
            {
                Constraint("Min value", r.FromValue);
                Constraint("Max value", r.ToValue);
                if (r.Step != 0)
                {
                    Constraint("Step", r.Step);
                }
            }

            if (d.AdditionalConstraints.Length > 0)
            {
                Constraint("Additional constraints", d.AdditionalConstraints);
            }

            return text.ToString();
        }
    }

    private ParameterValue? Get(string name, string parameter)
    {
        using var client = new ParameterClient(node, name, TestNodes.Patience);
        try
        {
            return client.GetAsync(parameter).GetAwaiter().GetResult();
        }
        catch (ParameterException)
        {
            return null;
        }
    }

    private string Set(string name, string parameter, ParameterValue value, string done, string failed)
    {
        using var client = new ParameterClient(node, name, TestNodes.Patience);
        SetParameterResult result = client.SetAsync(parameter, value).GetAwaiter().GetResult();
        return result.Successful ? done + "\n" : $"{failed}: {result.Reason}\n";
    }

    private TResponse Call<TService, TRequest, TResponse>(string service, TRequest request)
        where TService : IService<TRequest, TResponse>
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        using Client<TService, TRequest, TResponse> client = node.CreateClient<TService, TRequest, TResponse>(service);
        return client.Call(request, TestNodes.Patience);
    }

    private static string Shown(ParameterValue value) => value.Value switch
    {
        bool b => $"Boolean value is: {Python(b)}",
        long i => $"Integer value is: {i}",
        double d => $"Double value is: {Python(d)}",
        string s => $"String value is: {s}",
        byte[] a => $"Byte values are: {Python(a)}",
        bool[] a => $"Boolean values are: {Python(a)}",
        long[] a => $"Integer values are: {Python(a)}",
        double[] a => $"Double values are: {Python(a)}",
        var a => $"String values are: {Python(a!)}",
    };

    // As Python's print does.
    private static string Python(object value) => value switch
    {
        bool b => b ? "True" : "False",
        double d => d.ToString("R", CultureInfo.InvariantCulture) is var s && s.Contains('.') ? s : s + ".0",
        byte[] a => "[" + string.Join(", ", a.Select(b => $"b'\\x{b:x2}'")) + "]",
        string[] a => "[" + string.Join(", ", a.Select(s => $"'{s}'")) + "]",
        bool[] a => "[" + string.Join(", ", a.Select(b => Python(b))) + "]",
        long[] a => "[" + string.Join(", ", a) + "]",
        double[] a => "[" + string.Join(", ", a.Select(d => Python(d))) + "]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static ParameterValue Yaml(string text) => text switch
    {
        "true" or "on" => true,
        "false" or "off" => false,
        ['[', .., ']'] => text[1..^1].Split(','),
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long i) => i,
        _ when double.TryParse(text, CultureInfo.InvariantCulture, out double d) => d,
        _ => text,
    };
}
