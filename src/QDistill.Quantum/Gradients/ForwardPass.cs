using QDistill.Configuration;
using QDistill.Quantum.Simulation;

namespace QDistill.Quantum;

/// <summary>
/// A finished forward run over a batch, ready for its backward run. The states, after every step of the circuit if they fit into <see cref="StateVectorOptions.TapeBytes"/>, else
/// the last ones, are kept, so that the backward run starts where the forward run ended.
/// </summary>
public sealed class ForwardPass : IDisposable
{
    private readonly StateVector engine;
    private readonly double[] weights;
    private readonly double[] inputs;
    private readonly AlignedBuffer?[]? tape;
    private bool spent;

    internal ForwardPass(StateVector engine, double[] weights, double[] inputs, int batch, bool probabilities)
    {
        this.engine = engine;
        this.weights = weights;
        this.inputs = inputs;
        Batch = batch;
        int m = engine.Observables.Count, d = engine.Circuit.InputCount, dimension = engine.Circuit.Dimension;
        (int lanes, long stateBytes, long tapeBytes) = engine.Geometry(batch);
        int groups = (batch + lanes - 1) / lanes;
        long kept = groups * tapeBytes <= engine.Options.TapeBytes ? tapeBytes : stateBytes;
        Expectations = new double[batch * m];
        Probabilities = probabilities ? new double[checked(batch * dimension)] : null;
        if (groups * kept <= engine.Options.TapeBytes)
        {
            tape = new AlignedBuffer?[groups];
        }

        engine.ForBlocks(batch, weights, (worker, _, first, count) =>
        {
            AlignedBuffer state = worker.State;
            if (tape is not null)
            {
                tape[first / lanes] = state = engine.RentState(kept);
            }

            worker.Runner.SetInputs(inputs.AsSpan(first * d, count * d), count);
            worker.Runner.Forward(state);
            worker.Runner.Expectations(state, Expectations.AsSpan(first * m, count * m));
            if (Probabilities is not null)
            {
                worker.Runner.Probabilities(state, Probabilities.AsSpan(first * dimension, count * dimension));
            }
        });
    }

    /// <summary>The number of samples.</summary>
    public int Batch { get; }

    /// <summary>⟨O_k⟩ [batch, m].</summary>
    public double[] Expectations { get; }

    /// <summary>The probabilities [batch, 2^n] when asked for, else null.</summary>
    public double[]? Probabilities { get; }

    /// <summary>The gradients of a loss by weights and inputs (adjoint method). May be called once.</summary>
    /// <param name="expectationGradient">dL/dE [batch, m]; may be empty.</param>
    /// <param name="probabilityGradient">dL/dp [batch, 2^n]; may be empty.</param>
    /// <param name="weightGradient">Receives dL/dw [p], added up over the samples.</param>
    /// <param name="inputGradient">Receives dL/dx [batch, d]; may be empty.</param>
    /// <exception cref="UserErrorException">A size does not fit.</exception>
    /// <exception cref="InvalidOperationException">It was called before.</exception>
    public void Backward(ReadOnlySpan<double> expectationGradient, ReadOnlySpan<double> probabilityGradient, Span<double> weightGradient, Span<double> inputGradient = default)
    {
        if (spent)
        {
            throw new InvalidOperationException("a forward pass can be run backward once");
        }

        int m = engine.Observables.Count, d = engine.Circuit.InputCount, p = engine.Circuit.WeightCount, dimension = engine.Circuit.Dimension;
        Require(expectationGradient.Length, Batch * m, "dL/dE", optional: true);
        Require(probabilityGradient.Length, Batch * dimension, "dL/dp", optional: true);
        Require(weightGradient.Length, p, "dL/dw", optional: false);
        Require(inputGradient.Length, Batch * d, "dL/dx", optional: true);
        engine.RequireInputGradient(inputGradient.Length);
        spent = true;
        double[] de = expectationGradient.ToArray(), dp = probabilityGradient.ToArray();
        double[] blocks = new double[StateVector.BlockCount * p];
        double[] dx = inputGradient.IsEmpty ? [] : new double[Batch * d];
        (int lanes, _, _) = engine.Geometry(Batch);
        engine.ForBlocks(Batch, weights, (worker, block, first, count) =>
        {
            AlignedBuffer state = tape?[first / lanes] ?? worker.Tape(engine.Options.TapeBytes);
            worker.Runner.SetInputs(inputs.AsSpan(first * d, count * d), count);
            if (tape is null)
            {
                worker.Runner.Forward(state);
            }

            worker.Runner.Backward(
                state,
                de.Length == 0 ? default : de.AsSpan(first * m, count * m),
                dp.Length == 0 ? default : dp.AsSpan(first * dimension, count * dimension),
                blocks.AsSpan(block * p, p),
                dx.Length == 0 ? default : dx.AsSpan(first * d, count * d));
        }, (worker, block) => worker.Runner.FlushGradients(blocks.AsSpan(block * p, p)));

        StateVector.AddBlocks(blocks, weightGradient);
        dx.CopyTo(inputGradient);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = 0; i < (tape?.Length ?? 0); i++)
        {
            if (Interlocked.Exchange(ref tape![i], null) is { } state)
            {
                engine.ReturnState(state);
            }
        }
    }

    internal static void Require(int given, int needed, string name, bool optional)
    {
        if (given != needed && !(optional && given == 0))
        {
            throw new UserErrorException($"{name} needs {needed} numbers, but {given} were given");
        }
    }
}
