using System.CommandLine;
using QDistill.Cli.Terminal;
using QDistill.Quantum;

namespace QDistill.Cli.Verbs;

/// <summary><c>qdistill azure</c>: looks into the Azure Quantum workspace.</summary>
internal static class AzureVerb
{
    public static Command Create() => new("azure", $"Looks into the Azure Quantum workspace that {AzureWorkspace.Variable} names.") { Targets() };

    private static Command Targets()
    {
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb(
            "targets",
            "Lists the workspace's targets: availability, queue, qubits and QIR profile. Logs in with the connection string's ApiKey or, without one, as Azure.Identity finds it (az login, a service principal's variables, a managed identity).",
            "qdistill azure targets",
            "qdistill azure targets --json");
        verb.Add(json);
        verb.SetAction((r, cancellation) =>
        {
            using var client = new AzureQuantumClient(new AzureOptions { Target = string.Empty });
            IReadOnlyList<AzureTarget> targets = client.Targets(cancellation);
            if (r.GetValue(json))
            {
                Output.WriteJson(targets.Select(t => new { t.Id, t.Provider, t.Availability, queue_s = t.QueueSeconds, t.Qubits, Profile = ProfileOf(t) }));
            }
            else
            {
                Output.WriteTable(null, ["target", "provider", "availability", "queue [s]>", "qubits>", "profile"], targets.Select(t => (IReadOnlyList<string>)
                    [t.Id, t.Provider, t.Availability, Output.Number(t.QueueSeconds, 0), Output.Number(t.Qubits, 0), ProfileOf(t)]));
            }

            return Task.FromResult(0);
        });
        return verb;
    }

    private static string ProfileOf(AzureTarget target) => target.Profile ?? AzureBackend.ProfileOf(target.Id);
}
