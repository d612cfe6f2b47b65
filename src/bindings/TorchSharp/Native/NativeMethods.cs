using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp.Native;

/// <summary>The C interface of <c>qd_torch.h</c>.</summary>
internal static unsafe partial class NativeMethods
{
    internal const int AbiVersion = 1;
    private const string Library = "qd_torch";

    static NativeMethods()
    {
        NativeLibrary.SetDllImportResolver(typeof(NativeMethods).Assembly, Resolve);
        int version = qd_torch_abi_version();
        if (version != AbiVersion)
        {
            throw new DllNotFoundException($"libqd_torch has interface version {version}, this build needs {AbiVersion}; run `make setup` to rebuild it");
        }

        // Small models lose more to thread hand-over than they gain; trainings run side by side instead. torch.set_num_threads changes it.
        if (Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null)
        {
            qd_torch_set_num_threads(1);
        }
    }

    [LibraryImport(Library)]
    internal static partial int qd_torch_abi_version();

    [LibraryImport(Library)]
    internal static partial byte* qd_torch_library_version();

    [LibraryImport(Library)]
    internal static partial byte* qd_torch_error();

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial long qd_torch_live_tensors();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int qd_torch_operator_find(string name, string overload, nint* result);

    [LibraryImport(Library)]
    internal static partial int qd_torch_operator_schema(nint op, byte* buffer, int capacity);

    [LibraryImport(Library)]
    internal static partial int qd_torch_call(nint op, NativeValue* args, int count, NativeValue* results, int capacity, int* resultCount);

    [LibraryImport(Library)]
    internal static partial void qd_torch_free(nint tensor);

    [LibraryImport(Library)]
    internal static partial void qd_torch_free_many(nint* tensors, int count);

    [LibraryImport(Library)]
    internal static partial int qd_torch_from_data(void* data, long* shape, int dim, int dtype, int requiresGrad, nint* result);

    [LibraryImport(Library)]
    internal static partial int qd_torch_from_memory(void* data, long* shape, int dim, int dtype, delegate* unmanaged<nint, void> release, nint context, nint* result);

    [LibraryImport(Library)]
    internal static partial nint qd_torch_share(nint tensor);

    [LibraryImport(Library)]
    internal static partial int qd_torch_data(nint tensor, void** data);

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial int qd_torch_dim(nint tensor);

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial long qd_torch_numel(nint tensor);

    [LibraryImport(Library)]
    internal static partial int qd_torch_sizes(nint tensor, long* sizes);

    [LibraryImport(Library)]
    internal static partial int qd_torch_strides(nint tensor, long* strides);

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial int qd_torch_dtype(nint tensor);

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial long qd_torch_storage_bytes(nint tensor);

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial int qd_torch_is_contiguous(nint tensor);

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial int qd_torch_device_type(nint tensor);

    [LibraryImport(Library)]
    internal static partial int qd_torch_item(nint tensor, int* tag, double* value, long* integer);

    [LibraryImport(Library)]
    internal static partial int qd_torch_set_requires_grad(nint tensor, int on);

    [LibraryImport(Library)]
    internal static partial int qd_torch_requires_grad(nint tensor);

    [LibraryImport(Library)]
    internal static partial int qd_torch_is_leaf(nint tensor);

    [LibraryImport(Library)]
    internal static partial int qd_torch_retain_grad(nint tensor);

    [LibraryImport(Library)]
    internal static partial int qd_torch_grad(nint tensor, nint* result);

    [LibraryImport(Library)]
    internal static partial int qd_torch_set_grad(nint tensor, nint grad);

    [LibraryImport(Library)]
    internal static partial int qd_torch_grad_many(nint* tensors, int count, nint* result);

    [LibraryImport(Library)]
    internal static partial int qd_torch_set_data(nint tensor, nint newData);

    [LibraryImport(Library)]
    internal static partial int qd_torch_backward(nint* tensors, int count, nint* grads, int gradCount, int retainGraph, int createGraph, nint* inputs, int inputCount);

    [LibraryImport(Library)]
    internal static partial int qd_torch_autograd_grad(nint* outputs, int count, nint* inputs, int inputCount, nint* grads, int gradCount, int retainGraph, int createGraph, int allowUnused, nint* result);

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial int qd_torch_grad_mode(int on);

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial int qd_torch_inference_mode();

    [LibraryImport(Library)]
    internal static partial nint qd_torch_inference_guard_new(int on);

    [LibraryImport(Library)]
    internal static partial void qd_torch_inference_guard_free(nint guard);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void qd_torch_function_fail(string message);

    [LibraryImport(Library)]
    internal static partial int qd_torch_function_recorded(nint* inputs, int count);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int qd_torch_function_new(string name, nint* inputs, int count, delegate* unmanaged<nint, nint, nint*, int, nint*, int, int> backward, delegate* unmanaged<nint, void> release, nint context, nint* result);

    [LibraryImport(Library)]
    internal static partial int qd_torch_function_wrap(nint node, nint* inputs, int count, nint* nonDifferentiable, int nonCount, nint* dirty, int dirtyCount, nint* outputs, int outputCount, nint* results);

    [LibraryImport(Library)]
    internal static partial int qd_torch_function_save(nint node, nint* tensors, int count);

    [LibraryImport(Library)]
    internal static partial int qd_torch_function_saved(nint node, nint* result, int count);

    [LibraryImport(Library)]
    internal static partial void qd_torch_function_drop(nint node);

    [LibraryImport(Library)]
    internal static partial int qd_torch_manual_seed(ulong seed);

    [LibraryImport(Library)]
    internal static partial nint qd_torch_generator_new(ulong seed);

    [LibraryImport(Library)]
    internal static partial nint qd_torch_generator_default();

    [LibraryImport(Library)]
    internal static partial void qd_torch_generator_free(nint generator);

    [LibraryImport(Library)]
    internal static partial int qd_torch_generator_seed(nint generator, ulong seed);

    [LibraryImport(Library)]
    internal static partial ulong qd_torch_generator_initial_seed(nint generator);

    [LibraryImport(Library)]
    internal static partial int qd_torch_generator_state(nint generator, nint* result);

    [LibraryImport(Library)]
    internal static partial int qd_torch_generator_set_state(nint generator, nint state);

    [LibraryImport(Library)]
    internal static partial int qd_torch_set_num_threads(int count);

    [LibraryImport(Library)]
    internal static partial int qd_torch_num_threads();

    [LibraryImport(Library)]
    internal static partial int qd_torch_openblas_threads();

    [LibraryImport(Library)]
    internal static partial int qd_torch_set_num_interop_threads(int count);

    [LibraryImport(Library)]
    internal static partial int qd_torch_num_interop_threads();

    [LibraryImport(Library)]
    internal static partial int qd_torch_set_default_dtype(int dtype);

    [LibraryImport(Library)]
    internal static partial int qd_torch_default_dtype();

    /// <summary>Turns a failed call into TorchSharp's kind of exception.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Check(int failed)
    {
        if (failed != 0)
        {
            Throw();
        }
    }

    private static void Throw()
    {
        string message = Marshal.PtrToStringUTF8((nint)qd_torch_error()) ?? "libtorch failed without a message";
        throw new ExternalException(message.TrimEnd('\n'), FunctionNode.TakeCallbackException());
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
        {
            return 0;
        }

        foreach (string candidate in Candidates())
        {
            if (File.Exists(candidate))
            {
                return NativeLibrary.Load(candidate);
            }
        }

        throw new DllNotFoundException("libqd_torch.so was not found: run `make setup`, or set QD_TORCH_LIBRARY to its path");
    }

    private static IEnumerable<string> Candidates()
    {
        const string file = "libqd_torch.so";
        if (Environment.GetEnvironmentVariable("QD_TORCH_LIBRARY") is { Length: > 0 } set)
        {
            yield return set;
        }

        yield return Path.Combine(AppContext.BaseDirectory, file);
        if (Environment.GetEnvironmentVariable("QDISTILL_HOME") is { Length: > 0 } home)
        {
            yield return Path.Combine(home, "artifacts", "native", file);
        }

        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            yield return Path.Combine(d.FullName, "artifacts", "native", file);
        }
    }
}
