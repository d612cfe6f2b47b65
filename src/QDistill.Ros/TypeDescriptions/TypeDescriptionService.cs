using Microsoft.Extensions.Logging;
using QDistill.Msgs.TypeDescriptionInterfaces;

namespace QDistill.Ros;

/// <summary>
/// The service <c>~/get_type_description</c> of a full node, with rcl's rules: a type is found by its RIHS01 hash alone among those that the node's endpoints use now,
/// be it a message, a service or an action; the name in the request is not looked at.
/// </summary>
internal static class TypeDescriptionService
{
    private const string Prefix = "RIHS01_";
    private const int HashDigits = 64;

    public static void Start(Node node) => node.CreateService<GetTypeDescription, GetTypeDescription.Request, GetTypeDescription.Response>(
        "~/get_type_description", (request, response) => Answer(node, request, response));

    private static void Answer(Node node, GetTypeDescription.Request request, GetTypeDescription.Response response)
    {
        if (!IsHash(request.TypeHash))
        {
            node.Logger.LogError("Failed to parse type hash '{Hash}'", request.TypeHash);
            response.FailureReason = "Failed to parse type hash";
        }
        else if (node.FindTypeInUse(request.TypeHash) is { } definition)
        {
            TypeDescriptions.Describe(definition, response.TypeDescription);
            if (request.IncludeTypeSources)
            {
                TypeDescriptions.AddSources(definition, response.TypeSources);
            }

            response.Successful = true;
        }
        else
        {
            response.FailureReason = "Type not currently in use by this node";
        }
    }

    private static bool IsHash(string text) =>
        text.Length == Prefix.Length + HashDigits && text.StartsWith(Prefix, StringComparison.Ordinal) && text.AsSpan(Prefix.Length).IndexOfAnyExcept("0123456789abcdefABCDEF") < 0;
}
