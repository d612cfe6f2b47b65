namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>What lanes do one after another where the machine has no instruction for all.</summary>
internal static unsafe class LanesScalar
{
    /// <summary>The sums of as many consecutive vectors as one has numbers.</summary>
    public static void SumEach<V, O>(byte* vectors, double* sums)
        where V : unmanaged
        where O : struct, ILanes<V>
    {
        for (int l = 0; l < 1 << O.Bits; l++)
        {
            sums[l] = O.Sum(O.Load(vectors + (l * sizeof(V))));
        }
    }
}

/// <summary>Single numbers of double: for machines without vectors, and to test the kernels' logic.</summary>
internal readonly unsafe struct LanesScalarDouble : ILanes<double>
{
    public static int Bits => 0;

    public static int RadixBits => 2;

    public static double HalfPiHigh => 1.5707963267948966;

    public static double HalfPiLow => 6.123233995736766e-17;

    public static double Zero => 0;

    public static double Broadcast(double value) => (double)value;

    public static double Load(byte* from) => *(double*)from;

    public static void Store(double value, byte* to) => *(double*)to = value;

    public static double BroadcastFrom(byte* scalar) => *(double*)scalar;

    public static double FromDoubles(double* from) => (double)(*from);

    public static void ToDoubles(double value, double* to) => *to = value;

    public static double Add(double a, double b) => a + b;

    public static double Subtract(double a, double b) => a - b;

    public static double Multiply(double a, double b) => a * b;

    public static double Fma(double a, double b, double c) => (a * b) + c;

    public static double Fnma(double a, double b, double c) => c - (a * b);

    public static double Round(double a) => Math.Round(a);

    public static double Abs(double a) => Math.Abs(a);

    public static double EqualTo(double a, double b) => a == b ? 1 : 0;

    public static double Select(double mask, double ifTrue, double ifFalse) => mask != 0 ? ifTrue : ifFalse;

    public static double XorIndex(int mask) => 0;

    public static double Permute(double a, double index) => a;

    public static double Swap(double a, int bit) => a;

    public static double Sum(double a) => a;

    public static void SumEach(byte* vectors, double* sums) => *sums = *(double*)vectors;
}

/// <summary>Single numbers of float: for machines without vectors, and to test the kernels' logic.</summary>
internal readonly unsafe struct LanesScalarSingle : ILanes<float>
{
    public static int Bits => 0;

    public static int RadixBits => 2;

    public static double HalfPiHigh => 1.57079637050628662109375;

    public static double HalfPiLow => -4.371139000186241e-8;

    public static float Zero => 0;

    public static float Broadcast(double value) => (float)value;

    public static float Load(byte* from) => *(float*)from;

    public static void Store(float value, byte* to) => *(float*)to = value;

    public static float BroadcastFrom(byte* scalar) => *(float*)scalar;

    public static float FromDoubles(double* from) => (float)(*from);

    public static void ToDoubles(float value, double* to) => *to = value;

    public static float Add(float a, float b) => a + b;

    public static float Subtract(float a, float b) => a - b;

    public static float Multiply(float a, float b) => a * b;

    public static float Fma(float a, float b, float c) => (a * b) + c;

    public static float Fnma(float a, float b, float c) => c - (a * b);

    public static float Round(float a) => MathF.Round(a);

    public static float Abs(float a) => MathF.Abs(a);

    public static float EqualTo(float a, float b) => a == b ? 1 : 0;

    public static float Select(float mask, float ifTrue, float ifFalse) => mask != 0 ? ifTrue : ifFalse;

    public static float XorIndex(int mask) => 0;

    public static float Permute(float a, float index) => a;

    public static float Swap(float a, int bit) => a;

    public static double Sum(float a) => a;

    public static void SumEach(byte* vectors, double* sums) => *sums = *(float*)vectors;
}
