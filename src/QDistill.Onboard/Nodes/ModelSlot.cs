using QDistill.Configuration;

namespace QDistill.Onboard;

/// <summary>What came of an attempt to exchange the model.</summary>
/// <param name="Success">Whether the new model is in use from the next prediction on; otherwise the old one still is.</param>
/// <param name="Message">Why not, or which model, in one sentence.</param>
/// <param name="ModelId">The model in use from the next prediction on; empty when there is none.</param>
public sealed record ModelSwap(bool Success, string Message, string ModelId);

/// <summary>
/// Exchanges models beneath a running predictor in three steps: a new one is prepared (loaded, checked and warmed) on whatever thread asks, committed when nothing else speaks against it,
/// and taken up by the predicting thread between two predictions.
/// </summary>
internal sealed class ModelSlot(RiskPredictor predictor, Func<string, IRiskModel> load) : IDisposable
{
    private Prepared? prepared;
    private IRiskModel? waiting;
    private volatile bool disposed;
    private volatile RiskModelInfo? info;
    private volatile string? schemaId;

    /// <summary>The schema that a model must have; null while none is known.</summary>
    public string? SchemaId
    {
        get => schemaId;
        set => schemaId = value;
    }

    /// <summary>The model in use from the next prediction on; empty when there is none.</summary>
    public string ModelId => info?.ModelId ?? string.Empty;

    /// <summary>The same, with its name.</summary>
    public string Title => info?.Title ?? string.Empty;

    /// <summary>Whether the slot's node has been cleaned up.</summary>
    public bool IsDisposed => disposed;

    /// <summary>Loads, checks and warms a model, to be committed by <see cref="Commit"/>; any thread may call it.</summary>
    /// <param name="path">The model.</param>
    /// <param name="options">How its predictions will be judged.</param>
    /// <exception cref="UserErrorException">It cannot be loaded or used here.</exception>
    public void Prepare(string path, RiskOptions options)
    {
        IRiskModel model = load(Installation.Find(path));
        try
        {
            RiskPredictor.Check(model.Info, SchemaId, options);
            Warm(model);
        }
        catch
        {
            model.Dispose();
            throw;
        }

        Interlocked.Exchange(ref prepared, new Prepared(path, model))?.Model.Dispose();
        if (disposed)
        {
            // The node ended while this was loading: nobody will take it up.
            Interlocked.Exchange(ref prepared, null)?.Model.Dispose();
            throw new UserErrorException("the node was cleaned up while the model was loading", path);
        }
    }

    /// <summary>Lets the predicting thread take up the model that was prepared from <paramref name="path"/>; does nothing when another one has taken its place.</summary>
    public bool Commit(string path)
    {
        if (Interlocked.Exchange(ref prepared, null) is not { } next)
        {
            return false;
        }

        if (next.Path != path)
        {
            // Somebody else's, who will commit it.
            Interlocked.CompareExchange(ref prepared, next, null);
            return false;
        }

        info = next.Model.Info;
        Interlocked.Exchange(ref waiting, next.Model)?.Dispose();
        if (disposed)
        {
            Interlocked.Exchange(ref waiting, null)?.Dispose();
        }

        return true;
    }

    /// <summary>Puts a committed model in place; called by the predicting thread only. Returns whether there was one.</summary>
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
        Interlocked.Exchange(ref prepared, null)?.Model.Dispose();
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
                throw new UserErrorException("gives no finite prediction for features that are all 0", $"model {model.Info.Title}", "export it again");
            }
        }

        model.Forget();
    }

    private sealed record Prepared(string Path, IRiskModel Model);
}
