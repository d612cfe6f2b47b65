using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>
/// States evolved under a Hamiltonian, exp(−iHt)|ψ⟩, by Lanczos' method: H acts on few Krylov vectors at a time, and the step is as long as their error estimate allows (Park, Light, J. Chem. Phys. 85, 5870
/// (1986)). Quenched spin chains made with it are quantum data whose amplitudes are complex.
/// </summary>
public static class TimeEvolution
{
    private const int KrylovVectors = 24;
    private const int MaxSteps = 100_000;

    /// <summary>The state after a time.</summary>
    /// <param name="hamiltonian">The observable; ħ = 1.</param>
    /// <param name="state">The first state [2^n], at most 18 qubits; its norm is kept.</param>
    /// <param name="time">How long; negative times lead back.</param>
    /// <param name="tolerance">The largest error of the state accepted over the whole time.</param>
    /// <returns>[2^n]</returns>
    /// <exception cref="UserErrorException">The sizes do not fit, a number is not finite, or the time is too long for the Hamiltonian's energies.</exception>
    public static Complex[] Of(Observable hamiltonian, ReadOnlySpan<Complex> state, double time, double tolerance = 1e-10)
    {
        int qubits = BitOperations.Log2((uint)state.Length);
        if (state.Length != 1 << qubits || qubits < hamiltonian.QubitSpan || qubits is < 1 or > 18)
        {
            throw new UserErrorException($"a state of {state.Length} amplitudes cannot be evolved: 2^n of 1 to 18 qubits are possible, and at least the {hamiltonian.QubitSpan} qubits that the Hamiltonian names");
        }

        if (!double.IsFinite(time) || !(tolerance > 0))
        {
            throw new UserErrorException($"a state cannot be evolved over the time {time} to a tolerance of {tolerance}", null, "give a finite time and a positive tolerance");
        }

        Complex[] v = state.ToArray();
        double norm = HilbertSpace.Norm(v), left = Math.Abs(time), direction = Math.Sign(time);
        if (!double.IsFinite(norm) || norm < 1e-300)
        {
            throw new UserErrorException("the state to evolve holds a NaN or an infinity, or is zero");
        }

        HilbertSpace.Scale(v, 1 / norm);
        for (int step = 0; left > 0; step++)
        {
            if (step == MaxSteps)
            {
                throw new UserErrorException($"the evolution over the time {time} takes more than {MaxSteps} steps", null, "shorten the time, or divide the Hamiltonian's coefficients");
            }

            (v, double taken) = Step(hamiltonian, v, left, direction, tolerance / Math.Abs(time));
            left = taken >= left ? 0 : left - taken;
        }

        HilbertSpace.Scale(v, norm);
        return v;
    }

    /// <summary>One step of at most that length, shortened until its error per time is below the rate.</summary>
    private static (Complex[] State, double Taken) Step(Observable hamiltonian, Complex[] v, double longest, double direction, double rate)
    {
        var basis = new List<Complex[]> { v };
        var alpha = new List<double>();
        var beta = new List<double>();
        while (true)
        {
            Complex[] w = HilbertSpace.Apply(hamiltonian, basis[^1]);
            alpha.Add(HilbertSpace.Inner(basis[^1], w).Real);
            for (int pass = 0; pass < 2; pass++)
            {
                foreach (Complex[] b in basis)
                {
                    HilbertSpace.Add(w, b, -HilbertSpace.Inner(b, w));
                }
            }

            beta.Add(HilbertSpace.Norm(w));
            if (beta[^1] < 1e-13 || basis.Count == KrylovVectors)
            {
                break;
            }

            HilbertSpace.Scale(w, 1 / beta[^1]);
            basis.Add(w);
        }

        int m = basis.Count;
        Evd<double> evd = Matrix<double>.Build.Dense(m, m, (i, j) => i == j ? alpha[i] : Math.Abs(i - j) == 1 ? beta[Math.Min(i, j)] : 0).Evd(Symmetricity.Symmetric);
        var c = new Complex[m];
        for (double step = longest; ; step /= 2)
        {
            for (int k = 0; k < m; k++)
            {
                c[k] = 0;
                for (int e = 0; e < m; e++)
                {
                    c[k] += evd.EigenVectors[k, e] * evd.EigenVectors[0, e] * Complex.Exp(new Complex(0, -direction * step * evd.EigenValues[e].Real));
                }
            }

            // What leaks out of the Krylov space at the end of the step bounds the rate at which the error grows within it.
            if (beta[^1] < 1e-13 || beta[^1] * c[m - 1].Magnitude < rate || step < longest * 1e-9)
            {
                var result = new Complex[v.Length];
                for (int k = 0; k < m; k++)
                {
                    HilbertSpace.Add(result, basis[k], c[k]);
                }

                HilbertSpace.Scale(result, 1 / HilbertSpace.Norm(result));
                return (result, step);
            }
        }
    }
}
