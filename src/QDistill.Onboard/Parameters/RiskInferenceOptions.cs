using QDistill.Configuration;

namespace QDistill.Onboard;

/// <summary>The parameters of <c>risk_inference</c>.</summary>
public sealed record RiskInferenceOptions
{
    /// <summary>The model: a folder with <c>student.onnx</c>, or the file itself; null or empty: none yet, all predictions say NO_MODEL.</summary>
    public string? Model { get; init; }

    /// <summary>The robot's <c>robot.yaml</c>, whose schema the model must have; null or empty: the model's schema is taken as it is.</summary>
    public string? Robot { get; init; }

    /// <summary>Whether a model that cannot be loaded fails the configuration; else the node flies without one, and says NO_MODEL.</summary>
    public bool RequireModel { get; init; } = true;

    /// <summary>Judgement and alarms.</summary>
    public RiskOptions Risk { get; init; } = new();

    /// <summary>Latency window and deadline.</summary>
    public LatencyOptions Latency { get; init; } = new();

    /// <summary>How often a dead input is looked for, and predictions are made in its stead [Hz].</summary>
    public double WatchdogRate { get; init; } = 20;

    /// <summary>Whether the collision alarm is also published as <c>std_msgs/msg/Bool</c>.</summary>
    public bool PublishAlarm { get; init; } = true;

    /// <summary>Whether <c>~/debug/latency</c> is published.</summary>
    public bool PublishLatency { get; init; } = true;

    /// <summary>Whether <c>~/debug/markers</c> is published for RViz.</summary>
    public bool PublishMarkers { get; init; }

    /// <summary>How the features are received and the predictions sent.</summary>
    public TopicQoS QoS { get; init; } = new();

    /// <summary>A trace of every prediction's stages.</summary>
    public TraceOptions Trace { get; init; } = new();

    /// <summary>Scheduling of the predicting thread.</summary>
    public RealTimeOptions RealTime { get; init; } = new();

    /// <summary>Time between two diagnostics [s].</summary>
    public double DiagnosticsPeriod { get; init; } = 1;

    /// <summary>Reads the parameters from a file.</summary>
    /// <exception cref="UserErrorException">See <see cref="ParameterFile.Read{T}(string, string, Func{ConfigSection, T})"/>.</exception>
    public static RiskInferenceOptions Load(string path) => ParameterFile.Read(path, "risk_inference", s => Read(s));

    /// <summary>Reads the parameters of <c>ros__parameters</c>.</summary>
    public static RiskInferenceOptions Read(ConfigSection section)
    {
        var d = new RiskInferenceOptions();
        ConfigSection? watchdog = section.OptionalSection("watchdog");
        ConfigSection? latency = section.OptionalSection("latency");
        return new RiskInferenceOptions
        {
            Model = section.OptionalString("model"),
            Robot = section.OptionalString("robot"),
            RequireModel = section.Bool("require_model", d.RequireModel),
            Risk = ReadRisk(section, watchdog),
            Latency = latency is null ? d.Latency : new LatencyOptions
            {
                Window = latency.Seconds("window", d.Latency.Window, 0.1, 3600),
                Deadline = latency.Seconds("deadline", d.Latency.Deadline, 1e-6, 3600),
                Period = latency.Seconds("period", d.Latency.Period, 0, 3600),
                WarnShare = latency.Double("warn_share", d.Latency.WarnShare, 0, 1),
            },
            WatchdogRate = watchdog?.Double("rate", d.WatchdogRate, 0.1, 1000) ?? d.WatchdogRate,
            PublishAlarm = section.OptionalSection("alarm")?.Bool("publish", d.PublishAlarm) ?? d.PublishAlarm,
            PublishLatency = latency?.Bool("publish", d.PublishLatency) ?? d.PublishLatency,
            Trace = TraceOptions.Read(section.OptionalSection("trace")),
            RealTime = RealTimeOptions.Read(section.OptionalSection("real_time")),
            PublishMarkers = section.Bool("publish_markers", d.PublishMarkers),
            QoS = TopicQoS.Read(section.OptionalSection("qos"), d.QoS),
            DiagnosticsPeriod = section.OptionalSection("diagnostics")?.Double("period", d.DiagnosticsPeriod, 0.05, 60) ?? d.DiagnosticsPeriod,
        };
    }

    private static RiskOptions ReadRisk(ConfigSection section, ConfigSection? watchdog)
    {
        var d = new RiskOptions();
        ConfigSection? range = section.OptionalSection("out_of_distribution");
        ConfigSection? alarm = section.OptionalSection("alarm");
        float on = (float)(alarm?.Double("on_threshold", 0, 0, 1) ?? 0);
        float off = (float)(alarm?.Double("off_threshold", 0, 0, 1) ?? 0);
        if (alarm is not null && on > 0 && off > on)
        {
            throw alarm.Error("off_threshold", $"{off} is above on_threshold ({on})", "the alarm must go off below where it goes on");
        }

        return new RiskOptions
        {
            FailSafeProbability = (float)section.Double("fail_safe_probability", d.FailSafeProbability, 0, 1),
            MinimumValid = section.Double("minimum_valid", d.MinimumValid, 0, 1),
            InputTimeout = watchdog?.Seconds("input_timeout", d.InputTimeout, 0.001, 3600) ?? d.InputTimeout,
            FrozenTimeout = watchdog?.Seconds("frozen_timeout", d.FrozenTimeout, 0, 3600) ?? d.FrozenTimeout,
            Stamps = watchdog is null ? d.Stamps : new StampOptions
            {
                MaxAge = watchdog.Seconds("stamp_max_age", d.Stamps.MaxAge, 0, 1e6),
                FutureTolerance = watchdog.Seconds("stamp_future_tolerance", d.Stamps.FutureTolerance, 0, 3600),
            },
            RangeMargin = range?.Double("margin", d.RangeMargin, 0, 1e6) ?? d.RangeMargin,
            RangeAllowance = (int)(range?.Int("allowance", d.RangeAllowance, 0, 1_000_000) ?? d.RangeAllowance),
            RangeFailSafe = range?.Bool("fail_safe", d.RangeFailSafe) ?? d.RangeFailSafe,
            AlarmOn = on > 0 ? on : null,
            AlarmOff = off > 0 ? off : null,
            Alarm = alarm is null ? d.Alarm : d.Alarm with
            {
                OnCount = (int)alarm.Int("on_count", d.Alarm.OnCount, 1, 10_000),
                OffCount = (int)alarm.Int("off_count", d.Alarm.OffCount, 1, 10_000),
                Hold = alarm.Seconds("hold", d.Alarm.Hold, 0, 3600),
            },
        };
    }
}
