using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;
using QDistill.Configuration;
using QDistill.Numerics;

namespace QDistill.Quantum;

/// <summary>The lowest eigenstate of an observable, by Lanczos' method with full reorthogonalisation.</summary>
public static class GroundState
{
    private const int MaxSteps = 200;

    /// <summary>Finds energy and state.</summary>
    /// <param name="hamiltonian">The observable.</param>
    /// <param name="qubits">The number of qubits, at most 18.</param>
    /// <param name="tolerance">The largest norm of (H − E)ψ accepted.</param>
    /// <param name="seed">The seed of the first vector. Of degenerate ground states it decides which one is found.</param>
    /// <returns>The energy and the state [2^n]; where the Hamiltonian is real the state is too, with its largest amplitude positive.</returns>
    /// <exception cref="UserErrorException">There are too many qubits, or no convergence.</exception>
    public static (double Energy, Complex[] State) Of(Observable hamiltonian, int qubits, double tolerance = 1e-9, ulong seed = 1)
    {
        if (qubits < hamiltonian.QubitSpan || qubits is < 1 or > 18)
        {
            throw new UserErrorException($"a ground state on {qubits} qubits cannot be found: 1 to 18 are possible, and at least the {hamiltonian.QubitSpan} that the Hamiltonian names");
        }

        int dimension = 1 << qubits;
        var random = new Philox(seed, 0x6C);
        var v = new Complex[dimension];
        for (int i = 0; i < dimension; i++)
        {
            v[i] = random.NextGaussian();
        }

        var basis = new List<Complex[]>();
        var alpha = new List<double>();
        var beta = new List<double>();
        for (int restart = 0; restart < 50; restart++)
        {
            basis.Clear();
            alpha.Clear();
            beta.Clear();
            Scale(v, 1 / Norm(v));
            while (true)
            {
                basis.Add(v);
                Complex[] w = Apply(hamiltonian, v);
                alpha.Add(Inner(v, w).Real);
                for (int pass = 0; pass < 2; pass++)
                {
                    foreach (Complex[] b in basis)
                    {
                        Add(w, b, -Inner(b, w));
                    }
                }

                double norm = Norm(w);
                int steps = basis.Count;
                bool full = norm < 1e-12 || steps == dimension || steps == MaxSteps;
                if (full || steps % 10 == 0)
                {
                    Matrix<double> t = Matrix<double>.Build.Dense(steps, steps, (i, j) => i == j ? alpha[i] : Math.Abs(i - j) == 1 ? beta[Math.Min(i, j)] : 0);
                    Evd<double> evd = t.Evd(Symmetricity.Symmetric);
                    int lowest = evd.EigenValues.Select((e, i) => (e.Real, i)).Min().i;
                    double residual = norm * Math.Abs(evd.EigenVectors[steps - 1, lowest]);
                    if (full || residual < tolerance)
                    {
                        var state = new Complex[dimension];
                        for (int k = 0; k < steps; k++)
                        {
                            Add(state, basis[k], evd.EigenVectors[k, lowest]);
                        }

                        Scale(state, 1 / Norm(state));
                        if (residual < tolerance || norm < 1e-12)
                        {
                            return (evd.EigenValues[lowest].Real, Upright(state));
                        }

                        v = state;
                        break;
                    }
                }

                beta.Add(norm);
                Scale(w, 1 / norm);
                v = w;
            }
        }

        throw new UserErrorException($"the ground state did not converge to {tolerance}", null, "loosen the tolerance");
    }

    /// <summary>O v.</summary>
    internal static Complex[] Apply(Observable observable, Complex[] v)
    {
        var result = new Complex[v.Length];
        foreach ((double c, PauliString p) in observable.Terms)
        {
            Complex unit = (p.YCount & 3) switch { 0 => new(c, 0), 1 => new(0, c), 2 => new(-c, 0), _ => new(0, -c) };
            for (int i = 0; i < v.Length; i++)
            {
                int j = i ^ p.XMask;
                result[i] += (BitOperations.PopCount((uint)(j & p.ZMask)) & 1) == 0 ? unit * v[j] : -unit * v[j];
            }
        }

        return result;
    }

    private static Complex[] Upright(Complex[] v)
    {
        Complex largest = v.MaxBy(a => Math.Round(a.Magnitude, 10));
        Complex turn = Complex.Conjugate(largest) / largest.Magnitude;
        return [.. v.Select(a => a * turn)];
    }

    private static Complex Inner(Complex[] a, Complex[] b)
    {
        Complex sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += Complex.Conjugate(a[i]) * b[i];
        }

        return sum;
    }

    private static double Norm(Complex[] v) => Math.Sqrt(Inner(v, v).Real);

    private static void Scale(Complex[] v, double factor)
    {
        for (int i = 0; i < v.Length; i++)
        {
            v[i] *= factor;
        }
    }

    private static void Add(Complex[] to, Complex[] v, Complex factor)
    {
        for (int i = 0; i < v.Length; i++)
        {
            to[i] += factor * v[i];
        }
    }
}
