using QDistill.Msgs.RclInterfaces;
using RclParameter = QDistill.Msgs.RclInterfaces.Parameter;

namespace QDistill.Ros;

// The parameter services, and /parameter_events.
public sealed partial class NodeParameters
{
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
}
