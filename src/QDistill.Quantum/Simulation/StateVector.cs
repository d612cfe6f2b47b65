using System.Collections.Concurrent;
using System.Numerics;
using QDistill.Configuration;
using QDistill.Quantum.Simulation;
using QDistill.Quantum.Simulation.Compiled;

namespace QDistill.Quantum;

/// <summary>
/// The exact simulator of one circuit: expectations, probabilities, amplitudes and gradients over batches of samples. It is prepared once and
/// reused over weights and inputs. Results are the same for any number of threads. Arrays are row-major: inputs [batch, d], expectations [batch, m],
/// probabilities [batch, 2^n]. Calls from several threads at once are allowed.
/// </summary>
public sealed class StateVector : IDisposable
{
    private const int MaxBlocks = 64;
    private const int MaxBatchedQubits = 10;
    private readonly ConcurrentBag<Worker> singles = [];
    private readonly ConcurrentBag<Worker> batches = [];
    private readonly DiagonalPool singlesPool = new();
    private readonly DiagonalPool batchesPool = new();
    private readonly ConcurrentBag<AlignedBuffer> spareStates = [];
    private readonly ParallelOptions parallel;
    private bool disposed;

    /// <summary>Prepares the simulation of a circuit.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="observables">The m observables; Z_i of every qubit when null.</param>
    /// <param name="options">Threads and kernels; the defaults when null.</param>
    /// <exception cref="UserErrorException">An observable names a qubit that the circuit does not have, or amplitude encoding gets too many features.</exception>
    public StateVector(Circuit circuit, IReadOnlyList<Observable>? observables = null, StateVectorOptions? options = null)
    {
        Circuit = circuit;
        Observables = observables ?? Observable.EachZ(circuit.Qubits);
        Options = options ?? new StateVectorOptions();
        parallel = Options.Parallel;
        foreach (Observable o in Observables)
        {
            if (o.QubitSpan > circuit.Qubits)
            {
                throw new UserErrorException($"the observable {o} names qubit {o.QubitSpan - 1}, but the circuit has qubits 0 to {circuit.Qubits - 1}");
            }
        }

        if (circuit.Preparation == StatePreparation.Amplitude && circuit.InputCount > circuit.Dimension)
        {
            throw new UserErrorException($"amplitude encoding on {circuit.Qubits} qubits takes at most {circuit.Dimension} features, not {circuit.InputCount}");
        }

        Return(Take(batched: false), batched: false);
    }

    /// <summary>The circuit.</summary>
    public Circuit Circuit { get; }

    /// <summary>The observables.</summary>
    public IReadOnlyList<Observable> Observables { get; }

    /// <summary>The options.</summary>
    public StateVectorOptions Options { get; }

    /// <summary>⟨O_k⟩ of every sample.</summary>
    /// <returns>[batch, m]</returns>
    public double[] Expectations(ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int batch)
    {
        double[] result = new double[batch * Observables.Count];
        Run(weights, inputs, batch, result, null);
        return result;
    }

    /// <summary>The probability of every basis state of every sample.</summary>
    /// <returns>[batch, 2^n]</returns>
    public double[] Probabilities(ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int batch)
    {
        double[] result = new double[checked(batch * Circuit.Dimension)];
        Run(weights, inputs, batch, null, result);
        return result;
    }

    /// <summary>The amplitudes of one sample, global phase included.</summary>
    /// <returns>[2^n]</returns>
    public Complex[] Amplitudes(ReadOnlySpan<double> weights, ReadOnlySpan<double> input)
    {
        Circuit.Check(weights, input, 1);
        var result = new Complex[Circuit.Dimension];
        Worker worker = Take(batched: IsBatched(1));
        worker.SetWeights(weights);
        worker.Runner.SetInputs(input, 1);
        worker.Runner.Forward(worker.State);
        worker.Runner.Amplitudes(worker.State, 0, result);
        Return(worker, batched: IsBatched(1));
        return result;
    }

    /// <summary>Expectations and probabilities in one run; either array may be null.</summary>
    /// <param name="weights">[p]</param>
    /// <param name="inputs">[batch, d]</param>
    /// <param name="batch">The number of samples.</param>
    /// <param name="expectations">Receives [batch, m].</param>
    /// <param name="probabilities">Receives [batch, 2^n].</param>
    /// <exception cref="UserErrorException">A size does not fit, or a number is not finite.</exception>
    public void Run(ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int batch, double[]? expectations, double[]? probabilities)
    {
        Circuit.Check(weights, inputs, batch);
        (double[] w, double[] x) = (weights.ToArray(), inputs.ToArray());
        int m = Observables.Count, dimension = Circuit.Dimension, d = Circuit.InputCount;
        ForBlocks(batch, w, (worker, _, first, count) =>
        {
            worker.Runner.SetInputs(x.AsSpan(first * d, count * d), count);
            worker.Runner.Forward(worker.State);
            if (expectations is not null)
            {
                worker.Runner.Expectations(worker.State, expectations.AsSpan(first * m, count * m));
            }

            if (probabilities is not null)
            {
                worker.Runner.Probabilities(worker.State, probabilities.AsSpan(first * dimension, count * dimension));
            }
        });
    }

    /// <summary>A forward run that keeps what its backward run needs.</summary>
    /// <param name="weights">[p]</param>
    /// <param name="inputs">[batch, d]</param>
    /// <param name="batch">The number of samples.</param>
    /// <param name="probabilities">Whether probabilities are wanted too.</param>
    public ForwardPass Forward(ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int batch, bool probabilities = false)
    {
        Circuit.Check(weights, inputs, batch);
        return new ForwardPass(this, weights.ToArray(), inputs.ToArray(), batch, probabilities);
    }

    /// <summary>Expectations, and the gradients of a loss whose derivative by the expectations is already known.</summary>
    /// <param name="weights">[p]</param>
    /// <param name="inputs">[batch, d]</param>
    /// <param name="batch">The number of samples.</param>
    /// <param name="expectationGradient">dL/dE [batch, m]</param>
    /// <param name="weightGradient">Receives dL/dw [p], added up over the samples.</param>
    /// <param name="inputGradient">Receives dL/dx [batch, d]; may be empty.</param>
    /// <returns>The expectations [batch, m].</returns>
    public double[] ExpectationsAndVjp(
        ReadOnlySpan<double> weights,
        ReadOnlySpan<double> inputs,
        int batch,
        ReadOnlySpan<double> expectationGradient,
        Span<double> weightGradient,
        Span<double> inputGradient = default)
    {
        Circuit.Check(weights, inputs, batch);
        int m = Observables.Count, d = Circuit.InputCount, p = Circuit.WeightCount;
        ForwardPass.Require(expectationGradient.Length, batch * m, "dL/dE", optional: false);
        ForwardPass.Require(weightGradient.Length, p, "dL/dw", optional: false);
        ForwardPass.Require(inputGradient.Length, batch * d, "dL/dx", optional: true);
        RequireInputGradient(inputGradient.Length);
        double[] x = inputs.ToArray(), de = expectationGradient.ToArray(), result = new double[batch * m];
        double[] blocks = new double[MaxBlocks * p], dx = inputGradient.IsEmpty ? [] : new double[batch * d];

        // Each group runs there and back at once, so that its tape is still in the cache.
        ForBlocks(batch, weights.ToArray(), (worker, block, first, count) =>
        {
            AlignedBuffer tape = worker.Tape(Options.TapeBytes);
            worker.Runner.SetInputs(x.AsSpan(first * d, count * d), count);
            worker.Runner.Forward(tape);
            worker.Runner.Expectations(tape, result.AsSpan(first * m, count * m));
            worker.Runner.Backward(tape, de.AsSpan(first * m, count * m), default, blocks.AsSpan(block * p, p), dx.Length == 0 ? default : dx.AsSpan(first * d, count * d));
        }, (worker, block) => worker.Runner.FlushGradients(blocks.AsSpan(block * p, p)));
        AddBlocks(blocks, weightGradient);
        dx.CopyTo(inputGradient);
        return result;
    }

    /// <summary>Refuses the gradient by the inputs where they are a given state.</summary>
    internal void RequireInputGradient(int length)
    {
        if (length > 0 && Circuit.Preparation == StatePreparation.State)
        {
            throw new UserErrorException("the gradient by a given state is not taken: its inputs are data", null, "ask for the gradient by the weights alone");
        }
    }

    /// <summary>The sum of the blocks' gradients, in their order.</summary>
    internal static void AddBlocks(ReadOnlySpan<double> blocks, Span<double> weightGradient)
    {
        weightGradient.Clear();
        for (int b = 0; b < blocks.Length; b++)
        {
            weightGradient[b % weightGradient.Length] += blocks[b];
        }
    }

    /// <summary>Whole states in an order that is the same for all samples, global phases left out: for overlaps.</summary>
    /// <returns>Real and imaginary parts [batch, 2^n].</returns>
    internal (double[] Real, double[] Imaginary) States(ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int batch)
    {
        Circuit.Check(weights, inputs, batch);
        int d = Circuit.InputCount, dimension = Circuit.Dimension;
        double[] x = inputs.ToArray(), real = new double[checked(batch * dimension)], imaginary = new double[real.Length];
        ForBlocks(batch, weights.ToArray(), (worker, _, first, count) =>
        {
            worker.Runner.SetInputs(x.AsSpan(first * d, count * d), count);
            worker.Runner.States(worker.State, real.AsSpan(first * dimension, count * dimension), imaginary.AsSpan(first * dimension, count * dimension));
        });
        return (real, imaginary);
    }

    /// <summary>Gradients from adjoint states in that order: dL = Σ_i 2 Re⟨λ_i|dψ_i⟩.</summary>
    internal void BackwardStates(ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int batch, double[] real, double[] imaginary, Span<double> weightGradient, Span<double> inputGradient)
    {
        Circuit.Check(weights, inputs, batch);
        RequireInputGradient(inputGradient.Length);
        int d = Circuit.InputCount, p = Circuit.WeightCount, dimension = Circuit.Dimension;
        double[] x = inputs.ToArray(), blocks = new double[MaxBlocks * p], dx = inputGradient.IsEmpty ? [] : new double[batch * d];
        ForBlocks(batch, weights.ToArray(), (worker, block, first, count) =>
        {
            double[] re = new double[count * dimension], im = new double[count * dimension];
            worker.Runner.SetInputs(x.AsSpan(first * d, count * d), count);
            worker.Runner.States(worker.State, re, im);
            worker.Runner.BackwardStates(
                worker.State,
                real.AsSpan(first * dimension, count * dimension),
                imaginary.AsSpan(first * dimension, count * dimension),
                blocks.AsSpan(block * p, p),
                dx.Length == 0 ? default : dx.AsSpan(first * d, count * d));
        }, (worker, block) => worker.Runner.FlushGradients(blocks.AsSpan(block * p, p)));
        AddBlocks(blocks, weightGradient);
        dx.CopyTo(inputGradient);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        disposed = true;
        while (spareStates.TryTake(out AlignedBuffer? state))
        {
            state.Dispose();
        }

        foreach (ConcurrentBag<Worker> bag in new[] { singles, batches })
        {
            while (bag.TryTake(out Worker? worker))
            {
                worker.Dispose();
            }
        }

        singlesPool.Dispose();
        batchesPool.Dispose();
    }

    /// <summary>
    /// Runs over groups of samples: the batch is cut into a fixed number of blocks, each worked through in order by one thread, so that sums do not depend on
    /// the number of threads.
    /// </summary>
    internal void ForBlocks(int batch, double[] weights, Action<Worker, int, int, int> group, Action<Worker, int>? blockEnd = null)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        bool batched = IsBatched(batch);
        Worker one = Take(batched);
        int lanes = one.Runner.Lanes, groups = (batch + lanes - 1) / lanes, blocks = Blocks(groups, lanes);
        if (blocks <= 1 || parallel.MaxDegreeOfParallelism == 1)
        {
            for (int b = 0; b < blocks; b++)
            {
                Block(one, b);
            }

            Return(one, batched);
            return;
        }

        Return(one, batched);
        try
        {
            Parallel.For(0, blocks, parallel, () => Take(batched), (b, _, worker) => Block(worker, b), worker => Return(worker, batched));
        }
        catch (AggregateException e) when (e.InnerException is UserErrorException user)
        {
            throw new UserErrorException(user.What, user.Where, user.Remedy, e);
        }

        Worker Block(Worker worker, int b)
        {
            worker.SetWeights(weights);
            int end = (int)((long)groups * (b + 1) / blocks);
            for (int g = (int)((long)groups * b / blocks); g < end; g++)
            {
                group(worker, b, g * lanes, Math.Min(lanes, batch - (g * lanes)));
            }

            blockEnd?.Invoke(worker, b);
            return worker;
        }
    }

    internal static int BlockCount => MaxBlocks;

    /// <summary>How many blocks: enough to keep processors busy, and as few as that allows, because every block ends with a transform per diagonal of the circuit; fewer for circuits so small that several samples share a group.</summary>
    private static int Blocks(int groups, int lanes) => Math.Min(groups, Math.Clamp(groups / 8, lanes > 1 ? MaxBlocks / 8 : MaxBlocks / 4, MaxBlocks));

    /// <summary>A state to keep for a backward run; its contents are whatever was there.</summary>
    internal AlignedBuffer RentState(long bytes)
    {
        while (spareStates.TryTake(out AlignedBuffer? spare))
        {
            if (spare.Bytes == bytes)
            {
                return spare;
            }

            // Left over from the other layout.
            spare.Dispose();
        }

        return new AlignedBuffer(bytes);
    }

    /// <summary>Takes back a rented state.</summary>
    internal void ReturnState(AlignedBuffer state)
    {
        if (disposed)
        {
            state.Dispose();
        }
        else
        {
            spareStates.Add(state);
        }
    }

    /// <summary>The samples of a group, and the bytes of its state and of its tape, for a batch of that size.</summary>
    internal (int Lanes, long StateBytes, long TapeBytes) Geometry(int batch)
    {
        bool batched = IsBatched(batch);
        Worker worker = Take(batched);
        (int, long, long) geometry = (worker.Runner.Lanes, worker.Runner.StateBytes, worker.Runner.TapeBytes);
        Return(worker, batched);
        return geometry;
    }

    /// <summary>A lone sample runs fastest with basis states in the lanes; so do states too large for several to share a cache.</summary>
    private bool IsBatched(int batch) => Options.Layout switch
    {
        StateLayout.SingleSample => false,
        StateLayout.Batched => true,
        _ => batch > 1 && Circuit.Qubits <= MaxBatchedQubits,
    };

    private Worker Take(bool batched) => (batched ? batches : singles).TryTake(out Worker? worker) ? worker : new Worker(MakeRunner(batched));

    private void Return(Worker worker, bool batched) => (batched ? batches : singles).Add(worker);

    private GroupRunner MakeRunner(bool batched) => RunnerFactory.Create(Circuit, Observables, Options.Path, Options.Precision, batched, batched ? batchesPool : singlesPool);

    /// <summary>A runner with a state of its own and the weights it last took.</summary>
    internal sealed class Worker(GroupRunner runner) : IDisposable
    {
        private double[]? weights;
        private AlignedBuffer? tape;

        public GroupRunner Runner { get; } = runner;

        public AlignedBuffer State { get; } = new(runner.StateBytes);

        /// <summary>A tape for one group, or the state alone where a tape is longer than the limit.</summary>
        public AlignedBuffer Tape(long limit) => Runner.TapeBytes > limit ? State : tape ??= new AlignedBuffer(Runner.TapeBytes);

        public void SetWeights(ReadOnlySpan<double> values)
        {
            if (weights is null || !values.SequenceEqual(weights))
            {
                Runner.SetWeights(values);
                weights = values.ToArray();
            }
        }

        public void Dispose()
        {
            Runner.Dispose();
            State.Dispose();
            tape?.Dispose();
        }
    }
}
