using QDistill.Configuration;

namespace QDistill.Onboard;

/// <summary>What came of an attempt to exchange the model.</summary>
/// <param name="Success">Whether the new model is in use from the next prediction on; otherwise the old one still is.</param>
/// <param name="Message">Why not, or which model, in one sentence.</param>
/// <param name="ModelId">The model in use from the next prediction on; empty when there is none.</param>
public sealed record ModelSwap(bool Success, string Message, string ModelId);

/// <summary>
/// Exchanges models beneath a running predictor: a new one is loaded, checked and warmed on whatever thread asks, and put in place by the predicting thread between two predictions.
/// </summary>
internal sealed class ModelSlot(RiskPredictor predictor, Func<string, IRiskModel> load) : IDisposable
{
    private IRiskModel? waiting;
    private volatile bool disposed;
    private volatile string modelId = string.Empty;
    private volatile string? schemaId;

    /// <summary>The schema that a model must have; null while none is known.</summary>
    public string? SchemaId
    {
        get => schemaId;
        set => schemaId = value;
    }

    /// <summary>Loads, checks and warms a model, to be taken up by <see cref="TakeUp"/>.</summary>
    /// <exception cref="UserErrorException">It cannot be loaded or used here.</exception>
    public IRiskModel Load(string path)
    {
        IRiskModel model = load(ParameterFile.Resolve(path));
        try
        {
            RiskPredictor.Check(model.Info, SchemaId);
            Warm(model);
        }
        catch
        {
            model.Dispose();
            throw;
        }

        Interlocked.Exchange(ref waiting, model)?.Dispose();
        if (disposed)
        {
            // The node ended while this was loading: nobody will take it up.
            Interlocked.Exchange(ref waiting, null)?.Dispose();
        }

        modelId = model.Info.ModelId;
        return model;
    }

    /// <summary>As <see cref="Load"/>, but with the outcome as a value; any thread may call it.</summary>
    public ModelSwap Swap(string path)
    {
        try
        {
            IRiskModel model = Load(path);
            return new ModelSwap(true, $"{model.Info.ModelId} is in use from the next prediction on.", model.Info.ModelId);
        }
        catch (UserErrorException e)
        {
            return new ModelSwap(false, e.Message, modelId);
        }
    }

    /// <summary>Puts a waiting model in place; called by the predicting thread only. Returns whether there was one.</summary>
    public bool TakeUp()
    {
        if (Volatile.Read(ref waiting) is null || Interlocked.Exchange(ref waiting, null) is not { } next)
        {
            return false;
        }

        if (predictor.Install(next) is { } old)
        {
            // Freeing a session takes longer than a prediction: elsewhere.
            ThreadPool.UnsafeQueueUserWorkItem(static m => m.Dispose(), old, preferLocal: false);
        }

        return true;
    }

    public void Dispose()
    {
        disposed = true;
        Interlocked.Exchange(ref waiting, null)?.Dispose();
    }

    // The first runs of a session are many times slower than the later ones.
    private static void Warm(IRiskModel model)
    {
        float[] features = new float[model.Info.FeatureNames.Count], violation = new float[model.Info.Constraints.Count];
        for (int i = 0; i < 50; i++)
        {
            if (!model.Predict(features, violation, out _, out _))
            {
                throw new UserErrorException("gives no finite prediction for features that are all 0", $"model {model.Info.ModelId}", "export it again");
            }
        }
    }
}
