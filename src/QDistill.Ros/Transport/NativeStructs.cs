using System.Runtime.InteropServices;

namespace QDistill.Ros.Transport;

// Mirrors of the structs of qd_transport.h; TransportLibraryTests compares their sizes with the C compiler's.
[StructLayout(LayoutKind.Sequential)]
internal struct NativeContextOptions
{
    public uint Size;
    public uint DomainId;
    public int Discovery;
    public int Humble;
    public nint StaticPeers;
    public nint Configuration;
    public nint Enclave;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeQoS
{
    public int Reliability;
    public int Durability;
    public int History;
    public int Depth;
    public int Liveliness;
    public int AvoidRosNamespace;
    public long DeadlineNs;
    public long LifespanNs;
    public long LivelinessLeaseNs;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeRequestId
{
    public ulong Client;
    public long Sequence;
    public ulong Route;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeSample
{
    public byte* Data;
    public nuint Size;
    public long SourceTimestampNs;
    public long ReceptionTimestampNs;
    public Gid PublisherGid;
    public NativeRequestId Request;
    public nint Owner;

    public readonly ReadOnlySpan<byte> Payload => new(Data, checked((int)Size));

    public readonly MessageInfo Info => new(SourceTimestampNs, ReceptionTimestampNs, PublisherGid);
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeEvent
{
    public int Total;
    public int TotalChange;
    public int Current;
    public int CurrentChange;
    public int Policy;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeGraphNode
{
    public nint Name;
    public nint Namespace;
    public nint Enclave;
    public Gid ParticipantGid;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeGraphEndpoint
{
    public int Kind;
    public int Writes;
    public int Node;
    public int Reserved;
    public nint Name;
    public nint Type;
    public nint TypeHash;
    public nint WireTopic;
    public nint WireType;
    public nint UserData;
    public Gid Gid;
    public Gid ParticipantGid;
    public NativeQoS QoS;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeGraphParticipant
{
    public Gid Gid;
    public nint Enclave;
    public nint UserData;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeGraph
{
    public ulong Version;
    public nuint NodeCount;
    public nuint EndpointCount;
    public nuint ParticipantCount;
    public NativeGraphNode* Nodes;
    public NativeGraphEndpoint* Endpoints;
    public NativeGraphParticipant* Participants;
    public ulong Malformed;
}
