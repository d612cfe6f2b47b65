using QDistill.Configuration;
using QDistill.Msgs.StatisticsMsgs;

namespace QDistill.Ros;

/// <summary>
/// What <see cref="TopicStatisticsOptions"/> asks for: age (reception minus the publisher's stamp) and period (between receptions) of one subscription's messages,
/// in ms, in windows. Both are published at the end of every window, also of an empty one.
/// </summary>
internal sealed class TopicStatistics : IDisposable
{
    private const double NanosecondsPerMillisecond = 1e6;

    private readonly Publisher<MetricsMessage> publisher;
    private readonly Timer timer;
    private readonly Lock gate = new();
    private MovingStatistics age;
    private MovingStatistics period;
    private long last;
    private long windowStart = Clock.SystemNow;

    public TopicStatistics(Node node, TopicStatisticsOptions options, CallbackGroup? group)
    {
        if (options.PublishPeriod <= TimeSpan.Zero)
        {
            throw new UserErrorException(
                $"the period of topic statistics must be greater than 0, not {options.PublishPeriod.TotalMilliseconds:G6} ms", options.PublishTopic, "set TopicStatisticsOptions.PublishPeriod");
        }

        publisher = node.CreatePublisher<MetricsMessage>(options.PublishTopic, options.QoS, new PublisherOptions { CallbackGroup = group });
        timer = node.CreateTimer(options.PublishPeriod, Publish, Clock.Steady, group);
    }

    /// <summary>Counts a message.</summary>
    /// <param name="sourceTimestamp">The publisher's stamp, ns; 0: there is none, and the age is not known.</param>
    /// <param name="now">The system's time, ns.</param>
    public void OnReceived(long sourceTimestamp, long now)
    {
        lock (gate)
        {
            if (sourceTimestamp != 0)
            {
                age.Add((now - sourceTimestamp) / NanosecondsPerMillisecond);
            }

            if (last != 0)
            {
                period.Add((now - last) / NanosecondsPerMillisecond);
            }

            last = now;
        }
    }

    public void Dispose()
    {
        timer.Dispose();
        publisher.Dispose();
    }

    /// <summary>The message for one measurement and window; rclcpp's order of the figures.</summary>
    internal static MetricsMessage Compose(string node, string metric, long windowStart, long windowStop, in MovingStatistics statistics)
    {
        var message = new MetricsMessage { MeasurementSourceName = node, MetricsSource = metric, Unit = "ms" };
        message.WindowStart.SetNanoseconds(windowStart);
        message.WindowStop.SetNanoseconds(windowStop);
        foreach ((byte type, double value) in new[]
        {
            (StatisticDataType.STATISTICS_DATA_TYPE_AVERAGE, statistics.Average),
            (StatisticDataType.STATISTICS_DATA_TYPE_MAXIMUM, statistics.Maximum),
            (StatisticDataType.STATISTICS_DATA_TYPE_MINIMUM, statistics.Minimum),
            (StatisticDataType.STATISTICS_DATA_TYPE_SAMPLE_COUNT, statistics.Count),
            (StatisticDataType.STATISTICS_DATA_TYPE_STDDEV, statistics.StandardDeviation),
        })
        {
            message.Statistics.Add(new StatisticDataPoint { DataType = type, Data = value });
        }

        return message;
    }

    private void Publish()
    {
        MovingStatistics ages, periods;
        long start, stop = Clock.SystemNow;
        lock (gate)
        {
            (ages, periods, start) = (age, period, windowStart);
            (age, period, windowStart) = (default, default, stop);
        }

        try
        {
            publisher.Publish(Compose(publisher.Node.Name, "message_age", start, stop, in ages));
            publisher.Publish(Compose(publisher.Node.Name, "message_period", start, stop, in periods));
        }
        catch (ObjectDisposedException) when (publisher.IsDisposed)
        {
            // The subscription has just been closed by another thread.
        }
    }
}
