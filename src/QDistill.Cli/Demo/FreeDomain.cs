using System.Globalization;
using System.Net;
using System.Net.Sockets;
using QDistill.Configuration;

namespace QDistill.Cli.Demo;

/// <summary>
/// A DDS domain that no one else on this machine uses, for as long as this object lives: claimed among demos by a locked file, and free of any other DDS program's
/// discovery ports when it was claimed.
/// </summary>
internal sealed class FreeDomain : IDisposable
{
    // RTPS 2.5, 9.6.2.3: discovery ports of domain d start at 7400 + 250 d. Above 101 they would lie in the kernel's range of ephemeral ports.
    private const int PortBase = 7400, DomainGain = 250, FirstParticipant = 10, Highest = 101, Lowest = 60;
    private readonly FileStream claim;

    private FreeDomain(int id, FileStream claim) => (Id, this.claim) = (id, claim);

    public int Id { get; }

    /// <summary>Claims a domain.</summary>
    /// <exception cref="UserErrorException">All are taken.</exception>
    public static FreeDomain Claim()
    {
        string folder = Path.Combine(Path.GetTempPath(), "qdistill-domains-" + Environment.UserName);
        Directory.CreateDirectory(folder);
        for (int id = Highest; id >= Lowest; id--)
        {
            FileStream claim;
            try
            {
                claim = new FileStream(Path.Combine(folder, id.ToString(CultureInfo.InvariantCulture) + ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                continue;
            }

            if (IsUnused(PortBase + (DomainGain * id)) && IsUnused(PortBase + (DomainGain * id) + FirstParticipant))
            {
                return new FreeDomain(id, claim);
            }

            claim.Dispose();
        }

        throw new UserErrorException($"no DDS domain from {Lowest} to {Highest} is free on this machine", null, "end some of the programs that use them");
    }

    public void Dispose() => claim.Dispose();

    // Every participant of a domain binds the first of these ports (shared, for multicast) or one from the second on.
    private static bool IsUnused(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ExclusiveAddressUse = true };
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
