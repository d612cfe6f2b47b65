using Microsoft.Extensions.Logging;
using QDistill.Configuration;
using QDistill.Features;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Msgs.StdMsgs;
using QDistill.Ros;
using LoadModelService = QDistill.Msgs.QdistillMsgs.LoadModel;

namespace QDistill.Onboard;

/// <summary>
/// The inference part of a node: judges feature vectors, watches for a dead input, publishes predictions, latency and diagnostics. Everything but
/// <see cref="LoadModel"/> runs on the thread that spins the node.
/// </summary>
internal sealed class RiskStage : IDisposable
{
    // A fault that persists is logged again after this long.
    private const long LogAgain = 5_000_000_000;

    private readonly Node node;
    private readonly RiskInferenceOptions options;
    private readonly RiskPredictor predictor;
    private readonly ModelSlot slot;
    private readonly LatencyMonitor latency;
    private readonly RiskMessages messages = new();
    private readonly Bool alarmMessage = new();
    private readonly Publisher<CollisionRisk> risks;
    private readonly Publisher<ConstraintViolations> violations;
    private readonly Publisher<InferenceLatency>? latencies;
    private readonly Publisher<Bool>? alarms;
    private readonly RiskMarkers? markers;
    private readonly Diagnostics diagnostics;
    private readonly TraceFile? trace;
    private readonly Service<LoadModelService, LoadModelService.Request, LoadModelService.Response> loadModel;
    private readonly Timer watchdog;
    private readonly Timer diagnosticsTimer;
    private readonly bool schemaIsFixed;
    private readonly long[] loggedAt = new long[InputFaults.Count];
    private InputFault lastFault;
    private string lastSchema = string.Empty;
    private string? loggedSchema;
    private string frameId = string.Empty;
    private volatile string? modelProblem;
    private bool active;

    public RiskStage(Node node, RiskInferenceOptions options, Func<string, IRiskModel> load, FeatureSchema? schema)
    {
        this.node = node;
        this.options = options;
        schemaIsFixed = schema is not null;
        predictor = new RiskPredictor(options.Risk) { Schema = schema };
        slot = new ModelSlot(predictor, load) { SchemaId = schema?.Id };
        latency = new LatencyMonitor(options.Latency);
        try
        {
            LoadFirst();
            QoSProfile qos = options.QoS.Output;
            risks = node.CreatePublisher<CollisionRisk>("~/output/collision_risk", qos);
            violations = node.CreatePublisher<ConstraintViolations>("~/output/constraint_violations", qos);
            latencies = options.PublishLatency ? node.CreatePublisher<InferenceLatency>("~/debug/latency", qos) : null;
            alarms = options.PublishAlarm ? node.CreatePublisher<Bool>("~/output/alarm", qos) : null;
            markers = options.PublishMarkers ? new RiskMarkers(node, qos) : null;
            diagnostics = new Diagnostics(node);
            trace = string.IsNullOrEmpty(options.Trace.File) ? null : new TraceFile(options.Trace);
            loadModel = node.CreateService<LoadModelService, LoadModelService.Request, LoadModelService.Response>("~/load_model", OnLoadModel);
            watchdog = node.CreateTimer(TimeSpan.FromSeconds(1 / options.WatchdogRate), OnWatchdog);
            diagnosticsTimer = node.CreateTimer(TimeSpan.FromSeconds(options.DiagnosticsPeriod), OnDiagnostics);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Adds statuses to the diagnostics.</summary>
    public Action<Diagnostics>? MoreDiagnostics { get; set; }

    public RiskPredictor Predictor => predictor;

    public string Summary => predictor.Model?.Info is { } info
        ? $"model {info.ModelId}, schema {info.SchemaId[..Math.Min(12, info.SchemaId.Length)]}, {info.FeatureNames.Count} features, {info.Constraints.Count} constraints, horizon {info.Horizon:G3} s"
        : "no model: every prediction says NO_MODEL";

    public void Start()
    {
        latency.Reset();
        predictor.Start(Clock.Steady.Now);
        active = true;
    }

    public void Stop() => active = false;

    /// <summary>Exchanges the model; any thread may call it.</summary>
    public ModelSwap LoadModel(string path)
    {
        ModelSwap swap = slot.Swap(path);
        modelProblem = swap.Success ? null : swap.Message;
        if (swap.Success)
        {
            node.Logger.LogInformation("model exchanged: {Message}", swap.Message);
        }
        else
        {
            node.Logger.LogError("model kept: {Message}", swap.Message);
        }

        return swap;
    }

    /// <summary>Judges one feature vector and publishes the outcome.</summary>
    /// <param name="values">The values in schema order.</param>
    /// <param name="validity">The validity bits.</param>
    /// <param name="schemaId">Their schema.</param>
    /// <param name="stamp">Their stamp [ns].</param>
    /// <param name="frame">Their frame.</param>
    /// <param name="stages">The stages until now.</param>
    public void OnFeatures(ReadOnlySpan<float> values, ReadOnlySpan<byte> validity, string schemaId, long stamp, string frame, StageTimes stages)
    {
        if (!active)
        {
            return;
        }

        long start = Clock.Steady.Now;
        slot.TakeUp();
        (frameId, lastSchema) = (frame, schemaId);
        if (!schemaIsFixed)
        {
            slot.SchemaId = schemaId;
        }

        predictor.Judge(values, validity, schemaId, stamp, node.Clock.Now, start);
        long judged = Clock.Steady.Now;
        Publish();
        long published = Clock.Steady.Now;
        stages.Inference = judged - start;
        stages.Publish = published - judged;
        latency.Record(stages, published);
        trace?.Add(stages, predictor.Sequence, predictor.Status, published);
        if (latencies is not null)
        {
            messages.FillLatency(predictor.Stamp, frameId, predictor.Sequence, latency);
            latencies.Publish(messages.Latency);
        }

        NoteFault(published);
    }

    // Loading takes as long as many predictions, and so is done elsewhere.
    private Task<LoadModelService.Response> OnLoadModel(LoadModelService.Request request) => Task.Run(() =>
    {
        ModelSwap swap = LoadModel(request.Path);
        return new LoadModelService.Response { Success = swap.Success, Message = swap.Message, ModelId = swap.ModelId };
    });

    private void LoadFirst()
    {
        if (string.IsNullOrEmpty(options.Model))
        {
            return;
        }

        try
        {
            slot.Load(options.Model);
        }
        catch (UserErrorException e) when (!options.RequireModel)
        {
            modelProblem = e.Message;
            node.Logger.LogError("flying without a model: {Message}", e.Message);
        }

        slot.TakeUp();
    }

    private void OnWatchdog()
    {
        slot.TakeUp();
        if (!active)
        {
            return;
        }

        long now = Clock.Steady.Now;
        if (predictor.IsSilent(now))
        {
            predictor.JudgeSilence(node.Clock.Now, now);
            Publish();
            NoteFault(now);
        }
    }

    private void Publish()
    {
        messages.Fill(predictor, frameId);
        risks.Publish(messages.Risk);
        violations.Publish(messages.Violations);
        if (alarms is not null)
        {
            alarmMessage.Data = predictor.Alarm;
            alarms.Publish(alarmMessage);
        }

        markers?.Publish(predictor, frameId);
    }

    private void NoteFault(long now)
    {
        InputFault fault = predictor.Fault;
        bool newSchema = fault == InputFault.WrongSchema && !string.Equals(loggedSchema, lastSchema, StringComparison.Ordinal);
        if (fault == lastFault && !newSchema)
        {
            return;
        }

        bool logged = loggedAt[(int)fault] != 0 && now - loggedAt[(int)fault] < LogAgain;
        if (newSchema)
        {
            loggedSchema = lastSchema;
            node.Logger.LogError(
                "the features have schema {Schema}, but model {Model} was trained on {Trained}; use the robot.yaml that it was trained with",
                lastSchema,
                predictor.Model?.Info.ModelId,
                predictor.Model?.Info.SchemaId);
        }
        else if (!logged && fault != InputFault.WrongSchema)
        {
            LogLevel level = fault == InputFault.None ? LogLevel.Information : IsMild(InputFaults.StatusOf(fault)) ? LogLevel.Warning : LogLevel.Error;
            node.Logger.Log(level, "{Status}: {Reason}", InputFaults.StatusOf(fault), Describe(fault));
        }

        if (!logged)
        {
            loggedAt[(int)fault] = now;
        }

        lastFault = fault;
    }

    private string Describe(InputFault fault) => InputFaults.Describe(fault) + fault switch
    {
        InputFault.MissingGroup => $": {predictor.MissingGroup}",
        InputFault.OutOfRange => $": {predictor.FeatureOutOfRange}",
        _ => string.Empty,
    };

    private static bool IsMild(PredictionStatus status) => status is PredictionStatus.Degraded or PredictionStatus.OutOfDistribution;

    private void OnDiagnostics()
    {
        latency.Refresh();
        trace?.Flush();
        if (trace?.TakeProblem() is { } problem)
        {
            node.Logger.LogWarning("{Problem}", problem);
        }

        long now = Clock.Steady.Now;
        diagnostics.Begin();
        bool dead = active && predictor.IsSilent(now);
        InputFault fault = dead ? InputFault.Silent : predictor.Fault;
        PredictionStatus status = InputFaults.StatusOf(fault);
        diagnostics.Status(
            "input",
            !active || status == PredictionStatus.Ok ? Diagnostics.Ok : IsMild(status) ? Diagnostics.Warn : Diagnostics.Error,
            active ? Describe(fault) : "inactive");
        diagnostics.Value("predictions", (long)predictor.Sequence);
        diagnostics.Milliseconds("silence_ms", active ? predictor.Silence(now) : 0);
        for (int i = 0; i < InputFaults.Count; i++)
        {
            diagnostics.Value(InputFaults.Key((InputFault)i), predictor.CountOf((InputFault)i));
        }

        RiskModelInfo? info = predictor.Model?.Info;
        diagnostics.Status("model", info is null ? Diagnostics.Error : modelProblem is null ? Diagnostics.Ok : Diagnostics.Warn, modelProblem ?? (info is null ? "no model is loaded" : "loaded"));
        diagnostics.Value("model_id", info?.ModelId ?? string.Empty);
        diagnostics.Value("schema_id", info?.SchemaId ?? string.Empty);
        diagnostics.Value("horizon_s", info?.Horizon ?? 0);
        diagnostics.Status("alarm", Diagnostics.Ok, predictor.Alarm ? "on" : "off");
        diagnostics.Value("raised", predictor.AlarmsRaised);
        diagnostics.Latency(latency);
        MoreDiagnostics?.Invoke(diagnostics);
        diagnostics.Publish();
    }

    public void Dispose()
    {
        active = false;
        diagnosticsTimer?.Dispose();
        watchdog?.Dispose();
        loadModel?.Dispose();
        diagnostics?.Dispose();
        markers?.Dispose();
        alarms?.Dispose();
        latencies?.Dispose();
        violations?.Dispose();
        risks?.Dispose();
        trace?.Dispose();
        slot.Dispose();
        predictor.Dispose();
    }
}
