using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static QDistill.Quantum.Simulation.Compiled.LaneInlining;

namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>512-bit vectors of double.</summary>
internal readonly unsafe struct Lanes512Double : ILanes<Vector512<double>>
{
    public static int Bits => 3;

    public static int RadixBits => 3;

    public static double HalfPiHigh => 1.5707963267948966;

    public static double HalfPiLow => 6.123233995736766e-17;

    public static Vector512<double> Zero => Vector512<double>.Zero;

    [MethodImpl(Inline)]
    public static Vector512<double> Broadcast(double value) => Vector512.Create((double)value);

    [MethodImpl(Inline)]
    public static Vector512<double> Load(byte* from) => Vector512.Load((double*)from);

    [MethodImpl(Inline)]
    public static void Store(Vector512<double> value, byte* to) => Vector512.Store(value, (double*)to);

    [MethodImpl(Inline)]
    public static Vector512<double> BroadcastFrom(byte* scalar) => Vector512.Create(*(double*)scalar);

    [MethodImpl(Inline)]
    public static Vector512<double> FromDoubles(double* from) => Vector512.Load(from);

    [MethodImpl(Inline)]
    public static void ToDoubles(Vector512<double> value, double* to)
    {
        Vector512.Store(value, to);
    }

    [MethodImpl(Inline)]
    public static Vector512<double> Add(Vector512<double> a, Vector512<double> b) => a + b;

    [MethodImpl(Inline)]
    public static Vector512<double> Subtract(Vector512<double> a, Vector512<double> b) => a - b;

    [MethodImpl(Inline)]
    public static Vector512<double> Multiply(Vector512<double> a, Vector512<double> b) => a * b;

    [MethodImpl(Inline)]
    public static Vector512<double> Fma(Vector512<double> a, Vector512<double> b, Vector512<double> c) => Vector512.FusedMultiplyAdd(a, b, c);

    [MethodImpl(Inline)]
    public static Vector512<double> Fnma(Vector512<double> a, Vector512<double> b, Vector512<double> c) => Avx512F.IsSupported ? Avx512F.FusedMultiplyAddNegated(a, b, c) : Vector512.FusedMultiplyAdd(-a, b, c);

    [MethodImpl(Inline)]
    public static Vector512<double> Round(Vector512<double> a) => Vector512.Round(a);

    [MethodImpl(Inline)]
    public static Vector512<double> Abs(Vector512<double> a) => Vector512.Abs(a);

    [MethodImpl(Inline)]
    public static Vector512<double> EqualTo(Vector512<double> a, Vector512<double> b) => Vector512.Equals(a, b);

    [MethodImpl(Inline)]
    public static Vector512<double> Select(Vector512<double> mask, Vector512<double> ifTrue, Vector512<double> ifFalse) => Vector512.ConditionalSelect(mask, ifTrue, ifFalse);

    [MethodImpl(Inline)]
    public static Vector512<double> XorIndex(int mask) => (Vector512<long>.Indices ^ Vector512.Create((long)mask)).AsDouble();

    [MethodImpl(Inline)]
    public static Vector512<double> Permute(Vector512<double> a, Vector512<double> index) => Vector512.ShuffleNative(a, index.AsInt64());

    [MethodImpl(Inline)]
    public static Vector512<double> Swap(Vector512<double> a, int bit) => bit switch
    {
        0 => Vector512.Shuffle(a, Vector512.Create(1L, 0, 3, 2, 5, 4, 7, 6)),
        1 => Vector512.Shuffle(a, Vector512.Create(2L, 3, 0, 1, 6, 7, 4, 5)),
        _ => Vector512.Shuffle(a, Vector512.Create(4L, 5, 6, 7, 0, 1, 2, 3)),
    };

    [MethodImpl(Inline)]
    public static double Sum(Vector512<double> a) => Vector512.Sum(a);

    public static void SumEach(byte* vectors, double* sums) => LanesScalar.SumEach<Vector512<double>, Lanes512Double>(vectors, sums);
}

/// <summary>512-bit vectors of float.</summary>
internal readonly unsafe struct Lanes512Single : ILanes<Vector512<float>>
{
    public static int Bits => 4;

    public static int RadixBits => 3;

    public static double HalfPiHigh => 1.57079637050628662109375;

    public static double HalfPiLow => -4.371139000186241e-8;

    public static Vector512<float> Zero => Vector512<float>.Zero;

    [MethodImpl(Inline)]
    public static Vector512<float> Broadcast(double value) => Vector512.Create((float)value);

    [MethodImpl(Inline)]
    public static Vector512<float> Load(byte* from) => Vector512.Load((float*)from);

    [MethodImpl(Inline)]
    public static void Store(Vector512<float> value, byte* to) => Vector512.Store(value, (float*)to);

    [MethodImpl(Inline)]
    public static Vector512<float> BroadcastFrom(byte* scalar) => Vector512.Create(*(float*)scalar);

    [MethodImpl(Inline)]
    public static Vector512<float> FromDoubles(double* from) => Vector512.Narrow(Vector512.Load(from), Vector512.Load(from + 8));

    [MethodImpl(Inline)]
    public static void ToDoubles(Vector512<float> value, double* to)
    {
        (Vector512<double> low, Vector512<double> high) = Vector512.Widen(value);
        Vector512.Store(low, to);
        Vector512.Store(high, to + 8);
    }

    [MethodImpl(Inline)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    [MethodImpl(Inline)]
    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => a - b;

    [MethodImpl(Inline)]
    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => a * b;

    [MethodImpl(Inline)]
    public static Vector512<float> Fma(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.FusedMultiplyAdd(a, b, c);

    [MethodImpl(Inline)]
    public static Vector512<float> Fnma(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Avx512F.IsSupported ? Avx512F.FusedMultiplyAddNegated(a, b, c) : Vector512.FusedMultiplyAdd(-a, b, c);

    [MethodImpl(Inline)]
    public static Vector512<float> Round(Vector512<float> a) => Vector512.Round(a);

    [MethodImpl(Inline)]
    public static Vector512<float> Abs(Vector512<float> a) => Vector512.Abs(a);

    [MethodImpl(Inline)]
    public static Vector512<float> EqualTo(Vector512<float> a, Vector512<float> b) => Vector512.Equals(a, b);

    [MethodImpl(Inline)]
    public static Vector512<float> Select(Vector512<float> mask, Vector512<float> ifTrue, Vector512<float> ifFalse) => Vector512.ConditionalSelect(mask, ifTrue, ifFalse);

    [MethodImpl(Inline)]
    public static Vector512<float> XorIndex(int mask) => (Vector512<int>.Indices ^ Vector512.Create(mask)).AsSingle();

    [MethodImpl(Inline)]
    public static Vector512<float> Permute(Vector512<float> a, Vector512<float> index) => Vector512.ShuffleNative(a, index.AsInt32());

    [MethodImpl(Inline)]
    public static Vector512<float> Swap(Vector512<float> a, int bit) => bit switch
    {
        0 => Vector512.Shuffle(a, Vector512.Create(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)),
        1 => Vector512.Shuffle(a, Vector512.Create(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)),
        2 => Vector512.Shuffle(a, Vector512.Create(4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11)),
        _ => Vector512.Shuffle(a, Vector512.Create(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)),
    };

    [MethodImpl(Inline)]
    public static double Sum(Vector512<float> a) => Vector512.Sum(a);

    public static void SumEach(byte* vectors, double* sums) => LanesScalar.SumEach<Vector512<float>, Lanes512Single>(vectors, sums);
}
