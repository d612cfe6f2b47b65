using System.Numerics;

namespace QDistill.Quantum.Simulation;

/// <summary>
/// Runs one circuit on a group of samples at once (one sample per lane, or a single one). An instance belongs to one thread at a time; it is prepared once for
/// a circuit and set of observables and reused over weights and inputs without allocating.
/// </summary>
internal abstract class GroupRunner : IDisposable
{
    /// <summary>The samples of one group.</summary>
    public abstract int Lanes { get; }

    /// <summary>The size of a group's state in bytes.</summary>
    public abstract long StateBytes { get; }

    /// <summary>
    /// The size of a tape in bytes: a buffer of this size in place of a state makes <see cref="Forward"/> keep what <see cref="Backward"/> would otherwise have to undo,
    /// which makes the latter faster. Equal to <see cref="StateBytes"/> where there is nothing to keep.
    /// </summary>
    public virtual long TapeBytes => StateBytes;

    /// <summary>Takes the weights; must come before anything below.</summary>
    public abstract void SetWeights(ReadOnlySpan<double> weights);

    /// <summary>Takes the inputs [count, d] of a group of 1 to <see cref="Lanes"/> samples; unused lanes repeat the last one.</summary>
    public abstract void SetInputs(ReadOnlySpan<double> inputs, int count);

    /// <summary>Writes the final state of the group, or its tape.</summary>
    public abstract void Forward(AlignedBuffer state);

    /// <summary>Reads ⟨O_k⟩ of every sample, [count, m].</summary>
    public abstract void Expectations(AlignedBuffer state, Span<double> expectations);

    /// <summary>Reads |amplitude|² of every sample, [count, 2^n].</summary>
    public abstract void Probabilities(AlignedBuffer state, Span<double> probabilities);

    /// <summary>Reads the amplitudes of one sample, global phase included.</summary>
    public abstract void Amplitudes(AlignedBuffer state, int lane, Span<Complex> amplitudes);

    /// <summary>
    /// The vector–Jacobian product by the adjoint method; destroys the state. Weights' gradients are added up over the samples, inputs' are per sample.
    /// </summary>
    /// <param name="state">The final state of <see cref="Forward"/> for the present inputs.</param>
    /// <param name="expectationGradient">dL/dE [count, m], or empty.</param>
    /// <param name="probabilityGradient">dL/dp [count, 2^n], or empty.</param>
    /// <param name="weightGradient">Receives (+=) dL/dw [p].</param>
    /// <param name="inputGradient">Receives (+=) dL/dx [count, d], or empty.</param>
    public abstract void Backward(
        AlignedBuffer state,
        ReadOnlySpan<double> expectationGradient,
        ReadOnlySpan<double> probabilityGradient,
        Span<double> weightGradient,
        Span<double> inputGradient);

    /// <summary>Runs forward and reads the whole states in an order that is the same for all samples of these weights, global phases left out: [count, 2^n].</summary>
    public abstract void States(AlignedBuffer state, Span<double> real, Span<double> imaginary);

    /// <summary>
    /// Backward from given adjoint states λ_i in the order of <see cref="States"/>, which must have run just before with this state: dL = Σ_i 2 Re⟨λ_i|dψ_i⟩.
    /// </summary>
    public abstract void BackwardStates(AlignedBuffer state, ReadOnlySpan<double> real, ReadOnlySpan<double> imaginary, Span<double> weightGradient, Span<double> inputGradient);

    /// <summary>Adds the weights' gradients that backward runs have gathered since the last call; needed before other weights are set.</summary>
    public virtual void FlushGradients(Span<double> weightGradient)
    {
    }

    /// <inheritdoc/>
    public abstract void Dispose();
}
