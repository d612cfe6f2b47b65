using System.Runtime.InteropServices;
using QDistill.Ros.Transport;

namespace QDistill.Ros;

/// <summary>How many native objects this process holds; all zero once every context is disposed and the middleware has let go of its last payloads.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct LiveObjects
{
    /// <summary>Contexts.</summary>
    public uint Contexts { get; init; }

    /// <summary>Nodes.</summary>
    public uint Nodes { get; init; }

    /// <summary>Publishers.</summary>
    public uint Publishers { get; init; }

    /// <summary>Subscriptions.</summary>
    public uint Subscriptions { get; init; }

    /// <summary>Service clients.</summary>
    public uint Clients { get; init; }

    /// <summary>Services.</summary>
    public uint Services { get; init; }

    /// <summary>Guards.</summary>
    public uint Guards { get; init; }

    /// <summary>Wait sets.</summary>
    public uint WaitSets { get; init; }

    /// <summary>Payloads, sent and received, that someone still holds.</summary>
    public uint Payloads { get; init; }

    /// <summary>Type descriptions.</summary>
    public uint Types { get; init; }

    /// <summary>Graph snapshots.</summary>
    public uint Graphs { get; init; }

    /// <summary>The counts now.</summary>
    public static LiveObjects Now
    {
        get
        {
            NativeMethods.qd_get_live_counts(out LiveObjects counts);
            return counts;
        }
    }
}
