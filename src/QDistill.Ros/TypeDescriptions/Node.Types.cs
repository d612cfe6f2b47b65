namespace QDistill.Ros;

public sealed partial class Node
{
    /// <summary>The definition of a type that one of the node's endpoints or actions uses now, by its hash; null when none does or its text is not known.</summary>
    internal MessageDefinition? FindTypeInUse(string hash)
    {
        IDisposable[] users;
        lock (gate)
        {
            users = [.. children];
        }

        foreach (IDisposable user in users)
        {
            (string name, string used) = user switch
            {
                Endpoint e => (e.MessageType.Name, e.MessageType.Hash),
                ServiceEndpoint s => (s.Type.Name, s.Type.Hash),
                ActionEndpoint a => (a.Type.Name, a.Type.Hash),
                _ => (string.Empty, string.Empty),
            };
            if (!string.Equals(used, hash, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            // A topic may carry a type that is known from a bag's or a folder's text only.
            if (MessageDefinitions.BuiltIn.TryGet(name, out MessageDefinition? definition) && string.Equals(definition.Hash, hash, StringComparison.OrdinalIgnoreCase))
            {
                return definition;
            }

            if (user is Endpoint { MessageType.Definition.Length: > 0 } endpoint)
            {
                return endpoint.MessageType.Structure;
            }
        }

        return null;
    }
}
