using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>Where an Azure Quantum workspace is and how it is entered.</summary>
/// <param name="Endpoint">https://{location}.quantum.azure.com/</param>
/// <param name="Path">The workspace's resource path.</param>
/// <param name="ApiKey">The access key, or null when a token is used.</param>
public sealed record AzureWorkspace(Uri Endpoint, string Path, string? ApiKey)
{
    /// <summary>The variable that is read when no connection string is configured.</summary>
    public const string Variable = "AZURE_QUANTUM_CONNECTION_STRING";

    /// <summary>Reads a connection string (SubscriptionId, ResourceGroupName, WorkspaceName, ApiKey, QuantumEndpoint); when null, that of the environment.</summary>
    /// <exception cref="UserErrorException">There is none, or a part is missing.</exception>
    public static AzureWorkspace Parse(string? connectionString)
    {
        string text = connectionString ?? Environment.GetEnvironmentVariable(Variable)
            ?? throw new UserErrorException("the back end 'azure' needs a workspace", null, $"set {Variable} to the connection string that the Azure portal shows under access keys");
        var parts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int at = part.IndexOf('=');
            if (at > 0)
            {
                parts[part[..at].Trim()] = part[(at + 1)..].Trim();
            }
        }

        string Part(string name) => parts.TryGetValue(name, out string? v) && v.Length > 0 ? v
            : throw new UserErrorException($"the Azure Quantum connection string lacks {name}", null, "copy it whole from the Azure portal");
        if (!Uri.TryCreate(Part("QuantumEndpoint"), UriKind.Absolute, out Uri? endpoint))
        {
            throw new UserErrorException($"the QuantumEndpoint '{Part("QuantumEndpoint")}' of the connection string is not an address");
        }

        string path = $"/subscriptions/{Part("SubscriptionId")}/resourceGroups/{Part("ResourceGroupName")}/providers/Microsoft.Quantum/workspaces/{Part("WorkspaceName")}";
        return new AzureWorkspace(endpoint, path, parts.GetValueOrDefault("ApiKey"));
    }

    /// <summary>Never shows the key.</summary>
    public override string ToString() => $"{Endpoint.Host}{Path}";
}
