namespace QDistill.Quantum;

/// <summary>A kernel between samples that a quantum circuit defines. Arrays are row-major.</summary>
public interface IQuantumKernel
{
    /// <summary>The number of features of a sample.</summary>
    int InputCount { get; }

    /// <summary>The symmetric Gram matrix of n samples, with ones on its diagonal.</summary>
    /// <param name="inputs">[n, d]</param>
    /// <param name="count">n</param>
    /// <returns>[n, n]</returns>
    double[] Gram(ReadOnlySpan<double> inputs, int count);

    /// <summary>The kernel between two sets of samples, for predictions outside the training set.</summary>
    /// <param name="left">[n, d]</param>
    /// <param name="leftCount">n</param>
    /// <param name="right">[m, d]</param>
    /// <param name="rightCount">m</param>
    /// <returns>[n, m]</returns>
    double[] Cross(ReadOnlySpan<double> left, int leftCount, ReadOnlySpan<double> right, int rightCount);
}
