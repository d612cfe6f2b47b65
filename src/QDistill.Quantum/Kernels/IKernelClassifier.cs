namespace QDistill.Quantum;

/// <summary>A binary classifier trained on a Gram matrix, which answers from kernel values to its training samples.</summary>
public interface IKernelClassifier
{
    /// <summary>The probability of the positive class.</summary>
    /// <param name="cross">Kernel values between new and training samples [m, n].</param>
    /// <param name="count">m</param>
    /// <returns>[m]</returns>
    double[] Predict(ReadOnlySpan<double> cross, int count);
}
