namespace QDistill.Quantum.Simulation.Compiled;

/// <content>Expectations, probabilities and the adjoint method.</content>
internal sealed unsafe partial class CompiledRunner<V, O, VD, OD>
{
    private readonly AlignedBuffer?[] accumulators;   // D steps: vectors of Im(conj(λ_p) ψ_p)
    private readonly double[][] angleSums;   // X steps: dL/dangle of shared rotations, added up over samples
    private readonly double[] scalesSquared;
    private AlignedBuffer? adjoint;
    private bool gathering;
    private int pending;   // the D step that the next backward pass undoes, or −1

    public override void Expectations(AlignedBuffer state, Span<double> expectations)
    {
        expectations.Clear();
        double scale = StoredScale(complete);
        scale *= scale;
        if (terms.Diagonal.Length > 0)
        {
            Squares(state);
            if (batched)
            {
                VectorMath<V, O>.WalshAcross(work.Pointer, plan.Qubits);
            }
            else
            {
                VectorMath<V, O>.WalshWithin(work.Pointer, plan.Qubits);
            }
        }

        foreach (ObservableTerms.Term t in terms.Diagonal)
        {
            Gather(expectations, t, scale, t.Row);
        }

        foreach (ObservableTerms.Term t in terms.Mixed)
        {
            V e = MixedKernels<V, O>.Expectation(state.Pointer, End, plan.LaneBits, t);
            double factor = scale * t.Coefficient * Sign(t.Row, plan.Flip ^ shift);
            if (!batched)
            {
                expectations[t.Observable] += factor * O.Sum(e);
                continue;
            }

            ToLane(e);
            for (int l = 0; l < count; l++)
            {
                expectations[(l * terms.Count) + t.Observable] += factor * lane[l];
            }
        }
    }

    public override void Probabilities(AlignedBuffer state, Span<double> probabilities)
    {
        Squares(state);
        double scale = StoredScale(complete);
        scale *= scale;
        for (int x = 0; x < circuit.Dimension; x++)
        {
            int p = physical[x] ^ plan.Flip ^ shift;
            if (!batched)
            {
                probabilities[x] = scale * Scalar(p);
                continue;
            }

            ToLane(O.Load(work.Pointer + ((nint)p * sizeof(V))));
            for (int l = 0; l < count; l++)
            {
                probabilities[(l * circuit.Dimension) + x] = scale * lane[l];
            }
        }
    }

    public override void Backward(
        AlignedBuffer state,
        ReadOnlySpan<double> expectationGradient,
        ReadOnlySpan<double> probabilityGradient,
        Span<double> weightGradient,
        Span<double> inputGradient)
    {
        adjoint ??= new AlignedBuffer(StateBytes);
        StartGathering();
        PrepareAdjoint(state.Pointer, adjoint.Pointer, expectationGradient, probabilityGradient);
        WalkBack(state.Pointer, adjoint.Pointer, complete, weightGradient, inputGradient);
    }

    public override void States(AlignedBuffer state, Span<double> real, Span<double> imaginary)
    {
        Forward(state, all: true);
        double scale = StoredScale(all: true);
        int dimension = circuit.Dimension, width = 1 << O.Bits;
        double* vector = stackalloc double[2 * width];
        for (int p = 0; p < dimension; p += batched ? 1 : width)
        {
            byte* block = state.Pointer + ((nint)(p >> plan.LaneBits) * Block);
            O.ToDoubles(O.Load(block), vector);
            O.ToDoubles(O.Load(block + sizeof(V)), vector + width);
            for (int l = 0; l < (batched ? count : Math.Min(width, dimension)); l++)
            {
                int at = batched ? (l * dimension) + p : p + l;
                (real[at], imaginary[at]) = (scale * vector[l], scale * vector[width + l]);
            }
        }
    }

    public override void BackwardStates(AlignedBuffer state, ReadOnlySpan<double> real, ReadOnlySpan<double> imaginary, Span<double> weightGradient, Span<double> inputGradient)
    {
        adjoint ??= new AlignedBuffer(StateBytes);
        adjoint.Clear();
        StartGathering();
        double scale = 1 / StoredScale(all: true);
        int dimension = circuit.Dimension, width = 1 << O.Bits;
        for (int p = 0; p < dimension; p += batched ? 1 : width)
        {
            byte* block = adjoint.Pointer + ((nint)(p >> plan.LaneBits) * Block);
            for (int part = 0; part < 2; part++)
            {
                ReadOnlySpan<double> from = part == 0 ? real : imaginary;
                Array.Clear(lane);
                for (int l = 0; l < (batched ? count : Math.Min(width, dimension)); l++)
                {
                    lane[l] = scale * from[batched ? (l * dimension) + p : p + l];
                }

                O.Store(FromLane(), block + (part * sizeof(V)));
            }
        }

        WalkBack(state.Pointer, adjoint.Pointer, all: true, weightGradient, inputGradient);
    }

    private void WalkBack(byte* s, byte* u, bool all, Span<double> weightGradient, Span<double> inputGradient)
    {
        double kappa = StoredScale(all);
        int most = 0;
        foreach (PlanStep step in steps)
        {
            most = Math.Max(most, step.LaneOnly.Length);
        }

        V* sums = stackalloc V[Math.Max(2, most)];
        pending = -1;
        for (int k = steps.Length - 1; k >= 0; k--)
        {
            if (!steps[k].IsX)
            {
                if (k == steps.Length - 1 && SkipsLast(all))
                {
                    scalesSquared[k] = 0;
                    continue;
                }

                // Undone by the first pass of the step before it.
                pending = k;
                scalesSquared[k] = kappa * kappa;
                kappa /= scales[k];
                if (steps[k].PerSample)
                {
                    accumulators[k]!.Clear();
                }
            }
            else if (k == 0 && circuit.Preparation == StatePreparation.Zero)
            {
                FirstStep(s, u, kappa, sums, weightGradient, inputGradient);
            }
            else
            {
                kappa = BackwardRotations(k, s, u, kappa, sums, weightGradient, inputGradient);
            }

            if (k == 0 && pending >= 0)
            {
                UndoPending(s, u);
                FinishPending(weightGradient, inputGradient);
            }
        }

        if (circuit.Preparation == StatePreparation.Amplitude && !inputGradient.IsEmpty)
        {
            AmplitudeGradient(u, kappa, inputGradient);
        }
    }

    public override void FlushGradients(Span<double> weightGradient)
    {
        if (!gathering)
        {
            return;
        }

        gathering = false;
        double* f = (double*)work.Pointer;
        double* vector = stackalloc double[1 << O.Bits];
        for (int k = 0; k < steps.Length; k++)
        {
            PlanStep step = steps[k];
            if (step.IsX)
            {
                for (int i = 0; i < step.Rotations.Count; i++)
                {
                    if (!step.Rotations[i].PerSample)
                    {
                        step.Rotations[i].Angle.Backpropagate(angleSums[k][i], weights, [], weightGradient, []);
                    }
                }

                continue;
            }

            if (step.PerSample || scalesSquared[k] == 0)
            {
                continue;
            }

            byte* w = accumulators[k]!.Pointer;
            for (int p = 0; p < 1 << (plan.Qubits - plan.LaneBits); p++)
            {
                V v = O.Load(w + ((nint)p * sizeof(V)));
                if (batched)
                {
                    f[p] = O.Sum(v);
                }
                else
                {
                    O.ToDoubles(v, f + ((nint)p << O.Bits));
                }
            }

            VectorMath<VD, OD>.WalshWithin((byte*)f, plan.Qubits);
            foreach (PlanRotation r in step.Rotations)
            {
                r.Angle.Backpropagate(scalesSquared[k] * Sign(r.Bits, shiftAt[k]) * f[r.Bits], weights, [], weightGradient, []);
            }
        }
    }

    private static double Sign(int row, int with) => Plan.Odd(row & with) ? -1 : 1;

    private void StartGathering()
    {
        if (gathering)
        {
            return;
        }

        gathering = true;
        for (int k = 0; k < steps.Length; k++)
        {
            if (steps[k].IsX)
            {
                angleSums[k] ??= new double[steps[k].Rotations.Count];
                Array.Clear(angleSums[k]);
            }
            else
            {
                accumulators[k] ??= new AlignedBuffer(StateBytes / 2);
                accumulators[k]!.Clear();
            }
        }
    }

    /// <summary>λ = (Σ_k dL/dE_k O_k + dL/dp) ψ; the diagonal part by one Walsh–Hadamard transform.</summary>
    private void PrepareAdjoint(byte* s, byte* u, ReadOnlySpan<double> expectationGradient, ReadOnlySpan<double> probabilityGradient)
    {
        byte* f = work.Pointer;
        int total = plan.Flip ^ shift, dimension = circuit.Dimension;
        new Span<byte>(f, checked((int)((nint)(batched ? sizeof(V) : sizeof(V) >> O.Bits) << plan.Qubits))).Clear();
        if (!expectationGradient.IsEmpty)
        {
            foreach (ObservableTerms.Term t in terms.Diagonal)
            {
                AddAt(f, t.Row, Upstream(expectationGradient, t, Sign(t.Row, total)));
            }

            if (batched)
            {
                VectorMath<V, O>.WalshAcross(f, plan.Qubits);
            }
            else
            {
                VectorMath<V, O>.WalshWithin(f, plan.Qubits);
            }
        }

        for (int x = 0; x < dimension && !probabilityGradient.IsEmpty; x++)
        {
            Array.Clear(lane);
            for (int l = 0; l < count; l++)
            {
                lane[l] = probabilityGradient[(l * dimension) + x];
            }

            AddAt(f, physical[x] ^ total, FromLane());
        }

        for (nint e = 0; e < End; e += Block)
        {
            V v = O.Load(f + (e >> 1));
            O.Store(O.Multiply(v, O.Load(s + e)), u + e);
            O.Store(O.Multiply(v, O.Load(s + e + sizeof(V))), u + e + sizeof(V));
        }

        foreach (ObservableTerms.Term t in terms.Mixed)
        {
            if (!expectationGradient.IsEmpty)
            {
                V c = Upstream(expectationGradient, t, Sign(t.Row, total));
                MixedKernels<V, O>.Accumulate(s, u, End, plan.LaneBits, t, c);
            }
        }
    }

    /// <summary>coefficient · dL/dE of the term's observable: per lane when batched, else in every lane.</summary>
    private V Upstream(ReadOnlySpan<double> gradient, in ObservableTerms.Term t, double sign)
    {
        if (!batched)
        {
            return O.Broadcast(sign * t.Coefficient * gradient[t.Observable]);
        }

        Array.Clear(lane);
        for (int l = 0; l < count; l++)
        {
            lane[l] = sign * t.Coefficient * gradient[(l * terms.Count) + t.Observable];
        }

        return FromLane();
    }

    /// <summary>Adds to entry p of a table: a vector when batched, else the number in lane 0.</summary>
    private void AddAt(byte* f, int p, V value)
    {
        if (batched)
        {
            byte* at = f + ((nint)p * sizeof(V));
            O.Store(O.Add(O.Load(at), value), at);
            return;
        }

        ToLane(value);
        if (sizeof(V) >> O.Bits == sizeof(double))
        {
            ((double*)f)[p] += lane[0];
        }
        else
        {
            ((float*)f)[p] += (float)lane[0];
        }
    }

    private byte* PendingDiagonal => pending < 0 ? null : diagonals[pending]!.Pointer;

    private byte* PendingSums => pending < 0 ? null : accumulators[pending]!.Pointer;

    private void UndoPending(byte* s, byte* u)
    {
        if (SharedTable(pending))
        {
            BackwardKernels<V, O, SharedMode>.Diagonal(s, u, End, PendingDiagonal, PendingSums);
        }
        else
        {
            BackwardKernels<V, O, PlainMode>.Diagonal(s, u, End, PendingDiagonal, PendingSums);
        }
    }

    /// <summary>After a pass has undone the pending diagonal: the gradients of its samples' own angles.</summary>
    private void FinishPending(Span<double> weightGradient, Span<double> inputGradient)
    {
        int k = pending;
        pending = -1;
        if (k < 0 || !steps[k].PerSample)
        {
            return;
        }

        byte* w = accumulators[k]!.Pointer;
        if (batched)
        {
            VectorMath<V, O>.WalshAcross(w, plan.Qubits);
        }
        else
        {
            VectorMath<V, O>.WalshWithin(w, plan.Qubits);
        }

        foreach (PlanRotation r in steps[k].Rotations)
        {
            double factor = scalesSquared[k] * Sign(r.Bits, shiftAt[k]);
            if (batched)
            {
                ToLane(O.Load(w + ((nint)r.Bits * sizeof(V))));
                Distribute(r.Angle, factor, weightGradient, inputGradient);
            }
            else
            {
                double slope = sizeof(V) >> O.Bits == sizeof(double) ? ((double*)w)[r.Bits] : ((float*)w)[r.Bits];
                r.Angle.Backpropagate(factor * slope, weights, inputs, weightGradient, inputGradient);
            }
        }
    }

    private double BackwardRotations(int k, byte* s, byte* u, double kappa, V* sums, Span<double> weightGradient, Span<double> inputGradient)
    {
        PlanStep step = steps[k];
        byte* cs = cosSin[k] is { } b ? b.Pointer : null;
        if (step.LaneOnly.Length > 0)
        {
            // One rotation after another is undone inside the sweep, so each product sees the scale so far.
            BackwardKernels<V, O, PlainMode>.WithinVector(s, u, End, step, tangents[k], cs, PendingDiagonal, PendingSums, sums);
            FinishPending(weightGradient, inputGradient);
            for (int j = 0; j < step.LaneOnly.Length; j++)
            {
                int i = step.LaneOnly[j];
                if (step.LaneOnlyOwn[j])
                {
                    Distribute(step.Rotations[i].Angle, sums[j], kappa * kappa, weightGradient, inputGradient);
                }
                else
                {
                    angleSums[k][i] += kappa * kappa * O.Sum(sums[j]);
                    kappa *= cosines[k][i];
                }
            }
        }

        foreach (PassGroup g in step.Own)
        {
            for (int i = 0; i < g.Rotations.Length; i++)
            {
                V sum = Wants(pending)
                    ? BackwardKernels<V, O, SharedMode>.Own(s, u, End, g, i, cs, PendingDiagonal, PendingSums)
                    : g.MovesLanes
                        ? BackwardKernels<V, O, LanesMode>.Own(s, u, End, g, i, cs, PendingDiagonal, PendingSums)
                        : BackwardKernels<V, O, PlainMode>.Own(s, u, End, g, i, cs, PendingDiagonal, PendingSums);
                FinishPending(weightGradient, inputGradient);
                Distribute(step.Rotations[g.Rotations[i]].Angle, sum, kappa * kappa, weightGradient, inputGradient);
            }
        }

        foreach (PassGroup g in step.SharedBackward)
        {
            if (Wants(pending))
            {
                BackwardKernels<V, O, SharedMode>.Shared(s, u, End, g, tangents[k], PendingDiagonal, PendingSums, sums);
            }
            else if (g.MovesLanes)
            {
                BackwardKernels<V, O, LanesMode>.Shared(s, u, End, g, tangents[k], PendingDiagonal, PendingSums, sums);
            }
            else
            {
                BackwardKernels<V, O, PlainMode>.Shared(s, u, End, g, tangents[k], PendingDiagonal, PendingSums, sums);
            }

            FinishPending(weightGradient, inputGradient);
            for (int i = 0; i < g.Rotations.Length; i++)
            {
                angleSums[k][g.Rotations[i]] += kappa * kappa * O.Sum(sums[i]);
            }

            foreach (int i in g.Rotations)
            {
                kappa *= cosines[k][i];
            }
        }

        return kappa;
    }

    /// <summary>Whether a pending diagonal holds one number per block.</summary>
    private bool Wants(int diagonal) => diagonal >= 0 && SharedTable(diagonal);

    /// <summary>The first X step on |0…0⟩: nothing before it needs the states, so only inner products are taken, and only those asked for.</summary>
    private void FirstStep(byte* s, byte* u, double kappa, V* sums, Span<double> weightGradient, Span<double> inputGradient)
    {
        PlanStep step = steps[0];
        foreach (PassGroup g in step.All)
        {
            if (pending < 0 && !Asked(step, g, inputGradient.IsEmpty))
            {
                continue;
            }

            // The pending diagonal is undone in registers only; its sums must be taken once, and the states stay as they are for the next group.
            if (pending >= 0)
            {
                UndoPending(s, u);
                FinishPending(weightGradient, inputGradient);
            }

            if (g.MovesLanes)
            {
                BackwardKernels<V, O, LanesMode>.DotsOnly(s, u, End, g, null, null, sums);
            }
            else
            {
                BackwardKernels<V, O, PlainMode>.DotsOnly(s, u, End, g, null, null, sums);
            }

            for (int i = 0; i < g.Rotations.Length; i++)
            {
                Credit(g.Rotations[i], sums[i], kappa, weightGradient, inputGradient);
            }
        }

        if (step.LaneOnly.Length > 0)
        {
            if (pending >= 0)
            {
                UndoPending(s, u);
                FinishPending(weightGradient, inputGradient);
            }

            BackwardKernels<V, O, PlainMode>.DotsWithinVector(s, u, End, step, sums);
            for (int j = 0; j < step.LaneOnly.Length; j++)
            {
                Credit(step.LaneOnly[j], sums[j], kappa, weightGradient, inputGradient);
            }
        }
    }

    private static bool Asked(PlanStep step, PassGroup g, bool weightsOnly)
    {
        bool asked = false;
        foreach (int i in g.Rotations)
        {
            asked |= Asked(step.Rotations[i], weightsOnly);
        }

        return asked;
    }

    private static bool Asked(PlanRotation r, bool weightsOnly) => !r.Angle.IsConstant && !(weightsOnly && r.PerSample && !r.HasWeights);

    private void Credit(int rotation, V sum, double kappa, Span<double> weightGradient, Span<double> inputGradient)
    {
        PlanRotation r = steps[0].Rotations[rotation];
        if (r.PerSample)
        {
            Distribute(r.Angle, sum, kappa * kappa, weightGradient, inputGradient);
        }
        else
        {
            angleSums[0][rotation] += kappa * kappa * O.Sum(sum);
        }
    }

    private void Distribute(Angle angle, V sum, double factor, Span<double> weightGradient, Span<double> inputGradient)
    {
        if (batched)
        {
            ToLane(sum);
        }
        else
        {
            lane[0] = O.Sum(sum);
        }

        Distribute(angle, factor, weightGradient, inputGradient);
    }

    private void Distribute(Angle angle, double factor, Span<double> weightGradient, Span<double> inputGradient)
    {
        int d = circuit.InputCount;
        for (int l = 0; l < count; l++)
        {
            angle.Backpropagate(factor * lane[l], weights, inputs.AsSpan(l * d, d), weightGradient, inputGradient.IsEmpty ? default : inputGradient.Slice(l * d, d));
        }
    }

    /// <summary>dL/dx through ψ = x/|x|: 2(Re λ − ψ (ψ·Re λ))/|x|; at the start no relabelling is in force.</summary>
    private void AmplitudeGradient(byte* u, double kappa, Span<double> inputGradient)
    {
        int d = circuit.InputCount;
        double[] adjointReal = new double[d];
        for (int l = 0; l < count; l++)
        {
            ReadOnlySpan<double> x = inputs.AsSpan(l * d, d);
            double norm = GateByGateRunner.Norm(x), dot = 0;
            for (int p = 0; p < d; p++)
            {
                ToLane(O.Load(u + ((nint)(p >> plan.LaneBits) * Block)));
                adjointReal[p] = kappa * lane[batched ? l : p & ((1 << O.Bits) - 1)];
                dot += x[p] / norm * adjointReal[p];
            }

            for (int p = 0; p < d; p++)
            {
                inputGradient[(l * d) + p] += 2 * (adjointReal[p] - (x[p] / norm * dot)) / norm;
            }
        }
    }

    /// <summary>|ψ_p|² into the work table: vectors when batched, else numbers.</summary>
    private void Squares(AlignedBuffer state)
    {
        byte* s = state.Pointer, f = work.Pointer;
        for (nint e = 0; e < End; e += Block)
        {
            V r = O.Load(s + e), i = O.Load(s + e + sizeof(V));
            O.Store(O.Fma(r, r, O.Multiply(i, i)), f + (e >> 1));
        }
    }

    private void Gather(Span<double> expectations, in ObservableTerms.Term t, double scale, int entry)
    {
        double factor = scale * t.Coefficient * Sign(t.Row, plan.Flip ^ shift);
        if (!batched)
        {
            expectations[t.Observable] += factor * Scalar(entry);
            return;
        }

        ToLane(O.Load(work.Pointer + ((nint)entry * sizeof(V))));
        for (int l = 0; l < count; l++)
        {
            expectations[(l * terms.Count) + t.Observable] += factor * lane[l];
        }
    }

    private double Scalar(int p) => sizeof(V) >> O.Bits == sizeof(double) ? ((double*)work.Pointer)[p] : ((float*)work.Pointer)[p];

    private void ToLane(V value)
    {
        fixed (double* l = lane)
        {
            O.ToDoubles(value, l);
        }
    }

    private V FromLane()
    {
        fixed (double* l = lane)
        {
            return O.FromDoubles(l);
        }
    }
}
