using Microsoft.Extensions.Logging;
using QDistill.Configuration;
using QDistill.Features;
using QDistill.Inference;
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
    private readonly RiskPredictor predictor;
    private readonly ModelSlot slot;
    private readonly LatencyMonitor latency;
    private readonly RiskMessages messages = new();
    private readonly Bool alarmMessage = new();
    private readonly CdrBuffer warmth = new();
    private readonly Publisher<CollisionRisk> risks;
    private readonly Publisher<ConstraintViolations> violations;
    private readonly Publisher<InferenceLatency>? latencies;
    private readonly Publisher<Bool>? alarms;
    private readonly RiskMarkers? markers;
    private readonly TraceFile? trace;
    private readonly Service<LoadModelService, LoadModelService.Request, LoadModelService.Response> loadModel;
    private readonly Timer watchdog;
    private readonly Timer? keepWarm;
    private readonly bool schemaIsFixed;
    private readonly long[] loggedAt = new long[InputFaults.Count];
    private InputFault lastFault;
    private string lastSchema = string.Empty;
    private string? loggedSchema;
    private string frameId = string.Empty;
    private volatile string? modelProblem;
    private RiskInferenceOptions options;
    private RiskInferenceOptions? changed;
    private bool active;

    /// <summary>Loads and checks the model, and makes publishers, service and watchdog.</summary>
    /// <param name="node">The node.</param>
    /// <param name="options">Its parameters' values.</param>
    /// <param name="load">Loads a model; null: ONNX Runtime, and checks its signature when the options have a key.</param>
    /// <param name="schema">The schema of the live features; null while none is known.</param>
    /// <exception cref="UserErrorException">The model cannot be loaded or used here.</exception>
    public RiskStage(Node node, RiskInferenceOptions options, Func<string, IRiskModel>? load, FeatureSchema? schema)
    {
        this.node = node;
        this.options = options;
        schemaIsFixed = schema is not null;
        predictor = new RiskPredictor(options.Risk) { Schema = schema };
        latency = new LatencyMonitor(options.Latency);
        slot = new ModelSlot(predictor, load ?? Loader(options)) { SchemaId = schema?.Id };
        try
        {
            LoadFirst();
            QoSProfile qos = options.QoS.Output;
            risks = node.CreatePublisher<CollisionRisk>("~/output/collision_risk", qos);
            violations = node.CreatePublisher<ConstraintViolations>("~/output/constraint_violations", qos);
            latencies = options.PublishLatency ? node.CreatePublisher<InferenceLatency>("~/debug/latency", qos) : null;
            alarms = options.PublishAlarm ? node.CreatePublisher<Bool>("~/output/alarm", qos) : null;
            markers = options.PublishMarkers ? new RiskMarkers(node, qos) : null;
            trace = string.IsNullOrEmpty(options.Trace.File) ? null : new TraceFile(options.Trace);
            loadModel = node.CreateService<LoadModelService, LoadModelService.Request, LoadModelService.Response>("~/load_model", OnLoadModel);
            watchdog = node.CreateTimer(TimeSpan.FromSeconds(1 / options.WatchdogRate), OnWatchdog);
            keepWarm = options.Operation.RealTime.KeepWarm is > 0 and var rate ? node.CreateTimer(TimeSpan.FromSeconds(1 / rate), OnKeepWarm) : null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What an attempt to exchange a model gives while there is no stage.</summary>
    public static ModelSwap NotConfigured { get; } = new(false, "The node is not configured.", string.Empty);

    public RiskPredictor Predictor => predictor;

    public string Summary => predictor.Model?.Info is { } info
        ? $"model {info.Title}, schema {info.SchemaId[..Math.Min(12, info.SchemaId.Length)]}, {info.FeatureNames.Count} features, {info.Constraints.Count} constraints, horizon {info.Horizon:G3} s"
        : "no model: every prediction says NO_MODEL";

    public void Start()
    {
        latency.Reset();
        predictor.Start(Clock.Steady.Now);
        active = true;
    }

    public void Stop() => active = false;

    /// <summary>Checks a change of the parameter <c>model</c>, which takes its time: loads the model beside the running one. Null while nothing speaks against it.</summary>
    public static Task<string?> PrepareAsync(RiskStage? stage, IReadOnlyList<Parameter> changes) =>
        stage is not null && changes.LastOrDefault(p => p.Name == "model") is { Value.Value: string path } ? Task.Run(() => stage.Prepare(path)) : Task.FromResult<string?>(null);

    /// <summary>Exchanges the model; any thread may call it.</summary>
    public ModelSwap LoadModel(string path) => Outcome(node.Parameters.Set("model", path));

    /// <summary>Why options cannot be used with the running model; null when they can.</summary>
    public string? Refuse(RiskInferenceOptions wanted) =>
        predictor.Model is { } model ? RiskPredictor.UnknownGroup(model.Info, wanted.Risk) : null;

    /// <summary>Takes up parameters that have changed, from the next message on; any thread may call it.</summary>
    public void Change(RiskInferenceOptions wanted, IReadOnlyList<Parameter> changes)
    {
        watchdog.Period = TimeSpan.FromSeconds(1 / wanted.WatchdogRate);
        Volatile.Write(ref changed, wanted);
        if (changes.LastOrDefault(p => p.Name == "model") is { Value.Value: string path } && slot.Commit(path))
        {
            modelProblem = null;
            node.Logger.LogInformation("model exchanged: {Model} is in use from the next prediction on", slot.Title);
        }
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
        TakeUp();
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

    private static Func<string, IRiskModel> Loader(RiskInferenceOptions options)
    {
        byte[]? key = options.ModelPublicKey.Length > 0 ? ModelSignature.ParseKey(options.ModelPublicKey, "parameter 'model_public_key'") : null;
        return path => OnnxRiskModel.Load(path, key);
    }

    // The same as setting the parameter, so that both always agree.
    private async Task<LoadModelService.Response> OnLoadModel(LoadModelService.Request request)
    {
        ModelSwap swap = Outcome(await node.Parameters.SetAsync([new Parameter("model", request.Path)]).ConfigureAwait(false));
        return new LoadModelService.Response { Success = swap.Success, Message = swap.Message, ModelId = swap.ModelId };
    }

    private ModelSwap Outcome(string? refusal) => refusal is null
        ? new ModelSwap(true, $"{slot.Title} is in use from the next prediction on.", slot.ModelId)
        : new ModelSwap(false, refusal, slot.ModelId);

    private string? Prepare(string path)
    {
        if (path.Length == 0 && options.Model.Length == 0)
        {
            return null;
        }

        try
        {
            slot.Prepare(path.Length > 0 ? path : throw new UserErrorException("a configured node keeps its model", "parameter 'model'", "name another one, or clean the node up first"), options.Risk);
            return null;
        }
        catch (Exception e)
        {
            // Whatever it is, the running model goes on and whoever asked gets an answer.
            string why = e is UserErrorException ? e.Message : $"{path}: the model cannot be loaded ({e.GetType().Name}: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}).";
            if (!slot.IsDisposed)
            {
                modelProblem = why;
                node.Logger.LogError("model kept: {Message}", why);
            }

            return why;
        }
    }

    private void LoadFirst()
    {
        if (options.Model.Length == 0)
        {
            return;
        }

        try
        {
            slot.Prepare(options.Model, options.Risk);
            slot.Commit(options.Model);
        }
        catch (UserErrorException e) when (!options.RequireModel)
        {
            modelProblem = e.Message;
            node.Logger.LogError("flying without a model: {Message}", e.Message);
        }

        slot.TakeUp();
    }

    // What other threads have left for this one, between two predictions.
    private void TakeUp()
    {
        if (Volatile.Read(ref changed) is not null && Interlocked.Exchange(ref changed, null) is { } wanted)
        {
            options = wanted;
            predictor.Options = wanted.Risk;
            latency.Options = wanted.Latency;
        }

        slot.TakeUp();
    }

    private void OnWatchdog()
    {
        TakeUp();
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

    private void OnKeepWarm()
    {
        if (!active)
        {
            return;
        }

        predictor.Model?.KeepWarm();

        // And what writes the answer: the same one again, for nobody.
        messages.FillRisk(predictor, frameId);
        _ = Cdr.Serialize(messages.Risk, warmth);
    }

    private void Publish()
    {
        // The risk leaves before anything else is prepared.
        messages.FillRisk(predictor, frameId);
        risks.Publish(messages.Risk);
        messages.FillViolations(predictor, frameId);
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
                predictor.Model?.Info.Title,
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
        InputFault.MissingGroup or InputFault.MissingRequiredGroup => $": {predictor.FaultyGroup}",
        InputFault.Frozen when predictor.FaultyGroup is { } group => $": {group}",
        InputFault.OutOfEnergy => string.Create(System.Globalization.CultureInfo.InvariantCulture, $": {predictor.Energy:G4}"),
        InputFault.OutOfRange => $": {predictor.FeatureOutOfRange}",
        _ => string.Empty,
    };

    private static bool IsMild(PredictionStatus status) => status is PredictionStatus.Degraded or PredictionStatus.OutOfDistribution;

    /// <summary>Adds the stage's statuses to a round of diagnostics.</summary>
    public void Describe(Diagnostics diagnostics)
    {
        long now = Clock.Steady.Now;
        latency.Refresh(now);
        trace?.Flush();
        if (trace?.TakeProblem() is { } problem)
        {
            node.Logger.LogWarning("{Problem}", problem);
        }

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
        diagnostics.Value("model", options.Model);
        diagnostics.Value("model_name", info?.Name ?? string.Empty);
        diagnostics.Value("model_id", info?.ModelId ?? string.Empty);
        diagnostics.Value("schema_id", info?.SchemaId ?? string.Empty);
        diagnostics.Value("horizon_s", info?.Horizon ?? 0);
        diagnostics.Status("alarm", Diagnostics.Ok, predictor.Alarm ? "on" : "off");
        diagnostics.Value("raised", predictor.AlarmsRaised);
        diagnostics.Latency(latency);
    }

    public void Dispose()
    {
        active = false;
        keepWarm?.Dispose();
        watchdog?.Dispose();
        loadModel?.Dispose();
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
