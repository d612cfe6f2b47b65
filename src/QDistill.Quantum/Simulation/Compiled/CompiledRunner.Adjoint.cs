namespace QDistill.Quantum.Simulation.Compiled;

/// <content>The adjoint method: what the way back by undoing and the way back along a tape have in common.</content>
internal sealed unsafe partial class CompiledRunner<V, O, VD, OD>
{
    private readonly AlignedBuffer?[] accumulators;   // D steps: vectors of Im(conj(λ_p) ψ_p)
    private readonly double[][] angleSums;   // X steps: dL/dangle of shared rotations, added up over samples
    private readonly double[] scalesSquared;
    private AlignedBuffer? adjoint;
    private bool gathering;
    private bool gathersFactors;   // whether sums of diagonals that have factors only are gathered there
    private int pending;   // the D step that the next backward pass undoes, or −1

    public override void Backward(
        AlignedBuffer state,
        ReadOnlySpan<double> expectationGradient,
        ReadOnlySpan<double> probabilityGradient,
        Span<double> weightGradient,
        Span<double> inputGradient)
    {
        adjoint ??= new AlignedBuffer(StateBytes);
        StartGathering(state.Bytes > StateBytes);
        PrepareAdjoint(Final(state), adjoint.Pointer, expectationGradient, probabilityGradient);
        if (state.Bytes > StateBytes)
        {
            WalkTape(state.Pointer, adjoint.Pointer, weightGradient, inputGradient);
        }
        else
        {
            WalkBack(state.Pointer, adjoint.Pointer, complete, weightGradient, inputGradient);
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

            if (gathersFactors && factors[k] is not null)
            {
                FinishFactors(k, weightGradient, []);
                continue;
            }

            byte* w = accumulators[k]!.Pointer;
            int blocks = 1 << (plan.Qubits - plan.LaneBits), width = 1 << O.Bits;
            for (int p = 0; p < blocks && batched; p += width)
            {
                O.SumEach(w + ((nint)p * sizeof(V)), f + p);
            }

            for (int p = 0; p < blocks && !batched; p++)
            {
                O.ToDoubles(O.Load(w + ((nint)p * sizeof(V))), f + ((nint)p << O.Bits));
            }

            VectorMath<VD, OD>.WalshWithin((byte*)f, plan.Qubits);
            foreach (PlanRotation r in step.Rotations)
            {
                r.Angle.Backpropagate(scalesSquared[k] * Sign(r.Bits, shiftAt[k]) * f[r.Bits], weights, [], weightGradient, []);
            }
        }
    }

    private void StartGathering(bool taped)
    {
        if (gathering)
        {
            return;
        }

        gathering = true;
        gathersFactors = taped;
        for (int k = 0; k < steps.Length; k++)
        {
            if (steps[k].IsX)
            {
                angleSums[k] ??= new double[steps[k].Rotations.Count];
                Array.Clear(angleSums[k]);
            }
            else if (taped && factors[k] is { } f)
            {
                f.ClearSums();
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

    /// <summary>The gradients of a diagonal that has factors only.</summary>
    private void FinishFactors(int k, Span<double> weightGradient, Span<double> inputGradient)
    {
        PlanRotation[] order = products[k]!;
        Span<double> sums = rowCosines.AsSpan(0, order.Length);
        factors[k]!.Gradients(sums);
        for (int j = 0; j < order.Length; j++)
        {
            order[j].Angle.Backpropagate(scalesSquared[k] * Sign(order[j].Bits, shiftAt[k]) * sums[j], weights, inputs, weightGradient, inputGradient);
        }

        factors[k]!.ClearSums();
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

    /// <summary>Books an inner product Im⟨λ|P|ψ⟩ of step k, given with the factor from stored to true states.</summary>
    private void Credit(int k, int rotation, V sum, double factor, Span<double> weightGradient, Span<double> inputGradient)
    {
        PlanRotation r = steps[k].Rotations[rotation];
        if (r.PerSample)
        {
            Distribute(r.Angle, sum, factor, weightGradient, inputGradient);
        }
        else
        {
            angleSums[k][rotation] += factor * O.Sum(sum);
        }
    }

    /// <summary>The most inner products that one pass gives.</summary>
    private int MostSums()
    {
        int most = 3;
        foreach (PlanStep step in steps)
        {
            most = Math.Max(most, step.LaneOnly.Length);
        }

        return most;
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
        int d = circuit.InputCount, parts = circuit.InputsPerAmplitude;
        double[] lambda = new double[d];
        for (int l = 0; l < count; l++)
        {
            for (int k = 0; k < d; k++)
            {
                int p = k / parts, part = k % parts;
                ToLane(O.Load(u + ((nint)(p >> plan.LaneBits) * Block) + (part * sizeof(V))));
                lambda[k] = kappa * lane[batched ? l : p & ((1 << O.Bits) - 1)];
            }

            FirstState.AddGradient(inputs.AsSpan(l * d, d), lambda, inputGradient.Slice(l * d, d));
        }
    }
}
