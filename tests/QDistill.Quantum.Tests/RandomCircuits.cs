using System.Numerics;
using QDistill.Numerics;

namespace QDistill.Quantum.Tests;

/// <summary>Random gates, circuits, weights and inputs from a seed.</summary>
internal static class RandomCircuits
{
    public static readonly GateKind[] Kinds = Enum.GetValues<GateKind>();

    /// <summary>A circuit of every kind of gate, repeated, with angles of all forms.</summary>
    public static Circuit Make(int qubits, int gates, ulong seed, int inputs = 3, int weights = 5, GateKind? only = null)
    {
        var random = new Philox(seed, (ulong)qubits);
        var builder = new CircuitBuilder(qubits);
        for (int g = 0; g < gates; g++)
        {
            Add(builder, only ?? Kinds[random.NextInt(Kinds.Length)], ref random, inputs, weights);
        }

        return builder.Build(inputs, weights);
    }

    public static void Add(CircuitBuilder c, GateKind kind, ref Philox random, int inputs, int weights)
    {
        int n = c.Qubits, a = random.NextInt(n), b = n > 1 ? (a + 1 + random.NextInt(n - 1)) % n : -1;
        Angle x = RandomAngle(ref random, inputs, weights);
        switch (kind)
        {
            case GateKind.X: c.X(a); return;
            case GateKind.Y: c.Y(a); return;
            case GateKind.Z: c.Z(a); return;
            case GateKind.H: c.H(a); return;
            case GateKind.S: c.S(a); return;
            case GateKind.SDagger: c.SDagger(a); return;
            case GateKind.T: c.T(a); return;
            case GateKind.TDagger: c.TDagger(a); return;
            case GateKind.RX: c.RX(a, x); return;
            case GateKind.RY: c.RY(a, x); return;
            case GateKind.RZ: c.RZ(a, x); return;
            case GateKind.Phase: c.Phase(a, x); return;
            case GateKind.U3: c.U3(a, x, RandomAngle(ref random, inputs, weights), RandomAngle(ref random, inputs, weights)); return;
            case GateKind.Unitary1: c.Unitary(a, RandomUnitary(2, ref random)); return;
            case GateKind.PauliRotation:
                int mask = (1 << n) - 1, px = random.NextInt(mask + 1), pz = random.NextInt(mask + 1);
                c.PauliRotation(new PauliString(px, (px | pz) == 0 ? 1 : pz), x);
                return;
        }

        if (n == 1)
        {
            return;
        }

        switch (kind)
        {
            case GateKind.CNOT: c.CNOT(a, b); return;
            case GateKind.CZ: c.CZ(a, b); return;
            case GateKind.SWAP: c.SWAP(a, b); return;
            case GateKind.CRX: c.CRX(a, b, x); return;
            case GateKind.CRY: c.CRY(a, b, x); return;
            case GateKind.CRZ: c.CRZ(a, b, x); return;
            case GateKind.CPhase: c.CPhase(a, b, x); return;
            case GateKind.RXX: c.RXX(a, b, x); return;
            case GateKind.RYY: c.RYY(a, b, x); return;
            case GateKind.RZZ: c.RZZ(a, b, x); return;
            case GateKind.Unitary2: c.Unitary(a, b, RandomUnitary(4, ref random)); return;
            default: throw new NotSupportedException(kind.ToString());
        }
    }

    public static double[] Vector(int count, ulong seed, double range = 4)
    {
        var random = new Philox(seed, 77);
        double[] v = new double[count];
        for (int i = 0; i < count; i++)
        {
            v[i] = random.NextDouble(-range, range);
        }

        return v;
    }

    /// <summary>Gram–Schmidt on a complex Gaussian matrix.</summary>
    public static Complex[] RandomUnitary(int size, ref Philox random)
    {
        var rows = new Complex[size][];
        for (int i = 0; i < size; i++)
        {
            rows[i] = new Complex[size];
            for (int j = 0; j < size; j++)
            {
                rows[i][j] = new Complex(random.NextGaussian(), random.NextGaussian());
            }

            for (int k = 0; k < i; k++)
            {
                Complex dot = rows[k].Select((v, j) => Complex.Conjugate(v) * rows[i][j]).Aggregate((p, q) => p + q);
                rows[i] = [.. rows[i].Select((v, j) => v - (dot * rows[k][j]))];
            }

            double norm = Math.Sqrt(rows[i].Sum(v => v.Real * v.Real + v.Imaginary * v.Imaginary));
            rows[i] = [.. rows[i].Select(v => v / norm)];
        }

        return [.. rows.SelectMany(r => r)];
    }

    private static Angle RandomAngle(ref Philox random, int inputs, int weights) => random.NextInt(5) switch
    {
        0 => random.NextDouble(-7, 7),
        1 when inputs > 0 => Angle.Input(random.NextInt(inputs), random.NextDouble(-2, 2)) + random.NextDouble(-1, 1),
        2 when weights > 0 => Angle.Weight(random.NextInt(weights), random.NextDouble(-2, 2)),
        3 when inputs > 0 && weights > 0 => Angle.Weight(random.NextInt(weights)) * Angle.Input(random.NextInt(inputs)) + Angle.Weight(random.NextInt(weights)),
        4 when inputs > 0 => (Math.PI - Angle.Input(random.NextInt(inputs))) * (Math.PI - Angle.Input(random.NextInt(inputs))),
        _ => random.NextDouble(-3, 3),
    };
}
