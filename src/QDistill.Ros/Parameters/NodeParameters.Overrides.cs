using QDistill.Configuration;

namespace QDistill.Ros;

public sealed partial class NodeParameters
{
    /// <summary>The values given by arguments, files and the program, by name; declaring a parameter takes them.</summary>
    public IReadOnlyDictionary<string, ParameterOverride> Overrides => overrides;

    /// <summary>The values given for parameters that were not declared up to now, each with its origin: misspelt names, mostly.</summary>
    public IReadOnlyList<ParameterOverride> UndeclaredOverrides
    {
        get
        {
            lock (gate)
            {
                return [.. overrides.Values.Where(o => !entries.ContainsKey(o.Name) && !OfEveryNode(o.Name))];
            }
        }
    }

    /// <summary>Refuses values for parameters that were not declared; a node calls it when it has declared all.</summary>
    /// <param name="wildcardScopes">
    /// Whether values for a pattern of nodes, such as <c>/**</c>, count too. True suits a file written for one node; a file shared by several nodes may hold there what
    /// is meant for others.
    /// </param>
    /// <exception cref="UserErrorException">Names the first, its origin, and the nearest declared parameter.</exception>
    public void RejectUndeclaredOverrides(bool wildcardScopes = true)
    {
        ParameterOverride? unknown = UndeclaredOverrides.FirstOrDefault(o => wildcardScopes || !o.Scope.Contains('*', StringComparison.Ordinal));
        if (unknown is not null)
        {
            string[] declared;
            lock (gate)
            {
                declared = [.. entries.Keys];
            }

            throw new UserErrorException(
                $"node '{node.FullName}' has no parameter '{unknown.Name}'",
                unknown.Origin.ToString(),
                NearestKey.Hint(unknown.Name, declared.Where(d => !OfEveryNode(d) && !d.StartsWith("qos_overrides.", StringComparison.Ordinal))));
        }
    }

    // A bare node does not declare all of these, and files may set them for every node.
    private static bool OfEveryNode(string name) => name is "use_sim_time" or "start_type_description_service";

    /// <summary>A refused value is the user's mistake where a user gave it, else the programmer's.</summary>
    private static Exception Refused(string message, ParameterType type, ParameterOverride? given) => given is null || given.Origin == ParameterOrigin.Program
        ? new ParameterException(message)
        : new UserErrorException(message.TrimEnd('.'), given.Origin.ToString(), $"give it a value of type {ParameterValue.NameOf(type)} that its description allows");
}
