using Azure.Core;
using Azure.Identity;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>Bearer tokens for Azure Quantum's data plane.</summary>
internal sealed class AzureLogin
{
    private static readonly TokenRequestContext Scope = new(["https://quantum.microsoft.com/.default"]);
    private readonly TokenCredential credential;
    private AccessToken token;

    public AzureLogin(TokenCredential? credential) => this.credential = credential ?? new DefaultAzureCredential();

    /// <summary>A token that is good for at least another minute.</summary>
    /// <exception cref="UserErrorException">Nobody could be logged in.</exception>
    public string Token(CancellationToken cancellation)
    {
        if (token.ExpiresOn > DateTimeOffset.UtcNow.AddMinutes(1))
        {
            return token.Token;
        }

        try
        {
            token = credential.GetToken(Scope, cancellation);
        }
        catch (AuthenticationFailedException e)
        {
            throw new UserErrorException(
                $"the connection string has no ApiKey, and nobody is logged in at Azure ({FirstLine(e.Message).TrimEnd('.')})",
                null,
                "add the key, log in with 'az login', or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET",
                e);
        }

        return token.Token;
    }

    /// <summary>Forgets the token, which the service has refused.</summary>
    public void Forget() => token = default;

    private static string FirstLine(string text) => text.Split('\n', 2)[0].Trim();
}
