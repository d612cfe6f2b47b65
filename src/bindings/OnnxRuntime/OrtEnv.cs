using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>How much is logged, from all to nothing but the end of the process.</summary>
public enum OrtLoggingLevel
{
    /// <summary>Everything.</summary>
    ORT_LOGGING_LEVEL_VERBOSE = 0,

    /// <summary>Information.</summary>
    ORT_LOGGING_LEVEL_INFO = 1,

    /// <summary>Warnings.</summary>
    ORT_LOGGING_LEVEL_WARNING = 2,

    /// <summary>Errors.</summary>
    ORT_LOGGING_LEVEL_ERROR = 3,

    /// <summary>What ends the process.</summary>
    ORT_LOGGING_LEVEL_FATAL = 4,
}

/// <summary>The library's state of the process: one for all sessions.</summary>
public sealed class OrtEnv : SafeHandle
{
    private static readonly Lazy<OrtEnv> Single = new(() => new OrtEnv());

    private unsafe OrtEnv()
        : base(0, true)
    {
        fixed (byte* name = "qdistill\0"u8)
        {
            SetHandle(OrtApi.CreateEnv((int)OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING, name));
        }

        OrtApi.DisableTelemetryEvents(handle);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    internal nint Handle => handle;

    /// <summary>The environment, created on first use.</summary>
    public static OrtEnv Instance() => Single.Value;

    /// <summary>The library's version, such as <c>1.30.0</c>.</summary>
    public string GetVersionString() => OrtApi.LibraryVersion;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        OrtApi.Release(OrtFunction.ReleaseEnv, handle);
        return true;
    }
}
