using QDistill.Configuration;

namespace QDistill.Ros;

public sealed partial class NodeParameters
{
    /// <summary>An endpoint's quality of service with what parameters say of it.</summary>
    /// <exception cref="UserErrorException">A value is of the wrong type or no value of the policy, or the endpoint refuses the result.</exception>
    internal QoSProfile OverrideQoS(string topic, EndpointKind kind, QoSProfile qos, QoSOverridingOptions options)
    {
        ParameterOverride? last = null;
        foreach (QoSOverridePolicy policy in options.Policies)
        {
            string name = QoSName(topic, kind, options, policy);
            ParameterOverride? given = Has(name) ? new ParameterOverride(name, Get(name), node.FullName, ParameterOrigin.Program) : overrides.GetValueOrDefault(name);
            if (given is not null)
            {
                last = given;
                qos = With(qos, policy, given);
            }
        }

        return last is null || options.Validate?.Invoke(qos) is not { } reason
            ? qos
            : throw new UserErrorException($"the quality of service of '{topic}' was refused: {reason}", last.Origin.ToString());
    }

    /// <summary>Declares an endpoint's policies as read-only parameters, unless an endpoint before it did.</summary>
    internal void DeclareQoS(string topic, EndpointKind kind, QoSProfile qos, QoSOverridingOptions options)
    {
        foreach (QoSOverridePolicy policy in options.Policies)
        {
            string name = QoSName(topic, kind, options, policy);
            if (!Has(name))
            {
                Declare(name, ValueOf(qos, policy), new ParameterOptions { ReadOnly = true, Description = $"qos policy {{{Word(policy)}}} for {Word(kind)} {{{topic}}}" }, ignoreOverride: true);
            }
        }
    }

    private static string QoSName(string topic, EndpointKind kind, QoSOverridingOptions options, QoSOverridePolicy policy) =>
        $"qos_overrides.{topic}.{Word(kind)}{(options.Id.Length == 0 ? string.Empty : "_" + options.Id)}.{Word(policy)}";

    private static string Word(EndpointKind kind) => kind == EndpointKind.Publisher ? "publisher" : "subscription";

    private static string Word(QoSOverridePolicy policy) => QoSPolicyNames.Snake(policy);

    private static QoSProfile With(QoSProfile qos, QoSOverridePolicy policy, ParameterOverride given) => policy switch
    {
        QoSOverridePolicy.Durability => qos with { Durability = Choice<DurabilityPolicy>(given, policy) },
        QoSOverridePolicy.History => qos with { History = Choice<HistoryPolicy>(given, policy) },
        QoSOverridePolicy.Depth => qos with { Depth = (int)Math.Min(Typed<long>(given, ParameterType.Integer) is var d && d >= 0 ? d : throw Negative(given), int.MaxValue) },
        QoSOverridePolicy.Reliability => qos with { Reliability = Choice<ReliabilityPolicy>(given, policy) },
        QoSOverridePolicy.Deadline => qos with { Deadline = Duration(given) },
        QoSOverridePolicy.Lifespan => qos with { Lifespan = Duration(given) },
        QoSOverridePolicy.Liveliness => qos with { Liveliness = Choice<LivelinessPolicy>(given, policy) },
        QoSOverridePolicy.LivelinessLeaseDuration => qos with { LivelinessLeaseDuration = Duration(given) },
        _ => qos with { AvoidRosNamespaceConventions = Typed<bool>(given, ParameterType.Bool) },
    };

    private static ParameterValue ValueOf(QoSProfile qos, QoSOverridePolicy policy) => policy switch
    {
        QoSOverridePolicy.Durability => QoSPolicyNames.NameOf(qos.Durability),
        QoSOverridePolicy.History => QoSPolicyNames.NameOf(qos.History),
        QoSOverridePolicy.Depth => qos.Depth,
        QoSOverridePolicy.Reliability => QoSPolicyNames.NameOf(qos.Reliability),
        QoSOverridePolicy.Deadline => Nanoseconds(qos.Deadline),
        QoSOverridePolicy.Lifespan => Nanoseconds(qos.Lifespan),
        QoSOverridePolicy.Liveliness => QoSPolicyNames.NameOf(qos.Liveliness),
        QoSOverridePolicy.LivelinessLeaseDuration => Nanoseconds(qos.LivelinessLeaseDuration),
        _ => qos.AvoidRosNamespaceConventions,
    };

    private static T Typed<T>(ParameterOverride given, ParameterType type) => given.Value.Value is T value
        ? value
        : throw new UserErrorException(
            $"parameter '{given.Name}' is of type {ParameterValue.NameOf(type)}, not {ParameterValue.NameOf(given.Value.Type)}", given.Origin.ToString(), $"give it a value of type {ParameterValue.NameOf(type)}");

    private static T Choice<T>(ParameterOverride given, QoSOverridePolicy policy)
        where T : struct, Enum
    {
        string word = Typed<string>(given, ParameterType.String);
        return QoSPolicyNames.TryParse(word, out T value) ? value : throw new UserErrorException(
            $"unknown QoS policy {Word(policy)} value: {word}", given.Origin.ToString(), NearestKey.Hint(word, QoSPolicyNames.All<T>().Where(w => QoSPolicyNames.TryParse<T>(w, out _))));
    }

    private static TimeSpan Duration(ParameterOverride given) =>
        Typed<long>(given, ParameterType.Integer) is var ns && ns < 0 ? throw Negative(given) : ns is 0 or long.MaxValue ? QoSProfile.Infinite : TimeSpan.FromTicks(ns / TimeSpan.NanosecondsPerTick);

    private static long Nanoseconds(TimeSpan time) => time.Ticks > long.MaxValue / TimeSpan.NanosecondsPerTick ? long.MaxValue : time.Ticks * TimeSpan.NanosecondsPerTick;

    private static UserErrorException Negative(ParameterOverride given) =>
        new($"parameter '{given.Name}' is {given.Value}, below 0", given.Origin.ToString(), "give it a number from 0 on");
}
