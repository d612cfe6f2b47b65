namespace QDistill.Ros;

public sealed partial class Node
{
    /// <summary>Serves an action: goals are accepted as they come and executed side by side, cancellation is agreed to.</summary>
    /// <param name="name">The action's name: relative to the namespace, private (<c>~/x</c>) or absolute.</param>
    /// <param name="execute">Does the work of one goal, on the thread pool; see <see cref="ActionCallbacks{TGoal, TResult, TFeedback}.Execute"/>.</param>
    /// <param name="options">Its options; null: the defaults.</param>
    public ActionServer<TAction, TGoal, TResult, TFeedback> CreateActionServer<TAction, TGoal, TResult, TFeedback>(
        string name, Func<ServerGoalHandle<TGoal, TResult, TFeedback>, CancellationToken, Task> execute, ActionServerOptions? options = null)
        where TAction : IAction<TGoal, TResult, TFeedback>
        where TGoal : class, IMessage<TGoal>, new()
        where TResult : class, IMessage<TResult>, new()
        where TFeedback : class, IMessage<TFeedback>, new() =>
        CreateActionServer<TAction, TGoal, TResult, TFeedback>(name, new ActionCallbacks<TGoal, TResult, TFeedback> { Execute = execute }, options);

    /// <summary>Serves an action, with a say in what is accepted and what may be cancelled.</summary>
    public ActionServer<TAction, TGoal, TResult, TFeedback> CreateActionServer<TAction, TGoal, TResult, TFeedback>(
        string name, ActionCallbacks<TGoal, TResult, TFeedback> callbacks, ActionServerOptions? options = null)
        where TAction : IAction<TGoal, TResult, TFeedback>
        where TGoal : class, IMessage<TGoal>, new()
        where TResult : class, IMessage<TResult>, new()
        where TFeedback : class, IMessage<TFeedback>, new() =>
        new(this, ResolveActionName(name), callbacks, options ?? new ActionServerOptions());

    /// <summary>Sends goals to an action's server.</summary>
    /// <param name="name">The action's name.</param>
    /// <param name="qos">Its endpoints' QoS; null: the defaults.</param>
    public ActionClient<TAction, TGoal, TResult, TFeedback> CreateActionClient<TAction, TGoal, TResult, TFeedback>(string name, ActionQoS? qos = null)
        where TAction : IAction<TGoal, TResult, TFeedback>
        where TGoal : class, IMessage<TGoal>, new()
        where TResult : class, IMessage<TResult>, new()
        where TFeedback : class, IMessage<TFeedback>, new() =>
        new(this, ResolveActionName(name), qos ?? new ActionQoS());

    /// <summary>The absolute, renamed form of an action's name. Its services and topics can be renamed one by one, too.</summary>
    /// <exception cref="Configuration.UserErrorException">The name breaks ROS's rules.</exception>
    public string ResolveActionName(string name) => ResolveName(name, RemapTarget.Service);

    /// <summary>All actions with their types, as <c>ros2 action list -t</c> finds them: by their feedback and status topics.</summary>
    public IReadOnlyList<NameAndTypes> GetActionNamesAndTypes() => Context.GetGraph().ActionNamesAndTypes();
}
