using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static QDistill.Quantum.Simulation.Compiled.LaneInlining;
using Fma256 = System.Runtime.Intrinsics.X86.Fma;

namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>256-bit vectors of double.</summary>
internal readonly unsafe struct Lanes256Double : ILanes<Vector256<double>>
{
    public static int Bits => 2;

    public static int RadixBits => 2;

    public static double HalfPiHigh => 1.5707963267948966;

    public static double HalfPiLow => 6.123233995736766e-17;

    public static Vector256<double> Zero => Vector256<double>.Zero;

    [MethodImpl(Inline)]
    public static Vector256<double> Broadcast(double value) => Vector256.Create((double)value);

    [MethodImpl(Inline)]
    public static Vector256<double> Load(byte* from) => Vector256.Load((double*)from);

    [MethodImpl(Inline)]
    public static void Store(Vector256<double> value, byte* to) => Vector256.Store(value, (double*)to);

    [MethodImpl(Inline)]
    public static Vector256<double> BroadcastFrom(byte* scalar) => Vector256.Create(*(double*)scalar);

    [MethodImpl(Inline)]
    public static Vector256<double> FromDoubles(double* from) => Vector256.Load(from);

    [MethodImpl(Inline)]
    public static void ToDoubles(Vector256<double> value, double* to)
    {
        Vector256.Store(value, to);
    }

    [MethodImpl(Inline)]
    public static Vector256<double> Add(Vector256<double> a, Vector256<double> b) => a + b;

    [MethodImpl(Inline)]
    public static Vector256<double> Subtract(Vector256<double> a, Vector256<double> b) => a - b;

    [MethodImpl(Inline)]
    public static Vector256<double> Multiply(Vector256<double> a, Vector256<double> b) => a * b;

    [MethodImpl(Inline)]
    public static Vector256<double> Fma(Vector256<double> a, Vector256<double> b, Vector256<double> c) => Vector256.FusedMultiplyAdd(a, b, c);

    [MethodImpl(Inline)]
    public static Vector256<double> Fnma(Vector256<double> a, Vector256<double> b, Vector256<double> c) => Fma256.IsSupported ? Fma256.MultiplyAddNegated(a, b, c) : c - (a * b);

    [MethodImpl(Inline)]
    public static Vector256<double> Round(Vector256<double> a) => Vector256.Round(a);

    [MethodImpl(Inline)]
    public static Vector256<double> Abs(Vector256<double> a) => Vector256.Abs(a);

    [MethodImpl(Inline)]
    public static Vector256<double> EqualTo(Vector256<double> a, Vector256<double> b) => Vector256.Equals(a, b);

    [MethodImpl(Inline)]
    public static Vector256<double> Select(Vector256<double> mask, Vector256<double> ifTrue, Vector256<double> ifFalse) => Vector256.ConditionalSelect(mask, ifTrue, ifFalse);

    [MethodImpl(Inline)]
    public static Vector256<double> XorIndex(int mask) => ((Vector256<int>.Indices ^ Vector256.Create(2 * mask)).AsDouble());

    [MethodImpl(Inline)]
    public static Vector256<double> Permute(Vector256<double> a, Vector256<double> index) => Avx2.IsSupported ? Avx2.PermuteVar8x32(a.AsInt32(), index.AsInt32()).AsDouble() : Vector256.Shuffle(a.AsInt32(), index.AsInt32()).AsDouble();

    [MethodImpl(Inline)]
    public static Vector256<double> Swap(Vector256<double> a, int bit) => bit == 0
        ? Vector256.Shuffle(a, Vector256.Create(1L, 0, 3, 2))
        : Avx.IsSupported ? Avx.Permute2x128(a, a, 1) : Vector256.Shuffle(a, Vector256.Create(2L, 3, 0, 1));

    [MethodImpl(Inline)]
    public static double Sum(Vector256<double> a) => Vector256.Sum(a);

    public static void SumEach(byte* vectors, double* sums)
    {
        if (!Avx.IsSupported)
        {
            LanesScalar.SumEach<Vector256<double>, Lanes256Double>(vectors, sums);
            return;
        }

        Vector256<double>* v = (Vector256<double>*)vectors;
        Vector256<double> a = Avx.HorizontalAdd(v[0], v[1]), b = Avx.HorizontalAdd(v[2], v[3]);
        Vector256.Store(Avx.Permute2x128(a, b, 0x20) + Avx.Permute2x128(a, b, 0x31), sums);
    }
}

/// <summary>256-bit vectors of float.</summary>
internal readonly unsafe struct Lanes256Single : ILanes<Vector256<float>>
{
    public static int Bits => 3;

    public static int RadixBits => 2;

    public static double HalfPiHigh => 1.57079637050628662109375;

    public static double HalfPiLow => -4.371139000186241e-8;

    public static Vector256<float> Zero => Vector256<float>.Zero;

    [MethodImpl(Inline)]
    public static Vector256<float> Broadcast(double value) => Vector256.Create((float)value);

    [MethodImpl(Inline)]
    public static Vector256<float> Load(byte* from) => Vector256.Load((float*)from);

    [MethodImpl(Inline)]
    public static void Store(Vector256<float> value, byte* to) => Vector256.Store(value, (float*)to);

    [MethodImpl(Inline)]
    public static Vector256<float> BroadcastFrom(byte* scalar) => Vector256.Create(*(float*)scalar);

    [MethodImpl(Inline)]
    public static Vector256<float> FromDoubles(double* from) => Vector256.Narrow(Vector256.Load(from), Vector256.Load(from + 4));

    [MethodImpl(Inline)]
    public static void ToDoubles(Vector256<float> value, double* to)
    {
        (Vector256<double> low, Vector256<double> high) = Vector256.Widen(value);
        Vector256.Store(low, to);
        Vector256.Store(high, to + 4);
    }

    [MethodImpl(Inline)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    [MethodImpl(Inline)]
    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;

    [MethodImpl(Inline)]
    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;

    [MethodImpl(Inline)]
    public static Vector256<float> Fma(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.FusedMultiplyAdd(a, b, c);

    [MethodImpl(Inline)]
    public static Vector256<float> Fnma(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Fma256.IsSupported ? Fma256.MultiplyAddNegated(a, b, c) : c - (a * b);

    [MethodImpl(Inline)]
    public static Vector256<float> Round(Vector256<float> a) => Vector256.Round(a);

    [MethodImpl(Inline)]
    public static Vector256<float> Abs(Vector256<float> a) => Vector256.Abs(a);

    [MethodImpl(Inline)]
    public static Vector256<float> EqualTo(Vector256<float> a, Vector256<float> b) => Vector256.Equals(a, b);

    [MethodImpl(Inline)]
    public static Vector256<float> Select(Vector256<float> mask, Vector256<float> ifTrue, Vector256<float> ifFalse) => Vector256.ConditionalSelect(mask, ifTrue, ifFalse);

    [MethodImpl(Inline)]
    public static Vector256<float> XorIndex(int mask) => (Vector256<int>.Indices ^ Vector256.Create(mask)).AsSingle();

    [MethodImpl(Inline)]
    public static Vector256<float> Permute(Vector256<float> a, Vector256<float> index) => Avx2.IsSupported ? Avx2.PermuteVar8x32(a, index.AsInt32()) : Vector256.Shuffle(a, index.AsInt32());

    [MethodImpl(Inline)]
    public static Vector256<float> Swap(Vector256<float> a, int bit) => bit switch
    {
        0 => Vector256.Shuffle(a, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6)),
        1 => Vector256.Shuffle(a, Vector256.Create(2, 3, 0, 1, 6, 7, 4, 5)),
        _ => Avx.IsSupported ? Avx.Permute2x128(a, a, 1) : Vector256.Shuffle(a, Vector256.Create(4, 5, 6, 7, 0, 1, 2, 3)),
    };

    [MethodImpl(Inline)]
    public static double Sum(Vector256<float> a) => Vector256.Sum(a);

    public static void SumEach(byte* vectors, double* sums)
    {
        if (!Avx.IsSupported)
        {
            LanesScalar.SumEach<Vector256<float>, Lanes256Single>(vectors, sums);
            return;
        }

        Vector256<float>* v = (Vector256<float>*)vectors;
        Vector256<float> a = Avx.HorizontalAdd(Avx.HorizontalAdd(v[0], v[1]), Avx.HorizontalAdd(v[2], v[3]));
        Vector256<float> b = Avx.HorizontalAdd(Avx.HorizontalAdd(v[4], v[5]), Avx.HorizontalAdd(v[6], v[7]));
        ToDoubles(Avx.Permute2x128(a, b, 0x20) + Avx.Permute2x128(a, b, 0x31), sums);
    }
}
