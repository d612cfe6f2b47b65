namespace QDistill.Ros;

public sealed partial class Node
{
    /// <summary>Answers a service.</summary>
    /// <param name="name">The service's name: relative to the namespace, private (<c>~/x</c>) or absolute.</param>
    /// <param name="handler">Fills the response; called on the spinning thread. When it throws, the client gets no answer and the error is logged.</param>
    /// <param name="qos">Null: <see cref="QoSProfile.Services"/>.</param>
    /// <param name="group">Null: <see cref="DefaultCallbackGroup"/>.</param>
    public Service<TService, TRequest, TResponse> CreateService<TService, TRequest, TResponse>(
        string name, Action<TRequest, TResponse> handler, QoSProfile? qos = null, CallbackGroup? group = null)
        where TService : IService<TRequest, TResponse>
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        new(this, ResolveServiceName(name), qos ?? QoSProfile.Services, request =>
        {
            var response = new TResponse();
            handler(request, response);
            return Task.FromResult(response);
        }, group);

    /// <summary>Answers a service whose work takes its time: other callbacks run while the handler awaits.</summary>
    public Service<TService, TRequest, TResponse> CreateService<TService, TRequest, TResponse>(
        string name, Func<TRequest, Task<TResponse>> handler, QoSProfile? qos = null, CallbackGroup? group = null)
        where TService : IService<TRequest, TResponse>
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        new(this, ResolveServiceName(name), qos ?? QoSProfile.Services, handler, group);

    /// <summary>Calls a service.</summary>
    /// <param name="name">The service's name.</param>
    /// <param name="qos">Null: <see cref="QoSProfile.Services"/>.</param>
    /// <param name="group">Null: <see cref="DefaultCallbackGroup"/>. Replies are received whatever the group's callbacks do.</param>
    public Client<TService, TRequest, TResponse> CreateClient<TService, TRequest, TResponse>(string name, QoSProfile? qos = null, CallbackGroup? group = null)
        where TService : IService<TRequest, TResponse>
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        new(this, ResolveServiceName(name), qos ?? QoSProfile.Services, group);
}
