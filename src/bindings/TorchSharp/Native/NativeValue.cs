using System.Runtime.InteropServices;

namespace TorchSharp.Native;

/// <summary>The kinds of <c>qd_torch_value</c>.</summary>
internal enum Tag
{
    None,
    Tensor,
    Int,
    Double,
    Bool,
    IntList,
    DoubleList,
    BoolList,
    TensorList,
    OptionalTensorList,
    String,
    Complex,
    Device,
    Generator,
}

/// <summary><c>qd_torch_value</c>: one argument or result, 16 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct NativeValue
{
    [FieldOffset(0)]
    public Tag Tag;

    [FieldOffset(4)]
    public int Count;

    [FieldOffset(8)]
    public nint Pointer;

    [FieldOffset(8)]
    public long Integer;

    [FieldOffset(8)]
    public double Real;
}
