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
    /// <returns>The energy and the state [2^n]; where the Hamiltonian is real the state is too; its largest amplitude is positive.</returns>
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
            HilbertSpace.Scale(v, 1 / HilbertSpace.Norm(v));
            while (true)
            {
                basis.Add(v);
                Complex[] w = HilbertSpace.Apply(hamiltonian, v);
                alpha.Add(HilbertSpace.Inner(v, w).Real);
                for (int pass = 0; pass < 2; pass++)
                {
                    foreach (Complex[] b in basis)
                    {
                        HilbertSpace.Add(w, b, -HilbertSpace.Inner(b, w));
                    }
                }

                double norm = HilbertSpace.Norm(w);
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
                            HilbertSpace.Add(state, basis[k], evd.EigenVectors[k, lowest]);
                        }

                        HilbertSpace.Scale(state, 1 / HilbertSpace.Norm(state));
                        if (residual < tolerance || norm < 1e-12)
                        {
                            return (evd.EigenValues[lowest].Real, Upright(state));
                        }

                        v = state;
                        break;
                    }
                }

                beta.Add(norm);
                HilbertSpace.Scale(w, 1 / norm);
                v = w;
            }
        }

        throw new UserErrorException($"the ground state did not converge to {tolerance}", null, "loosen the tolerance");
    }

    /// <summary>⟨ψ|H|ψ⟩ of a state [2^n].</summary>
    public static double Energy(Observable hamiltonian, Complex[] state) => HilbertSpace.Inner(state, HilbertSpace.Apply(hamiltonian, state)).Real;

    private static Complex[] Upright(Complex[] v)
    {
        Complex largest = v.MaxBy(a => Math.Round(a.Magnitude, 10));
        Complex turn = Complex.Conjugate(largest) / largest.Magnitude;
        return [.. v.Select(a => a * turn)];
    }
}
