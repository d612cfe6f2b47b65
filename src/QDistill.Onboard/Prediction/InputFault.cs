namespace QDistill.Onboard;

/// <summary>Why an input was not judged as it is. Each is counted and shown in the diagnostics.</summary>
public enum InputFault
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>No message within the time-out.</summary>
    Silent,

    /// <summary>The stamp is older than allowed.</summary>
    StaleStamp,

    /// <summary>The values have not changed for longer than a live robot's could.</summary>
    Frozen,

    /// <summary>Too few values are valid to predict anything.</summary>
    TooFewValid,

    /// <summary>The stamp lies in the future.</summary>
    FutureStamp,

    /// <summary>The stamp is before that of the last message judged.</summary>
    OutOfOrder,

    /// <summary>Another feature schema than the model's.</summary>
    WrongSchema,

    /// <summary>The number of values or of validity bytes is not the schema's.</summary>
    WrongLength,

    /// <summary>A value that is marked valid is NaN or infinite.</summary>
    NotFinite,

    /// <summary>No model is loaded.</summary>
    NoModel,

    /// <summary>The model gave no finite answer.</summary>
    ModelFailed,

    /// <summary>A whole feature group is missing.</summary>
    MissingGroup,

    /// <summary>A feature group is missing without which nothing may be predicted.</summary>
    MissingRequiredGroup,

    /// <summary>A value lies outside of the range that the model was trained on.</summary>
    OutOfRange,

    /// <summary>The model's energy score lies outside of its range on familiar data.</summary>
    OutOfEnergy,
}

/// <summary>The status that each fault leads to.</summary>
public static class InputFaults
{
    /// <summary>How many kinds there are.</summary>
    public const int Count = (int)InputFault.OutOfEnergy + 1;

    /// <summary>The published status of a fault.</summary>
    public static PredictionStatus StatusOf(InputFault fault) => fault switch
    {
        InputFault.None => PredictionStatus.Ok,
        InputFault.Silent or InputFault.StaleStamp or InputFault.Frozen or InputFault.TooFewValid or InputFault.MissingRequiredGroup => PredictionStatus.StaleInput,
        InputFault.NoModel or InputFault.ModelFailed => PredictionStatus.NoModel,
        InputFault.MissingGroup => PredictionStatus.Degraded,
        InputFault.OutOfRange or InputFault.OutOfEnergy => PredictionStatus.OutOfDistribution,
        _ => PredictionStatus.InvalidInput,
    };

    /// <summary>A few words for logs and diagnostics.</summary>
    public static string Describe(InputFault fault) => fault switch
    {
        InputFault.None => "input is good",
        InputFault.Silent => "no features within the time-out",
        InputFault.StaleStamp => "the features' stamp is too old",
        InputFault.Frozen => "the features have not changed for too long",
        InputFault.TooFewValid => "too few features are valid",
        InputFault.FutureStamp => "the features' stamp lies in the future",
        InputFault.OutOfOrder => "the features' stamp runs backwards",
        InputFault.WrongSchema => "the features have another schema than the model",
        InputFault.WrongLength => "the features have another length than their schema",
        InputFault.NotFinite => "a valid feature is NaN or infinite",
        InputFault.NoModel => "no model is loaded",
        InputFault.ModelFailed => "the model gave no finite answer",
        InputFault.MissingGroup => "a whole feature group is missing",
        InputFault.MissingRequiredGroup => "a required feature group is missing",
        InputFault.OutOfRange => "a feature lies outside of the training range",
        _ => "the model's energy score lies outside of its range on familiar data",
    };

    /// <summary>The diagnostics' key of a fault.</summary>
    public static string Key(InputFault fault) => fault switch
    {
        InputFault.None => "ok",
        InputFault.Silent => "silent",
        InputFault.StaleStamp => "stale_stamp",
        InputFault.Frozen => "frozen",
        InputFault.TooFewValid => "too_few_valid",
        InputFault.FutureStamp => "future_stamp",
        InputFault.OutOfOrder => "out_of_order",
        InputFault.WrongSchema => "wrong_schema",
        InputFault.WrongLength => "wrong_length",
        InputFault.NotFinite => "not_finite",
        InputFault.NoModel => "no_model",
        InputFault.ModelFailed => "model_failed",
        InputFault.MissingGroup => "missing_group",
        InputFault.MissingRequiredGroup => "missing_required_group",
        InputFault.OutOfRange => "out_of_range",
        _ => "out_of_energy",
    };
}
