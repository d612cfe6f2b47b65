using Microsoft.Extensions.Logging;

namespace QDistill.Ros;

/// <summary>Something that a managed node switches with its state.</summary>
internal interface IManagedEntity
{
    void SetActive(bool active);
}

/// <summary>A publisher that sends only while its managed node is active; the first message dropped after each deactivation is logged.</summary>
/// <typeparam name="T">The message class.</typeparam>
public sealed class LifecyclePublisher<T> : IManagedEntity
    where T : class, IMessage<T>, new()
{
    private readonly ILogger logger;
    private volatile bool active;
    private volatile bool warned;

    internal LifecyclePublisher(Publisher<T> publisher, ILogger logger) => (Publisher, this.logger) = (publisher, logger);

    /// <summary>The publisher beneath.</summary>
    public Publisher<T> Publisher { get; }

    /// <summary>Whether messages are sent now.</summary>
    public bool IsActivated => active;

    /// <summary>Publishes, or drops the message when the node is not active.</summary>
    /// <returns>Whether it was sent.</returns>
    public bool Publish(T message)
    {
        if (active)
        {
            Publisher.Publish(message);
            return true;
        }

        if (!warned)
        {
            warned = true;
            logger.LogWarning("Trying to publish message on the topic '{Topic}', but the publisher is not activated", Publisher.Topic);
        }

        return false;
    }

    void IManagedEntity.SetActive(bool value)
    {
        active = value;
        warned &= !value;
    }
}
