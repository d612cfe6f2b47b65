using System.Runtime.CompilerServices;
using TorchSharp.Native;
using static TorchSharp.Native.NativeMethods;

namespace TorchSharp.Optim;

/// <summary>
/// libtorch's operators over lists of tensors, on raw handles: one call for all parameters of a model, and no managed memory. The caller keeps
/// the tensors alive.
/// </summary>
internal static unsafe class Foreach
{
    public static void Mul(nint* t, int n, double by) => Call(Aten.ForeachMulInPlaceScalar, List(t, n), Real(by));

    public static void Div(nint* t, int n, double by) => Call(Aten.ForeachDivInPlaceScalar, List(t, n), Real(by));

    public static void Add(nint* t, int n, double number) => Call(Aten.ForeachAddInPlaceScalar, List(t, n), Real(number));

    /// <summary>t += alpha * other.</summary>
    public static void Add(nint* t, nint* other, int n, double alpha) => Call(Aten.ForeachAddInPlaceList, List(t, n), List(other, n), Real(alpha));

    /// <summary>t += value * a * b.</summary>
    public static void AddMul(nint* t, nint* a, nint* b, int n, double value) => Call(Aten.ForeachAddcmulInPlaceScalar, List(t, n), List(a, n), List(b, n), Real(value));

    /// <summary>t += value * a / b.</summary>
    public static void AddDiv(nint* t, nint* a, nint* b, int n, double value) => Call(Aten.ForeachAddcdivInPlaceScalar, List(t, n), List(a, n), List(b, n), Real(value));

    public static void Zero(nint* t, int n)
    {
        NativeValue list = List(t, n);
        Check(qd_torch_call(Aten.ForeachZeroInPlace.Pointer, &list, 1, null, 0, null));
    }

    /// <summary>New tensors: the caller frees them.</summary>
    public static void Sqrt(nint* t, int n, nint* result) => New(Aten.ForeachSqrt, List(t, n), default, 1, n, result);

    /// <summary>New tensors: the caller frees them.</summary>
    public static void Neg(nint* t, int n, nint* result) => New(Aten.ForeachNeg, List(t, n), default, 1, n, result);

    /// <summary>New tensors: the caller frees them.</summary>
    public static void Maximum(nint* a, nint* b, int n, nint* result) => New(Aten.ForeachMaximumList, List(a, n), List(b, n), 2, n, result);

    public static void Free(nint* t, int n) => qd_torch_free_many(t, n);

    private static NativeValue List(nint* t, int n) => new() { Tag = Tag.TensorList, Count = n, Pointer = (nint)t };

    private static NativeValue Real(double d) => new() { Tag = Tag.Double, Real = d };

    private static void Call(Operator op, NativeValue a, NativeValue b)
    {
        NativeValue* args = stackalloc NativeValue[] { a, b };
        Check(qd_torch_call(op.Pointer, args, 2, null, 0, null));
    }

    private static void Call(Operator op, NativeValue a, NativeValue b, NativeValue c)
    {
        NativeValue* args = stackalloc NativeValue[] { a, b, c };
        Check(qd_torch_call(op.Pointer, args, 3, null, 0, null));
    }

    private static void Call(Operator op, NativeValue a, NativeValue b, NativeValue c, NativeValue d)
    {
        NativeValue* args = stackalloc NativeValue[] { a, b, c, d };
        Check(qd_torch_call(op.Pointer, args, 4, null, 0, null));
    }

    [SkipLocalsInit]
    private static void New(Operator op, NativeValue a, NativeValue b, int argumentCount, int n, nint* result)
    {
        NativeValue* args = stackalloc NativeValue[] { a, b };
        NativeValue* results = stackalloc NativeValue[n + 1];
        int count;
        Check(qd_torch_call(op.Pointer, args, argumentCount, results, n + 1, &count));
        for (int i = 0; i < n; i++)
        {
            result[i] = results[i + 1].Pointer;
        }
    }
}
