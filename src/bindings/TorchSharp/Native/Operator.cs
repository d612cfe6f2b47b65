using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.Native.NativeMethods;

namespace TorchSharp.Native;

/// <summary>
/// One ATen operator overload, looked up on first use and kept. Arguments follow the schema's order; trailing arguments that are left out take
/// the schema's defaults (filled in natively).
/// </summary>
internal sealed unsafe class Operator(string name, string overload = "")
{
    private const int MaxOnStack = 64;
    private nint handle;

    /// <summary>The raw pointer for hot paths that prepare native arguments themselves.</summary>
    public nint Pointer => handle != 0 ? handle : Find();

    /// <summary>The schema as libtorch prints it.</summary>
    public string Schema
    {
        get
        {
            byte* buffer = stackalloc byte[4096];
            qd_torch_operator_schema(Pointer, buffer, 4096);
            return Marshal.PtrToStringUTF8((nint)buffer)!;
        }
    }

    /// <summary>Calls an operator that returns one tensor.</summary>
    public torch.Tensor Call(params ReadOnlySpan<Argument> args)
    {
        NativeValue result;
        Invoke(args, &result, 1);
        return new torch.Tensor(result.Pointer);
    }

    /// <summary>Calls an operator that changes its first argument; the returned alias is dropped.</summary>
    public void Run(params ReadOnlySpan<Argument> args) => Invoke(args, null, 0);

    /// <summary>Calls an operator that returns two tensors; an undefined one is invalid.</summary>
    public (torch.Tensor First, torch.Tensor Second) Call2(params ReadOnlySpan<Argument> args)
    {
        NativeValue* results = stackalloc NativeValue[2];
        Invoke(args, results, 2);
        return (new torch.Tensor(results[0].Pointer), new torch.Tensor(results[1].Pointer));
    }

    /// <summary>Calls an operator that returns three tensors.</summary>
    public (torch.Tensor First, torch.Tensor Second, torch.Tensor Third) Call3(params ReadOnlySpan<Argument> args)
    {
        NativeValue* results = stackalloc NativeValue[3];
        Invoke(args, results, 3);
        return (new torch.Tensor(results[0].Pointer), new torch.Tensor(results[1].Pointer), new torch.Tensor(results[2].Pointer));
    }

    /// <summary>Calls an operator that returns a truth value.</summary>
    public bool CallBool(params ReadOnlySpan<Argument> args)
    {
        NativeValue result;
        Invoke(args, &result, 1);
        return result.Integer != 0;
    }

    /// <summary>Calls an operator that returns a list of at most <paramref name="most"/> tensors.</summary>
    public torch.Tensor[] CallList(int most, params ReadOnlySpan<Argument> args)
    {
        NativeValue[] room = new NativeValue[most + 1];
        fixed (NativeValue* results = room)
        {
            int count = Invoke(args, results, room.Length);
            torch.Tensor[] list = new torch.Tensor[count - 1];
            for (int i = 0; i < list.Length; i++)
            {
                list[i] = new torch.Tensor(results[i + 1].Pointer);
            }

            return list;
        }
    }

    [SkipLocalsInit]
    private int Invoke(ReadOnlySpan<Argument> args, NativeValue* results, int capacity)
    {
        int needed = 0;
        foreach (ref readonly Argument a in args)
        {
            needed += a.CellsNeeded();
        }

        if (needed > MaxOnStack)
        {
            fixed (long* many = new long[needed])
            {
                return Invoke(args, many, results, capacity);
            }
        }

        long* few = stackalloc long[MaxOnStack];
        return Invoke(args, few, results, capacity);
    }

    private int Invoke(ReadOnlySpan<Argument> args, long* cells, NativeValue* results, int capacity)
    {
        NativeValue* values = stackalloc NativeValue[args.Length];
        for (int i = 0; i < args.Length; i++)
        {
            args[i].Write(values + i, ref cells);
        }

        int count = 0;
        Check(qd_torch_call(Pointer, values, args.Length, results, capacity, &count));
        foreach (ref readonly Argument a in args)
        {
            GC.KeepAlive(a.Owner);
        }

        return count;
    }

    private nint Find()
    {
        nint found;
        Check(qd_torch_operator_find("aten::" + name, overload, &found));
        return handle = found;
    }
}
