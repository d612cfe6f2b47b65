using System.Numerics;

namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>
/// Runs a <see cref="Plan"/>. Batched layout: lanes are samples, and an X rotation that all samples share costs one multiply-add per component. Single layout: lanes are the low bits of a basis state's index.
/// Shared X angles are reduced to [−π/2, π/2] by half turns, which are relabellings p → p ⊕ shift; then |tan(θ/2)| ≤ 1, and the product of the
/// cosines moves into the next diagonal. X angles that differ from sample to sample keep cosine and sine, because a relabelling cannot.
/// </summary>
/// <typeparam name="V">Vectors of the state.</typeparam>
/// <typeparam name="O">Their operations.</typeparam>
/// <typeparam name="VD">Vectors of doubles of the same width, for the tables.</typeparam>
/// <typeparam name="OD">Their operations.</typeparam>
internal sealed unsafe partial class CompiledRunner<V, O, VD, OD> : GroupRunner
    where V : unmanaged
    where O : struct, ILanes<V>
    where VD : unmanaged
    where OD : struct, ILanes<VD>
{
    /// <summary>States from this size on do without tables of diagonals, which are as large [bytes]: such a table would come from beyond the second-level cache, and the tables of all layers are many times the state.</summary>
    private const long MakesUpFrom = 512 << 10;

    private readonly Circuit circuit;
    private readonly Plan plan;
    private readonly PlanStep[] steps;
    private readonly ObservableTerms terms;
    private readonly bool batched;
    private readonly bool makesUp;   // whether diagonals do without tables where they can
    private readonly bool complete;   // whether a trailing diagonal must be applied
    private readonly double[][] tangents;   // X steps: [rotation]
    private readonly double[][] cosines;
    private readonly AlignedBuffer?[] cosSin;   // X steps with samples' own angles: vectors [rotation][2]
    private readonly AlignedBuffer?[] diagonals;   // D steps; not ours where all samples share them
    private readonly DiagonalPool pool;
    private readonly bool ownsPool;
    private readonly long[] pooled;   // D steps whose table comes from the pool: its size [bytes]
    private readonly Action<AlignedBuffer?[]> build;
    private readonly double[] scales;   // D steps: the cosines folded in
    private readonly int[] shiftAt;   // D steps: the relabelling in force
    private readonly int[] slots;   // X steps: the place of their result on a tape
    private readonly int slotCount;
    private readonly double[] tapeScales;   // X steps: the factor from stored to true amplitudes of their result
    private readonly double[][] undoTangents;   // X steps: the tangents with their signs turned
    private readonly int[] physical;   // physical index of a logical one, before flip and shift
    private readonly PlanRotation[]?[] products;   // D steps whose table is built from products of phases: their rotations by row
    private readonly PhaseTable<V, O>?[] tables;   // their tables
    private readonly PhaseTable<VD, OD>?[] sharedTables;   // likewise where all samples share one, which is in doubles
    private readonly CosetDiagonal<V, O>?[] factors;   // D steps without a table
    private readonly double[] halfTurns;   // shared X rotations of all steps in order: what was taken off their angles [π]
    private readonly double[] turnCosines;
    private readonly double[] turnSines;
    private readonly double[] rowCosines;
    private readonly double[] rowSines;
    private readonly AlignedBuffer rowVectors;   // the phase of every row of a D step, lanes being samples
    private readonly AlignedBuffer work;   // per basis state one double, or, where lanes are samples, one vector and at least two doubles
    private readonly int[] productRotation;   // per qubit: the rotation of a product step that turns it, or −1
    private readonly double[] weights;
    private readonly double[] inputs;
    private readonly double[] lane;
    private double restScale;
    private int shift;
    private double quarterTurns;
    private int count;
    private DiagonalPool.Tables? held;

    /// <param name="circuit">The circuit.</param>
    /// <param name="observables">The observables.</param>
    /// <param name="batched">Whether lanes are samples.</param>
    /// <param name="pool">Tables shared with other runners of the same circuit in the same layout; null for tables of its own.</param>
    public CompiledRunner(Circuit circuit, IReadOnlyList<Observable> observables, bool batched, DiagonalPool? pool = null)
    {
        this.pool = pool ?? new DiagonalPool();
        ownsPool = pool is null;
        build = BuildTables;
        this.circuit = circuit;
        this.batched = batched;
        int laneBits = batched ? 0 : O.Bits, minQubits = Math.Max(OD.Bits, O.Bits);
        makesUp = !batched && (long)Block << (Math.Max(circuit.Qubits, minQubits) - laneBits) >= MakesUpFrom;
        plan = Plan.Compile(circuit, laneBits, minQubits, makesUp ? 2 : O.RadixBits);
        steps = [.. plan.Steps];
        layoutMemory = MakeLayouts(steps, out layouts);
        terms = new ObservableTerms(plan, observables);
        complete = terms.Mixed.Length > 0;
        int k = steps.Length;
        tangents = new double[k][];
        cosines = new double[k][];
        cosSin = new AlignedBuffer?[k];
        diagonals = new AlignedBuffer?[k];
        pooled = new long[k];
        scales = new double[k];
        shiftAt = new int[k];
        products = new PlanRotation[]?[k];
        tables = new PhaseTable<V, O>?[k];
        sharedTables = new PhaseTable<VD, OD>?[k];
        factors = new CosetDiagonal<V, O>?[k];
        slots = new int[k];
        tapeScales = new double[k];
        undoTangents = new double[k][];
        slotCount = StartsAsProduct ? 0 : 1;
        for (int s = 0; s < k; s++)
        {
            if (steps[s].IsX)
            {
                slots[s] = slotCount++;
                undoTangents[s] = new double[steps[s].Rotations.Count];
                tangents[s] = new double[steps[s].Rotations.Count];
                cosines[s] = new double[steps[s].Rotations.Count];
                if (steps[s].IsProduct || steps[s].PerSample)
                {
                    cosSin[s] = new AlignedBuffer(2L * sizeof(V) * steps[s].Rotations.Count);
                }
            }
            else
            {
                PlanRotation[] order = [.. steps[s].Rotations.OrderBy(r => r.Bits)];
                int[] rowsInOrder = [.. order.Select(r => r.Bits)];
                sharedTables[s] = SharedTable(s) ? PhaseTable<VD, OD>.For(rowsInOrder, plan.Qubits, OD.Bits) : null;
                tables[s] = SharedTable(s) ? null : PhaseTable<V, O>.For(rowsInOrder, plan.Qubits, plan.LaneBits);
                products[s] = tables[s] is null && sharedTables[s] is null ? null : order;
                factors[s] = UsesFactors(s) ? CosetDiagonal<V, O>.For(rowsInOrder, plan.Qubits, plan.LaneBits, steps[s + 1].Shared[0].BlockMasks) : null;
                diagonals[s] = steps[s].PerSample && factors[s] is null ? new AlignedBuffer(StateBytes) : null;
                pooled[s] = steps[s].PerSample || factors[s] is not null ? 0 : SharedTable(s) ? (long)(2 * sizeof(V) >> O.Bits) << plan.Qubits : StateBytes;
            }
        }

        slotCount += complete && k > 0 && !steps[^1].IsX ? 1 : 0;
        physical = new int[circuit.Dimension];
        for (int x = 1; x < physical.Length; x++)
        {
            int low = BitOperations.TrailingZeroCount(x);
            physical[x] = physical[x & (x - 1)] ^ plan.Columns[low];
        }

        productRotation = [.. Enumerable.Range(0, plan.Qubits).Select(q => steps.Length == 0 ? -1 : steps[0].Rotations.FindIndex(r => r.Bits == 1 << q))];
        int rows = steps.Where(x => !x.IsX).Select(x => x.Rotations.Count).DefaultIfEmpty().Max() + (1 << OD.Bits);
        int turns = steps.Where(x => x.IsX).Sum(x => x.Rotations.Count(r => !r.PerSample)) + (1 << OD.Bits);
        halfTurns = new double[turns];
        turnCosines = new double[turns];
        turnSines = new double[turns];
        rowCosines = new double[rows];
        rowSines = new double[rows];
        rowVectors = new AlignedBuffer(batched ? (long)rows * Block : 0);
        work = new AlignedBuffer((long)(batched ? Math.Max(sizeof(V), 2 * sizeof(double)) : sizeof(double)) << plan.Qubits);
        weights = new double[circuit.WeightCount];
        inputs = new double[circuit.InputCount * Lanes];
        lane = new double[1 << O.Bits];
        accumulators = new AlignedBuffer?[k];
        angleSums = new double[k][];
        scalesSquared = new double[k];
    }

    public override int Lanes => batched ? 1 << O.Bits : 1;

    public override long StateBytes => (long)Block << (plan.Qubits - plan.LaneBits);

    public override long TapeBytes => StateBytes * slotCount;

    private static int Block => 2 * sizeof(V);

    private nint End => (nint)StateBytes;

    private bool StartsAsProduct => steps.Length > 0 && steps[0].IsProduct;

    /// <summary>Whether the last step is a diagonal that nothing needs: it changes neither probabilities nor Z expectations.</summary>
    private bool SkipsLast(bool all) => !all && steps.Length > 0 && !steps[^1].IsX;

    /// <summary>Whether a D step's table holds one number per block.</summary>
    private bool SharedTable(int s) => batched && !steps[s].PerSample;

    /// <summary>Whether a D step does without a table: where that would come from far away, and the first pass of the step after it is one of two rotations.</summary>
    private bool UsesFactors(int s) => makesUp && tables[s] is not null && s + 1 < steps.Length && steps[s + 1].Shared is [{ Rotations.Length: 2 }, ..];

    /// <summary>Whether a diagonal stands before step <paramref name="k"/>, which is an X step.</summary>
    private bool Follows(int k) => k > 0 && !steps[k - 1].IsX;

    /// <summary>What the kernels of the next step read of a D step's diagonal.</summary>
    private byte* Diagonal(int s) => factors[s] is { } f ? f.Pointer : diagonals[s]!.Pointer;

    public override void SetWeights(ReadOnlySpan<double> values)
    {
        values.CopyTo(weights);
        TurnAngles();
        int next = 0;
        shift = 0;
        quarterTurns = 0;
        restScale = 1;
        double pending = 1;
        int last = -1;
        for (int s = 0; s < steps.Length; s++)
        {
            PlanStep step = steps[s];
            if (!step.IsX)
            {
                shiftAt[s] = shift;
                scales[s] = pending;
                pending = 1;
                last = s;
                continue;
            }

            shift = Plan.Relabel(shift, step.LaneParities);
            for (int i = 0; i < step.Rotations.Count; i++)
            {
                PlanRotation r = step.Rotations[i];
                if (r.PerSample)
                {
                    continue;
                }

                double sin = turnSines[next], cos = turnCosines[next], turns = halfTurns[next++];
                if (step.IsProduct)
                {
                    SetCosSin(s, i, O.Broadcast(sin), O.Broadcast(cos));
                    continue;
                }

                tangents[s][i] = sin / cos;
                undoTangents[s][i] = -tangents[s][i];
                cosines[s][i] = cos;
                pending *= cos;
                if (Math.Abs(turns % 2) == 1)
                {
                    shift ^= r.Bits;
                }

                quarterTurns += turns % 4;
            }
        }

        if (last >= 0)
        {
            scales[last] *= pending;
        }
        else
        {
            restScale = pending;
        }

        SetTapeScales();
        held = pool.Exchange(held, weights, pooled, build);
        for (int s = 0; s < steps.Length; s++)
        {
            diagonals[s] = pooled[s] > 0 ? held.Buffers[s] : diagonals[s];
            if (factors[s] is not null && !steps[s].PerSample)
            {
                SetFactors(s, []);
            }
        }
    }

    public override void SetInputs(ReadOnlySpan<double> values, int sampleCount)
    {
        count = sampleCount;
        int d = circuit.InputCount;
        for (int l = 0; l < Lanes; l++)
        {
            values.Slice(Math.Min(l, count - 1) * d, d).CopyTo(inputs.AsSpan(l * d));
        }

        for (int s = 0; s < steps.Length; s++)
        {
            PlanStep step = steps[s];
            if (!step.PerSample)
            {
                continue;
            }

            if (!step.IsX)
            {
                if (factors[s] is not null)
                {
                    SetFactors(s, inputs);
                }
                else if (batched)
                {
                    BuildLaneTable(s);
                }
                else
                {
                    BuildTable(s, diagonals[s]!.Pointer, inputs);
                }

                continue;
            }

            for (int i = 0; i < step.Rotations.Count; i++)
            {
                if (step.Rotations[i].PerSample)
                {
                    VectorMath<V, O>.SinCos(LaneAngles(step.Rotations[i].Angle, 0.5), out V sin, out V cos);
                    SetCosSin(s, i, sin, cos);
                }
            }
        }
    }

    public override void Forward(AlignedBuffer state) => Forward(state, complete);

    public override void Amplitudes(AlignedBuffer state, int sample, Span<Complex> amplitudes)
    {
        Forward(state, all: true);
        double phase = plan.Phase.Evaluate(weights, inputs.AsSpan(sample * circuit.InputCount, circuit.InputCount)) - (quarterTurns * Math.PI / 2);
        foreach (PlanRotation r in plan.LeadingDiagonal)
        {
            phase -= r.Angle.Evaluate(weights, inputs.AsSpan(sample * circuit.InputCount, circuit.InputCount)) / 2;
        }

        Complex factor = Complex.Exp(new Complex(0, phase)) * StoredScale(all: true);
        double* vector = stackalloc double[2 << O.Bits];
        for (int x = 0; x < amplitudes.Length; x++)
        {
            int p = physical[x] ^ plan.Flip ^ shift, at = batched ? sample : p & ((1 << O.Bits) - 1);
            byte* block = Final(state) + ((nint)(p >> plan.LaneBits) * Block);
            O.ToDoubles(O.Load(block), vector);
            O.ToDoubles(O.Load(block + sizeof(V)), vector + (1 << O.Bits));
            amplitudes[x] = factor * new Complex(vector[at], vector[at + (1 << O.Bits)]);
        }
    }

    public override void Dispose()
    {
        work.Dispose();
        layoutMemory.Dispose();
        rowVectors.Dispose();
        adjoint?.Dispose();
        undoCosSin?.Dispose();
        expanded?.Dispose();
        foreach (CosetDiagonal<V, O>? f in factors)
        {
            f?.Dispose();
        }

        pool.Release(held);
        held = null;
        if (ownsPool)
        {
            pool.Dispose();
        }

        foreach (AlignedBuffer? b in (IEnumerable<AlignedBuffer?>)[.. cosSin, .. diagonals.Where((_, s) => pooled[s] == 0 && factors[s] is null), .. accumulators])
        {
            b?.Dispose();
        }
    }

    /// <summary>The factor from stored to true amplitudes after <see cref="Forward(AlignedBuffer, bool)"/>.</summary>
    private double StoredScale(bool all) => SkipsLast(all) ? scales[^1] : restScale;

    /// <summary>Where a run leaves its final state: a tape's last slot, or the one state there is.</summary>
    private byte* Final(AlignedBuffer state) => state.Pointer + (nint)(state.Bytes - StateBytes);

    /// <summary>Runs in place, or, when <paramref name="state"/> is a tape, leaves every X step's result in its slot: its first pass reads the slot before and writes the next.</summary>
    private void Forward(AlignedBuffer state, bool all)
    {
        byte* s = state.Pointer;
        bool taped = state.Bytes > StateBytes;
        int first = StartsAsProduct ? 1 : 0, last = steps.Length - 1;
        if (first == 1)
        {
            PrepareProduct(s);
        }
        else
        {
            PrepareState(s);
        }

        for (int k = first; k < steps.Length; k++)
        {
            if (steps[k].IsX)
            {
                byte* to = taped ? state.Pointer + (slots[k] * End) : s;
                Rotate(k, s, to);
                s = to;
            }
        }

        if (!all || last < 0 || steps[last].IsX)
        {
            return;
        }

        if (SharedTable(last))
        {
            ForwardKernels<V, O, Multiplying<SharedMode>>.Diagonal(s, Final(state), End, Diagonal(last));
        }
        else
        {
            ForwardKernels<V, O, Multiplying<PlainMode>>.Diagonal(s, Final(state), End, Diagonal(last));
        }
    }
}
