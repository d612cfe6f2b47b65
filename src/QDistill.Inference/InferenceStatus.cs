namespace QDistill.Inference;

/// <summary>Whether a prediction can be used.</summary>
public enum InferenceStatus : byte
{
    /// <summary>The outputs were written.</summary>
    Ok = 0,

    /// <summary>The number of features, or the room for violation probabilities, is not the model's.</summary>
    WrongLength = 1,

    /// <summary>A feature is infinite, or missing (NaN) where the model's contract refuses that.</summary>
    NotFinite = 2,

    /// <summary>The model gave no finite probability, or the engine failed.</summary>
    Failed = 3,

    /// <summary>The model was disposed.</summary>
    Disposed = 4,
}
