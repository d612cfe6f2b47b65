using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>What is asked of a back end for every sample.</summary>
public sealed record EvaluationRequest
{
    /// <summary>The observables; Z_i of every qubit when null.</summary>
    public IReadOnlyList<Observable>? Observables { get; init; }

    /// <summary>Whether the probability of every basis state is wanted.</summary>
    public bool Probabilities { get; init; }

    /// <summary>
    /// The number of the batch's first sample in the whole run. It picks the random streams of shots, so that labels do not depend on how a run is cut into
    /// batches or resumed.
    /// </summary>
    public long FirstSample { get; init; }
}

/// <summary>The answers of a back end, row-major.</summary>
/// <param name="Batch">The number of samples.</param>
/// <param name="Observables">The number of observables m.</param>
/// <param name="Expectations">Estimates of ⟨O_k⟩ [batch, m].</param>
/// <param name="Variances">Variances of those estimates (squared standard errors) [batch, m]; 0 when exact.</param>
/// <param name="Probabilities">Probabilities of the basis states [batch, 2^n] when asked for, else null; relative frequencies when sampled.</param>
/// <param name="ShotsPerSample">Shots of each sample over all measurement bases; 0 when exact.</param>
public sealed record Evaluation(int Batch, int Observables, double[] Expectations, double[] Variances, double[]? Probabilities, int ShotsPerSample);

/// <summary>A way to run a teacher's circuits: an exact simulator, a sampled one, the Q# programs, or hardware.</summary>
public interface ITeacherBackend : IDisposable
{
    /// <summary>The back end's name as in configuration and labels.</summary>
    string Name { get; }

    /// <summary>Whether its answers are free of shot noise.</summary>
    bool IsExact { get; }

    /// <summary>What its queries have cost so far.</summary>
    Ledger Ledger { get; }

    /// <summary>Runs a circuit on a batch of samples.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="weights">[p]</param>
    /// <param name="inputs">[batch, d]</param>
    /// <param name="batch">The number of samples.</param>
    /// <param name="request">What is asked for; expectations of Z_i when null.</param>
    /// <param name="cancellation">Ends the run between parts of the batch.</param>
    /// <exception cref="UserErrorException">Sizes do not fit, a number is not finite, or the back end failed.</exception>
    Evaluation Evaluate(
        Circuit circuit,
        ReadOnlySpan<double> weights,
        ReadOnlySpan<double> inputs,
        int batch,
        EvaluationRequest? request = null,
        CancellationToken cancellation = default);
}
