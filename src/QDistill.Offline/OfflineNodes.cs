using QDistill.Configuration;
using QDistill.Ros;

namespace QDistill.Offline;

/// <summary>The offline nodes by kind.</summary>
public static class OfflineNodes
{
    /// <summary>The kinds.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [TeacherLabelingNode.Kind, StudentDistillationNode.Kind, ReplayEvaluationNode.Kind];

    /// <summary>Describes the parameters of a kind of node, with their defaults.</summary>
    /// <exception cref="UserErrorException">The kind is not known.</exception>
    public static IReadOnlyList<ParameterDescription> Parameters(string kind) =>
    [
        .. OfflineNode.CommonParameters,
        .. kind switch
        {
            TeacherLabelingNode.Kind => TeacherLabelingNode.Parameters,
            StudentDistillationNode.Kind => StudentDistillationNode.Parameters,
            ReplayEvaluationNode.Kind => ReplayEvaluationNode.Parameters,
            _ => throw Unknown(kind),
        },
    ];

    /// <summary>Makes a node of a kind.</summary>
    /// <exception cref="UserErrorException">The kind is not known, or a parameter given is refused.</exception>
    public static OfflineNode Create(string kind, RosContext context, OfflineNodeStart start)
    {
        try
        {
            OfflineNode node = kind switch
            {
                TeacherLabelingNode.Kind => new TeacherLabelingNode(context, start),
                StudentDistillationNode.Kind => new StudentDistillationNode(context, start),
                ReplayEvaluationNode.Kind => new ReplayEvaluationNode(context, start),
                _ => throw Unknown(kind),
            };
            try
            {
                // A pattern's section may hold what is meant for other nodes.
                node.Node.Parameters.RejectUndeclaredOverrides(wildcardScopes: false);
                return node;
            }
            catch
            {
                node.Dispose();
                throw;
            }
        }
        catch (ParameterException e)
        {
            throw new UserErrorException(e.Message, kind, null, e);
        }
    }

    private static UserErrorException Unknown(string kind) => new($"there is no node '{kind}'", null, NearestKey.Hint(kind, Kinds));

    /// <summary>Runs a node until cancelled; what is under way then is cancelled and can be resumed where its kind allows.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="context">The domain; null: ROS's environment variables decide.</param>
    /// <param name="start">Name, namespace, parameters.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="say">Receives one line when goals are served; null: standard output.</param>
    public static void Run(string kind, RosContextOptions? context, OfflineNodeStart start, CancellationToken cancellation, Action<string>? say = null)
    {
        using var ros = new RosContext(context);
        using OfflineNode node = Create(kind, ros, start);
        (say ?? Console.WriteLine)($"{node.Node.Name} ready: {node.Summary}");
        ros.Spin(cancellation);
    }
}
