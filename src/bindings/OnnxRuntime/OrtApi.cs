using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>
/// The C API, called through its function table. Strings that the library hands out belong to the default allocator.
/// </summary>
internal static unsafe class OrtApi
{
    // The oldest interface version that has all that is used here.
    private const uint Version = 17;

    private static readonly nint* Table = Open();

    public static string LibraryVersion { get; private set; } = string.Empty;

    public static nint DefaultAllocator { get; } = GetDefaultAllocator();

    public static nint Function(int position) => Table[position];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Check(nint status)
    {
        if (status != 0)
        {
            Throw(status);
        }
    }

    public static int GetErrorCode(nint status) => ((delegate* unmanaged<nint, int>)Table[OrtFunction.GetErrorCode])(status);

    public static nint CreateEnv(int level, byte* name)
    {
        nint r;
        Check(((delegate* unmanaged<int, byte*, nint*, nint>)Table[OrtFunction.CreateEnv])(level, name, &r));
        return r;
    }

    public static void DisableTelemetryEvents(nint env) => Check(((delegate* unmanaged<nint, nint>)Table[OrtFunction.DisableTelemetryEvents])(env));

    public static nint CreateSessionFromArray(nint env, void* model, nuint length, nint options)
    {
        nint r;
        Check(((delegate* unmanaged<nint, void*, nuint, nint, nint*, nint>)Table[OrtFunction.CreateSessionFromArray])(env, model, length, options, &r));
        return r;
    }

    public static void Run(nint session, nint runOptions, byte** inputNames, nint* inputs, nuint inputCount, byte** outputNames, nuint outputCount, nint* outputs)
        => Check(((delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint>)Table[OrtFunction.Run])(session, runOptions, inputNames, inputs, inputCount, outputNames, outputCount, outputs));

    public static nint CreateSessionOptions()
    {
        nint r;
        Check(((delegate* unmanaged<nint*, nint>)Table[OrtFunction.CreateSessionOptions])(&r));
        return r;
    }

    public static void SetInt(int position, nint target, int value) => Check(((delegate* unmanaged<nint, int, nint>)Table[position])(target, value));

    public static void Do(int position, nint target) => Check(((delegate* unmanaged<nint, nint>)Table[position])(target));

    public static nuint Count(int position, nint target)
    {
        nuint r;
        Check(((delegate* unmanaged<nint, nuint*, nint>)Table[position])(target, &r));
        return r;
    }

    public static nint Get(int position, nint target)
    {
        nint r;
        Check(((delegate* unmanaged<nint, nint*, nint>)Table[position])(target, &r));
        return r;
    }

    public static int GetInt(int position, nint target)
    {
        int r;
        Check(((delegate* unmanaged<nint, int*, nint>)Table[position])(target, &r));
        return r;
    }

    public static nint GetAt(int position, nint target, nuint index)
    {
        nint r;
        Check(((delegate* unmanaged<nint, nuint, nint*, nint>)Table[position])(target, index, &r));
        return r;
    }

    /// <summary>A string by index (session input and output names).</summary>
    public static string TextAt(int position, nint target, nuint index)
    {
        byte* text;
        Check(((delegate* unmanaged<nint, nuint, nint, byte**, nint>)Table[position])(target, index, DefaultAllocator, &text));
        return Take(text);
    }

    /// <summary>A string of an object (model metadata).</summary>
    public static string Text(int position, nint target)
    {
        byte* text;
        Check(((delegate* unmanaged<nint, nint, byte**, nint>)Table[position])(target, DefaultAllocator, &text));
        return Take(text);
    }

    public static string? LookupMetadata(nint metadata, string key)
    {
        byte* text;
        fixed (byte* k = Utf8(key))
        {
            Check(((delegate* unmanaged<nint, nint, byte*, byte**, nint>)Table[OrtFunction.ModelMetadataLookupCustomMetadataMap])(metadata, DefaultAllocator, k, &text));
        }

        return text == null ? null : Take(text);
    }

    public static string[] MetadataKeys(nint metadata)
    {
        byte** keys;
        long count;
        Check(((delegate* unmanaged<nint, nint, byte***, long*, nint>)Table[OrtFunction.ModelMetadataGetCustomMetadataMapKeys])(metadata, DefaultAllocator, &keys, &count));
        string[] result = new string[count];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = Take(keys[i]);
        }

        if (keys != null)
        {
            Free(keys);
        }

        return result;
    }

    public static void AddSessionConfigEntry(nint options, string key, string value)
    {
        fixed (byte* k = Utf8(key), v = Utf8(value))
        {
            Check(((delegate* unmanaged<nint, byte*, byte*, nint>)Table[OrtFunction.AddSessionConfigEntry])(options, k, v));
        }
    }

    public static nint CreateTensorWithData(nint memory, void* data, nuint bytes, long[] shape, int type)
    {
        nint r;
        fixed (long* s = shape)
        {
            Check(((delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint>)Table[OrtFunction.CreateTensorWithDataAsOrtValue])(memory, data, bytes, s, (nuint)shape.Length, type, &r));
        }

        return r;
    }

    public static void* TensorData(nint value)
    {
        void* r;
        Check(((delegate* unmanaged<nint, void**, nint>)Table[OrtFunction.GetTensorMutableData])(value, &r));
        return r;
    }

    public static void Dimensions(nint info, long[] values)
    {
        fixed (long* v = values)
        {
            Check(((delegate* unmanaged<nint, long*, nuint, nint>)Table[OrtFunction.GetDimensions])(info, v, (nuint)values.Length));
        }
    }

    public static string[] SymbolicDimensions(nint info, int count)
    {
        byte** names = stackalloc byte*[count];
        Check(((delegate* unmanaged<nint, byte**, nuint, nint>)Table[OrtFunction.GetSymbolicDimensions])(info, names, (nuint)count));
        string[] result = new string[count];
        for (int i = 0; i < count; i++)
        {
            result[i] = Marshal.PtrToStringUTF8((nint)names[i]) ?? string.Empty; // owned by the info
        }

        return result;
    }

    public static nint CreateCpuMemoryInfo()
    {
        nint r;
        Check(((delegate* unmanaged<int, int, nint*, nint>)Table[OrtFunction.CreateCpuMemoryInfo])(0, 0, &r)); // device allocator, default memory
        return r;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void RunWithBinding(nint session, nint runOptions, nint binding) => Check(((delegate* unmanaged<nint, nint, nint, nint>)Table[OrtFunction.RunWithBinding])(session, runOptions, binding));

    public static void Bind(int position, nint binding, string name, nint value)
    {
        fixed (byte* n = Utf8(name))
        {
            Check(((delegate* unmanaged<nint, byte*, nint, nint>)Table[position])(binding, n, value));
        }
    }

    public static void Release(int position, nint target) => ((delegate* unmanaged<nint, void>)Table[position])(target);

    public static byte[] Utf8(string text)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    private static string Take(byte* text)
    {
        string result = Marshal.PtrToStringUTF8((nint)text) ?? string.Empty;
        Free(text);
        return result;
    }

    private static void Free(void* p) => Check(((delegate* unmanaged<nint, void*, nint>)Table[OrtFunction.AllocatorFree])(DefaultAllocator, p));

    private static nint GetDefaultAllocator()
    {
        nint r;
        Check(((delegate* unmanaged<nint*, nint>)Table[OrtFunction.GetAllocatorWithDefaultOptions])(&r));
        return r;
    }

    private static void Throw(nint status)
    {
        string message = Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<nint, byte*>)Table[OrtFunction.GetErrorMessage])(status)) ?? "no message";
        var code = (ErrorCode)GetErrorCode(status);
        Release(OrtFunction.ReleaseStatus, status);
        throw new OnnxRuntimeException(code, message);
    }

    private static nint* Open()
    {
        nint library = OrtLibrary.Load();
        var apiBase = (nint*)((delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "OrtGetApiBase"))();
        LibraryVersion = Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<byte*>)apiBase[1])()) ?? "unknown";
        nint table = ((delegate* unmanaged<uint, nint>)apiBase[0])(Version);
        return table != 0
            ? (nint*)table
            : throw new DllNotFoundException($"ONNX Runtime {LibraryVersion} is too old: interface version {Version} or newer is needed");
    }
}
