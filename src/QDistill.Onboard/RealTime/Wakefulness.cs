using QDistill.Ros;

namespace QDistill.Onboard;

/// <summary>What keeps a machine from falling asleep between two messages while a node is active: a bound on the processors' wake-up latency, and busy polling.</summary>
internal sealed class Wakefulness
{
    private CpuLatencyRequest? request;
    private RosContext? polling;

    /// <summary>Begins what is asked for. What cannot be had is told, and the node works without it.</summary>
    /// <returns>One sentence for each remark.</returns>
    public IReadOnlyList<string> Begin(RosContext context, RealTimeOptions options)
    {
        End();
        var remarks = new List<string>();
        if (options.CpuDmaLatency >= 0)
        {
            request = CpuLatencyRequest.Hold(options.CpuDmaLatency, out string? remark);
            if (remark is not null)
            {
                remarks.Add(remark);
            }
        }

        if (options.BusyPoll > 0 && Environment.ProcessorCount == 1)
        {
            remarks.Add("real_time.busy_poll_us is not used: with a single processor the polling thread would keep those from running that receive its messages.");
        }
        else if (options.BusyPoll > 0)
        {
            polling = context;
            context.BusyPoll = TimeSpan.FromMicroseconds(options.BusyPoll);
        }

        return remarks;
    }

    /// <summary>Ends it all; may be called twice.</summary>
    public void End()
    {
        request?.Dispose();
        if (polling is not null)
        {
            polling.BusyPoll = TimeSpan.Zero;
        }

        (request, polling) = (null, null);
    }
}
