using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>How far a graph is rewritten before it runs.</summary>
public enum GraphOptimizationLevel
{
    /// <summary>Not at all.</summary>
    ORT_DISABLE_ALL = 0,

    /// <summary>Redundant nodes removed.</summary>
    ORT_ENABLE_BASIC = 1,

    /// <summary>Nodes fused.</summary>
    ORT_ENABLE_EXTENDED = 2,

    /// <summary>Everything.</summary>
    ORT_ENABLE_ALL = 99,
}

/// <summary>In which order nodes run.</summary>
public enum ExecutionMode
{
    /// <summary>One after another.</summary>
    ORT_SEQUENTIAL = 0,

    /// <summary>Independent nodes side by side.</summary>
    ORT_PARALLEL = 1,
}

/// <summary>How a session is made.</summary>
public class SessionOptions : SafeHandle
{
    private GraphOptimizationLevel level = GraphOptimizationLevel.ORT_ENABLE_ALL;
    private ExecutionMode mode = ExecutionMode.ORT_SEQUENTIAL;
    private int intra;
    private int inter;
    private bool pattern = true;
    private bool arena = true;
    private OrtLoggingLevel logging = OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING;

    /// <summary>The library's defaults.</summary>
    public SessionOptions()
        : base(0, true) => SetHandle(OrtApi.CreateSessionOptions());

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>How far the graph is rewritten; everything unless changed.</summary>
    public GraphOptimizationLevel GraphOptimizationLevel
    {
        get => level;
        set => OrtApi.SetInt(OrtFunction.SetSessionGraphOptimizationLevel, handle, (int)(level = value));
    }

    /// <summary>In which order nodes run; one after another unless changed.</summary>
    public ExecutionMode ExecutionMode
    {
        get => mode;
        set => OrtApi.SetInt(OrtFunction.SetSessionExecutionMode, handle, (int)(mode = value));
    }

    /// <summary>Threads inside a node; 0: as many as there are cores.</summary>
    public int IntraOpNumThreads
    {
        get => intra;
        set => OrtApi.SetInt(OrtFunction.SetIntraOpNumThreads, handle, intra = value);
    }

    /// <summary>Threads among nodes; 0: as many as there are cores.</summary>
    public int InterOpNumThreads
    {
        get => inter;
        set => OrtApi.SetInt(OrtFunction.SetInterOpNumThreads, handle, inter = value);
    }

    /// <summary>Whether memory is planned ahead from the shapes of earlier runs.</summary>
    public bool EnableMemoryPattern
    {
        get => pattern;
        set => OrtApi.Do((pattern = value) ? OrtFunction.EnableMemPattern : OrtFunction.DisableMemPattern, handle);
    }

    /// <summary>Whether memory is kept in an arena.</summary>
    public bool EnableCpuMemArena
    {
        get => arena;
        set => OrtApi.Do((arena = value) ? OrtFunction.EnableCpuMemArena : OrtFunction.DisableCpuMemArena, handle);
    }

    /// <summary>How much the session logs.</summary>
    public OrtLoggingLevel LogSeverityLevel
    {
        get => logging;
        set => OrtApi.SetInt(OrtFunction.SetSessionLogSeverityLevel, handle, (int)(logging = value));
    }

    internal nint Handle => handle;

    /// <summary>Sets one of the library's named options.</summary>
    public void AddSessionConfigEntry(string configKey, string configValue)
    {
        OrtApi.AddSessionConfigEntry(handle, configKey, configValue);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        OrtApi.Release(OrtFunction.ReleaseSessionOptions, handle);
        return true;
    }
}

/// <summary>How a session runs once.</summary>
public class RunOptions : SafeHandle
{
    private bool terminate;

    /// <summary>The library's defaults.</summary>
    public RunOptions()
        : base(0, true) => SetHandle(Create());

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Whether runs with these options stop, from any thread.</summary>
    public bool Terminate
    {
        get => terminate;
        set => OrtApi.Do((terminate = value) ? OrtFunction.RunOptionsSetTerminate : OrtFunction.RunOptionsUnsetTerminate, handle);
    }

    internal nint Handle => handle;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        OrtApi.Release(OrtFunction.ReleaseRunOptions, handle);
        return true;
    }

    private static unsafe nint Create()
    {
        nint r;
        OrtApi.Check(((delegate* unmanaged<nint*, nint>)OrtApi.Function(OrtFunction.CreateRunOptions))(&r));
        return r;
    }
}
