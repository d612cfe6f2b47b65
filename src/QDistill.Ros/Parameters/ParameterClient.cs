using QDistill.Configuration;
using QDistill.Msgs.RclInterfaces;
using RclParameter = QDistill.Msgs.RclInterfaces.Parameter;

namespace QDistill.Ros;

/// <summary>The answer to setting a parameter.</summary>
/// <param name="Successful">Whether it was set.</param>
/// <param name="Reason">Why not; may be empty.</param>
public readonly record struct SetParameterResult(bool Successful, string Reason);

/// <summary>Reads and sets the parameters of another node, and is told of their changes. A list of names is all or nothing: one unknown name fails it.</summary>
public sealed class ParameterClient : IDisposable
{
    private readonly Node node;
    private readonly CallbackGroup? group;
    private readonly TimeSpan timeout;
    private readonly Client<GetParameters, GetParameters.Request, GetParameters.Response> get;
    private readonly Client<GetParameterTypes, GetParameterTypes.Request, GetParameterTypes.Response> types;
    private readonly Client<DescribeParameters, DescribeParameters.Request, DescribeParameters.Response> describe;
    private readonly Client<ListParameters, ListParameters.Request, ListParameters.Response> list;
    private readonly Client<SetParameters, SetParameters.Request, SetParameters.Response> set;
    private readonly Client<SetParametersAtomically, SetParametersAtomically.Request, SetParametersAtomically.Response> atomically;

    /// <summary>Creates the six clients.</summary>
    /// <param name="node">The node that asks.</param>
    /// <param name="remoteNode">The node asked, such as <c>/agv/risk</c>; relative to the namespace of <paramref name="node"/>.</param>
    /// <param name="timeout">For each call, waiting for the node included; null: 5 s.</param>
    /// <param name="group">The group of its callbacks; null: the node's.</param>
    /// <exception cref="UserErrorException">The name breaks ROS's rules.</exception>
    public ParameterClient(Node node, string remoteNode, TimeSpan? timeout = null, CallbackGroup? group = null)
    {
        this.node = node;
        this.group = group;
        this.timeout = timeout ?? TimeSpan.FromSeconds(5);
        RemoteNode = RosName.Expand(remoteNode, node.Namespace, node.Name, "node");
        QoSProfile qos = QoSProfile.Parameters;
        get = node.CreateClient<GetParameters, GetParameters.Request, GetParameters.Response>(RemoteNode + "/get_parameters", qos, group);
        types = node.CreateClient<GetParameterTypes, GetParameterTypes.Request, GetParameterTypes.Response>(RemoteNode + "/get_parameter_types", qos, group);
        set = node.CreateClient<SetParameters, SetParameters.Request, SetParameters.Response>(RemoteNode + "/set_parameters", qos, group);
        atomically = node.CreateClient<SetParametersAtomically, SetParametersAtomically.Request, SetParametersAtomically.Response>(RemoteNode + "/set_parameters_atomically", qos, group);
        list = node.CreateClient<ListParameters, ListParameters.Request, ListParameters.Response>(RemoteNode + "/list_parameters", qos, group);
        describe = node.CreateClient<DescribeParameters, DescribeParameters.Request, DescribeParameters.Response>(RemoteNode + "/describe_parameters", qos, group);
    }

    /// <summary>The node asked: namespace and name.</summary>
    public string RemoteNode { get; }

    /// <summary>Whether all six services are there.</summary>
    public bool IsReady => get.IsServiceReady && types.IsServiceReady && set.IsServiceReady && atomically.IsServiceReady && list.IsServiceReady && describe.IsServiceReady;

    /// <summary>Waits until <see cref="IsReady"/>.</summary>
    /// <returns>False on time-out.</returns>
    public async Task<bool> WaitForNodeAsync(TimeSpan limit, CancellationToken cancellation = default)
    {
        Task<bool>[] all =
        [
            get.WaitForServiceAsync(limit, cancellation), types.WaitForServiceAsync(limit, cancellation), set.WaitForServiceAsync(limit, cancellation),
            atomically.WaitForServiceAsync(limit, cancellation), list.WaitForServiceAsync(limit, cancellation), describe.WaitForServiceAsync(limit, cancellation),
        ];
        return (await Task.WhenAll(all).ConfigureAwait(false)).All(ready => ready);
    }

    /// <summary>One parameter's value.</summary>
    /// <exception cref="ParameterException">The node has no such parameter, or it has no value yet.</exception>
    /// <exception cref="TimeoutException">The node is not there or does not answer.</exception>
    public async Task<ParameterValue> GetAsync(string name, CancellationToken cancellation = default) => (await GetAsync([name], cancellation).ConfigureAwait(false))[0];

    /// <summary>Parameters' values, in the order of the names.</summary>
    /// <exception cref="ParameterException">The node does not know one of them, or it has no value yet.</exception>
    /// <exception cref="TimeoutException">The node is not there or does not answer.</exception>
    public async Task<IReadOnlyList<ParameterValue>> GetAsync(IReadOnlyList<string> names, CancellationToken cancellation = default)
    {
        var request = new GetParameters.Request();
        Fill(request.Names, names);
        GetParameters.Response response = await get.CallAsync(request, timeout, cancellation).ConfigureAwait(false);
        Check(names, response.Values.Count);
        return [.. response.Values.Span.ToArray().Select(v => ParameterValue.From(v) ?? throw new ParameterException($"node '{RemoteNode}' gave a value of the unknown type {v.Type}"))];
    }

    /// <summary>Parameters' types, in the order of the names.</summary>
    /// <exception cref="ParameterException">The node does not know one of them.</exception>
    /// <exception cref="TimeoutException">The node is not there or does not answer.</exception>
    public async Task<IReadOnlyList<ParameterType>> GetTypesAsync(IReadOnlyList<string> names, CancellationToken cancellation = default)
    {
        var request = new GetParameterTypes.Request();
        Fill(request.Names, names);
        GetParameterTypes.Response response = await types.CallAsync(request, timeout, cancellation).ConfigureAwait(false);
        Check(names, response.Types.Count);
        return [.. response.Types.Span.ToArray().Select(t => (ParameterType)t)];
    }

    /// <summary>Parameters' descriptions, in the order of the names.</summary>
    /// <exception cref="ParameterException">The node does not know one of them.</exception>
    /// <exception cref="TimeoutException">The node is not there or does not answer.</exception>
    public async Task<IReadOnlyList<ParameterDescriptor>> DescribeAsync(IReadOnlyList<string> names, CancellationToken cancellation = default)
    {
        var request = new DescribeParameters.Request();
        Fill(request.Names, names);
        DescribeParameters.Response response = await describe.CallAsync(request, timeout, cancellation).ConfigureAwait(false);
        Check(names, response.Descriptors.Count);
        return response.Descriptors.Span.ToArray();
    }

    /// <summary>The names under prefixes, and the prefixes found.</summary>
    /// <param name="prefixes">Groups or whole names; none: all.</param>
    /// <param name="depth">How many levels below a prefix; 0: all.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TimeoutException">The node is not there or does not answer.</exception>
    public async Task<(IReadOnlyList<string> Names, IReadOnlyList<string> Prefixes)> ListAsync(IReadOnlyList<string>? prefixes = null, ulong depth = 0, CancellationToken cancellation = default)
    {
        var request = new ListParameters.Request { Depth = depth };
        Fill(request.Prefixes, prefixes ?? []);
        ListParametersResult result = (await list.CallAsync(request, timeout, cancellation).ConfigureAwait(false)).Result;
        return (result.Names.Span.ToArray(), result.Prefixes.Span.ToArray());
    }

    /// <summary>Sets one parameter.</summary>
    /// <exception cref="TimeoutException">The node is not there or does not answer.</exception>
    public async Task<SetParameterResult> SetAsync(string name, ParameterValue value, CancellationToken cancellation = default) =>
        (await SetAsync([new Parameter(name, value)], cancellation).ConfigureAwait(false))[0];

    /// <summary>Sets parameters one by one: some may be set and others refused.</summary>
    /// <returns>One answer each.</returns>
    /// <exception cref="TimeoutException">The node is not there or does not answer.</exception>
    public async Task<IReadOnlyList<SetParameterResult>> SetAsync(IReadOnlyList<Parameter> parameters, CancellationToken cancellation = default)
    {
        var request = new SetParameters.Request();
        Fill(request.Parameters, parameters);
        SetParameters.Response response = await set.CallAsync(request, timeout, cancellation).ConfigureAwait(false);
        Check([.. parameters.Select(p => p.Name)], response.Results.Count);
        return [.. response.Results.Span.ToArray().Select(r => new SetParameterResult(r.Successful, r.Reason))];
    }

    /// <summary>Sets all parameters or none.</summary>
    /// <exception cref="TimeoutException">The node is not there or does not answer.</exception>
    public async Task<SetParameterResult> SetAtomicallyAsync(IReadOnlyList<Parameter> parameters, CancellationToken cancellation = default)
    {
        var request = new SetParametersAtomically.Request();
        Fill(request.Parameters, parameters);
        SetParametersResult result = (await atomically.CallAsync(request, timeout, cancellation).ConfigureAwait(false)).Result;
        return new SetParameterResult(result.Successful, result.Reason);
    }

    /// <summary>Sets what a parameter file says for the node, one by one in the file's order.</summary>
    /// <param name="file">The file.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Each value with its answer.</returns>
    /// <exception cref="UserErrorException">The file cannot be used, or holds nothing for the node.</exception>
    /// <exception cref="TimeoutException">The node is not there or does not answer.</exception>
    public async Task<IReadOnlyList<(ParameterOverride Value, SetParameterResult Result)>> LoadAsync(string file, CancellationToken cancellation = default)
    {
        var overrides = new ParameterOverrides();
        ParameterFile.Read(file, overrides);
        ParameterOverride[] values = [.. overrides.For(RemoteNode).OrderBy(v => v.Origin.Line)];
        if (values.Length == 0)
        {
            throw new UserErrorException($"the file holds no parameters for node '{RemoteNode}'", file, overrides.Scopes.Count == 0 ? null : $"it is for {string.Join(", ", overrides.Scopes)}");
        }

        IReadOnlyList<SetParameterResult> results = await SetAsync([.. values.Select(v => new Parameter(v.Name, v.Value))], cancellation).ConfigureAwait(false);
        return [.. values.Zip(results)];
    }

    /// <summary>Calls back with every /parameter_events message of the node: parameters declared, changed, removed.</summary>
    /// <returns>Ends it when disposed.</returns>
    public IDisposable OnEvent(Action<ParameterEvent> callback) => node.CreateSubscription<ParameterEvent>(
        "/parameter_events",
        QoSProfile.ParameterEvents,
        message =>
        {
            if (message.Node == RemoteNode)
            {
                callback(message);
            }
        },
        new SubscriptionOptions { CallbackGroup = group });

    /// <summary>Removes the clients.</summary>
    public void Dispose()
    {
        get.Dispose();
        types.Dispose();
        set.Dispose();
        atomically.Dispose();
        list.Dispose();
        describe.Dispose();
    }

    private static void Fill(Sequence<string> target, IReadOnlyList<string> names)
    {
        foreach (string name in names)
        {
            target.Add(name);
        }
    }

    private static void Fill(Sequence<RclParameter> target, IReadOnlyList<Parameter> parameters)
    {
        target.Resize(parameters.Count);
        for (int i = 0; i < parameters.Count; i++)
        {
            target[i].Name = parameters[i].Name;
            parameters[i].Value.CopyTo(target[i].Value);
        }
    }

    private void Check(IReadOnlyList<string> names, int answers)
    {
        if (answers != names.Count)
        {
            throw new ParameterException($"node '{RemoteNode}' does not know {(names.Count == 1 ? "the parameter" : "one of the parameters")} {string.Join(", ", names.Select(n => $"'{n}'"))}, or it has no value yet");
        }
    }
}
