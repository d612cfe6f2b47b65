using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>Undoes independent read-out errors by the inverse of each qubit's confusion matrix. The result adds up to 1 but may have negative entries (quasi-probabilities).</summary>
public sealed class ReadoutMitigation
{
    private readonly double determinant;

    /// <summary>Prepares the inversion.</summary>
    /// <param name="oneForZero">The probability to read 1 for 0.</param>
    /// <param name="zeroForOne">The probability to read 0 for 1.</param>
    /// <exception cref="UserErrorException">The errors leave no information: their sum is too close to 1.</exception>
    public ReadoutMitigation(double oneForZero, double zeroForOne)
    {
        (OneForZero, ZeroForOne) = (oneForZero, zeroForOne);
        determinant = 1 - oneForZero - zeroForOne;
        if (!(oneForZero is >= 0 and <= 1 && zeroForOne is >= 0 and <= 1) || Math.Abs(determinant) < 1e-6)
        {
            throw new UserErrorException($"read-out errors {oneForZero} and {zeroForOne} cannot be inverted", null, "they must be probabilities whose sum is not 1");
        }
    }

    /// <summary>The probability to read 1 for 0.</summary>
    public double OneForZero { get; }

    /// <summary>The probability to read 0 for 1.</summary>
    public double ZeroForOne { get; }

    /// <summary>Inverts the confusion in a distribution [2^n], in place.</summary>
    public void Apply(Span<double> distribution, int qubits)
    {
        for (int q = 0; q < qubits; q++)
        {
            for (int i = 0; i < distribution.Length; i++)
            {
                if ((i >> q & 1) == 0)
                {
                    double a = distribution[i], b = distribution[i | (1 << q)];
                    distribution[i] = (((1 - ZeroForOne) * a) - (ZeroForOne * b)) / determinant;
                    distribution[i | (1 << q)] = (((1 - OneForZero) * b) - (OneForZero * a)) / determinant;
                }
            }
        }
    }

    /// <summary>
    /// The value that stands for a measured bit in a mitigated Z: with it, the mean over raw shots is the mitigated expectation, and their spread is its error.
    /// </summary>
    internal double Value(int bit) => bit == 0 ? (1 - ZeroForOne + OneForZero) / determinant : -(1 - OneForZero + ZeroForOne) / determinant;
}
