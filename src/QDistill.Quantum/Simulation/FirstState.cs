using QDistill.Configuration;

namespace QDistill.Quantum.Simulation;

/// <summary>
/// First states that are made of inputs. The inputs x are the real parts of the first amplitudes (<see cref="StatePreparation.Amplitude"/>) or the real and imaginary parts of all, alternating
/// (<see cref="StatePreparation.State"/>); in both cases the state is x/|x|.
/// </summary>
internal static class FirstState
{
    /// <summary>|x|².</summary>
    public static double SquaredNorm(ReadOnlySpan<double> x)
    {
        double sum = 0;
        foreach (double v in x)
        {
            sum += v * v;
        }

        return sum;
    }

    /// <summary>|x| of a vector that becomes a state.</summary>
    /// <exception cref="UserErrorException">It is 0.</exception>
    public static double Norm(ReadOnlySpan<double> x)
    {
        double square = SquaredNorm(x);
        return square > 1e-300 ? Math.Sqrt(square)
            : throw new UserErrorException("a sample whose features are all zero cannot be normalised to a state by amplitude encoding", null, "drop the window or use another encoding");
    }

    /// <summary>
    /// Adds dL/dx through ψ = x/|x|: 2(λ − ψ (ψ·λ))/|x|, where λ lists those parts of the adjoint state whose counterparts x gives.
    /// </summary>
    public static void AddGradient(ReadOnlySpan<double> x, ReadOnlySpan<double> lambda, Span<double> gradient)
    {
        double norm = Norm(x), dot = 0;
        for (int k = 0; k < x.Length; k++)
        {
            dot += x[k] / norm * lambda[k];
        }

        for (int k = 0; k < x.Length; k++)
        {
            gradient[k] += 2 * (lambda[k] - (x[k] / norm * dot)) / norm;
        }
    }
}
