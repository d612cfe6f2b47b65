using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>Inputs and outputs of a session tied to values once, so that a run has nothing to look up, copy or allocate.</summary>
public class OrtIoBinding : SafeHandle
{
    // The library keeps references to the native values; their memory lives with the managed ones.
    private readonly Dictionary<string, OrtValue> bound = [];

    private readonly SafeHandle session;

    internal OrtIoBinding(SafeHandle session)
        : base(0, true)
    {
        // The native binding refers to the native session, which must therefore outlive it, also when the collector frees both.
        this.session = session;
        bool added = false;
        session.DangerousAddRef(ref added);
        SetHandle(OrtApi.Get(OrtFunction.CreateIoBinding, session.DangerousGetHandle()));
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    internal nint Handle => handle;

    /// <summary>Ties an input to a value.</summary>
    public void BindInput(string name, OrtValue ortValue)
    {
        OrtApi.Bind(OrtFunction.BindInput, handle, name, ortValue.Handle);
        bound["in:" + name] = ortValue;
    }

    /// <summary>Ties an output to a value of the right type and shape, into which runs write.</summary>
    public void BindOutput(string name, OrtValue ortValue)
    {
        OrtApi.Bind(OrtFunction.BindOutput, handle, name, ortValue.Handle);
        bound["out:" + name] = ortValue;
    }

    /// <summary>Unties all inputs.</summary>
    public void ClearBoundInputs() => OrtApi.Release(OrtFunction.ClearBoundInputs, handle);

    /// <summary>Unties all outputs.</summary>
    public void ClearBoundOutputs() => OrtApi.Release(OrtFunction.ClearBoundOutputs, handle);

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        OrtApi.Release(OrtFunction.ReleaseIoBinding, handle);
        session.DangerousRelease();
        return true;
    }
}
