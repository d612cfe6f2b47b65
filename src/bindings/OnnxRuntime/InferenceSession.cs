using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>Disposable things that are disposed together.</summary>
public interface IDisposableReadOnlyCollection<T> : IReadOnlyCollection<T>, IDisposable
{
    /// <summary>One of them.</summary>
    T this[int index] { get; }
}

/// <summary>A model ready to run. Runs may come from several threads; a binding belongs to one run at a time.</summary>
public class InferenceSession : IDisposable
{
    private readonly SessionHandle native;
    private readonly Dictionary<string, NodeMetadata> inputs = [];
    private readonly Dictionary<string, NodeMetadata> outputs = [];
    private readonly List<string> inputNames = [];
    private readonly List<string> outputNames = [];
    private bool disposed;

    /// <summary>Loads a model file.</summary>
    public InferenceSession(string modelPath)
        : this(modelPath, null)
    {
    }

    /// <summary>Loads a model file.</summary>
    public InferenceSession(string modelPath, SessionOptions? options)
        : this(File.ReadAllBytes(modelPath), options)
    {
    }

    /// <summary>Loads a model from memory.</summary>
    public InferenceSession(byte[] model)
        : this(model, null)
    {
    }

    /// <summary>Loads a model from memory.</summary>
    /// <exception cref="OnnxRuntimeException">It is not a model that this library can run.</exception>
    public unsafe InferenceSession(byte[] model, SessionOptions? options)
    {
        using SessionOptions? own = options is null ? new SessionOptions() : null;
        fixed (byte* p = model)
        {
            native = new SessionHandle(OrtApi.CreateSessionFromArray(OrtEnv.Instance().Handle, p, (nuint)model.Length, (options ?? own!).Handle));
        }

        GC.KeepAlive(options);
        Read(OrtFunction.SessionGetInputCount, OrtFunction.SessionGetInputName, OrtFunction.SessionGetInputTypeInfo, inputNames, inputs);
        Read(OrtFunction.SessionGetOutputCount, OrtFunction.SessionGetOutputName, OrtFunction.SessionGetOutputTypeInfo, outputNames, outputs);
        ModelMetadata = new ModelMetadata(Handle);
    }

    /// <summary>The inputs by name.</summary>
    public IReadOnlyDictionary<string, NodeMetadata> InputMetadata => inputs;

    /// <summary>The outputs by name.</summary>
    public IReadOnlyDictionary<string, NodeMetadata> OutputMetadata => outputs;

    /// <summary>The inputs' names in the model's order.</summary>
    public IReadOnlyList<string> InputNames => inputNames;

    /// <summary>The outputs' names in the model's order.</summary>
    public IReadOnlyList<string> OutputNames => outputNames;

    /// <summary>What the model says of itself.</summary>
    public ModelMetadata ModelMetadata { get; }

    internal nint Handle => disposed ? throw new ObjectDisposedException(nameof(InferenceSession)) : native.DangerousGetHandle();

    /// <summary>A binding for this session.</summary>
    public OrtIoBinding CreateIoBinding() => new(native);

    /// <summary>Runs with the bound inputs and outputs; allocates no managed memory.</summary>
    public void RunWithBinding(RunOptions runOptions, OrtIoBinding ioBinding)
    {
        OrtApi.RunWithBinding(Handle, runOptions.Handle, ioBinding.Handle);
        GC.KeepAlive(ioBinding);
        GC.KeepAlive(runOptions);
        GC.KeepAlive(this);
    }

    /// <summary>Runs with the given inputs; the outputs are the library's memory.</summary>
    public IDisposableReadOnlyCollection<OrtValue> Run(RunOptions runOptions, IReadOnlyDictionary<string, OrtValue> inputs, IReadOnlyCollection<string> outputNames)
        => Run(runOptions, [.. inputs.Keys], [.. inputs.Values], outputNames);

    /// <summary>Runs with the given inputs; the outputs are the library's memory.</summary>
    public unsafe IDisposableReadOnlyCollection<OrtValue> Run(RunOptions runOptions, IReadOnlyCollection<string> inputNames, IReadOnlyCollection<OrtValue> inputValues, IReadOnlyCollection<string> outputNames)
    {
        if (inputNames.Count != inputValues.Count)
        {
            throw new ArgumentException($"{inputNames.Count} names for {inputValues.Count} values");
        }

        byte[][] names = [.. inputNames.Concat(outputNames).Select(OrtApi.Utf8)];
        GCHandle[] pins = [.. names.Select(n => GCHandle.Alloc(n, GCHandleType.Pinned))];
        try
        {
            nint[] name = [.. pins.Select(p => p.AddrOfPinnedObject())], values = [.. inputValues.Select(v => v.Handle)], results = new nint[outputNames.Count];
            fixed (nint* n = name, v = values, r = results)
            {
                OrtApi.Run(Handle, runOptions.Handle, (byte**)n, v, (nuint)values.Length, (byte**)(n + values.Length), (nuint)results.Length, r);
            }

            GC.KeepAlive(inputValues);
            GC.KeepAlive(runOptions);
            GC.KeepAlive(this);
            return new Values([.. results.Select(h => new OrtValue(h))]);
        }
        finally
        {
            foreach (GCHandle p in pins)
            {
                p.Free();
            }
        }
    }

    /// <summary>Frees the model.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the model.</summary>
    protected virtual void Dispose(bool disposing)
    {
        disposed = true;
        native.Dispose();
    }

    private void Read(int countPosition, int namePosition, int typePosition, List<string> names, Dictionary<string, NodeMetadata> nodes)
    {
        nuint count = OrtApi.Count(countPosition, Handle);
        for (nuint i = 0; i < count; i++)
        {
            string name = OrtApi.TextAt(namePosition, Handle, i);
            nint info = OrtApi.GetAt(typePosition, Handle, i);
            try
            {
                nodes[name] = new NodeMetadata(info);
                names.Add(name);
            }
            finally
            {
                OrtApi.Release(OrtFunction.ReleaseTypeInfo, info);
            }
        }
    }

    private sealed class Values(List<OrtValue> list) : IDisposableReadOnlyCollection<OrtValue>
    {
        public int Count => list.Count;

        public OrtValue this[int index] => list[index];

        public IEnumerator<OrtValue> GetEnumerator() => list.GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

        public void Dispose()
        {
            foreach (OrtValue v in list)
            {
                v.Dispose();
            }
        }
    }

    private sealed class SessionHandle : SafeHandle
    {
        public SessionHandle(nint native)
            : base(0, true) => SetHandle(native);

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            OrtApi.Release(OrtFunction.ReleaseSession, handle);
            return true;
        }
    }
}
