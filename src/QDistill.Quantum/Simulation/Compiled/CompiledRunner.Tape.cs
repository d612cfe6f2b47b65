namespace QDistill.Quantum.Simulation.Compiled;

/// <content>
/// The way back along a tape: ψ after every X step was kept, so only λ is undone, by the wide passes of the forward run. A step's inner products are taken first, read-only, because
/// they need both states at the same time; without a second state to turn, they fit 16 registers.
/// </content>
internal sealed unsafe partial class CompiledRunner<V, O, VD, OD>
{
    private AlignedBuffer? undoCosSin;   // the own rotations of one step with their sines' signs turned

    /// <summary>The factor from stored to true amplitudes after every X step: cosines wait there until the next diagonal.</summary>
    private void SetTapeScales()
    {
        double kappa = 1;
        for (int k = 0; k < steps.Length; k++)
        {
            kappa = steps[k].IsX ? kappa * SharedCosines(k) : kappa / scales[k];
            tapeScales[k] = kappa;
        }
    }

    private double SharedCosines(int k)
    {
        double product = 1;
        for (int i = 0; i < steps[k].Rotations.Count && !steps[k].IsProduct; i++)
        {
            product *= steps[k].Rotations[i].PerSample ? 1 : cosines[k][i];
        }

        return product;
    }

    private void WalkTape(byte* tape, byte* u, Span<double> weightGradient, Span<double> inputGradient)
    {
        double kappa = StoredScale(complete);
        V* sums = stackalloc V[MostSums()];
        pending = -1;
        for (int k = steps.Length - 1; k >= 0; k--)
        {
            if (steps[k].IsX)
            {
                byte* after = tape + (slots[k] * End);
                InnerProducts(k, after, u, kappa * tapeScales[k], sums, weightGradient, inputGradient);
                FinishPending(weightGradient, inputGradient);
                if (k == 0 && circuit.Preparation == StatePreparation.Zero)
                {
                    return;
                }

                Unrotate(k, u, k > 1 ? tape + (slots[k - 2] * End) : tape);
                kappa *= SharedCosines(k);
                continue;
            }

            if (k == steps.Length - 1)
            {
                if (SkipsLast(complete))
                {
                    scalesSquared[k] = 0;
                    continue;
                }

                // Every other diagonal was taken off λ by the step after it.
                UndoDiagonal(k, u);
            }

            kappa /= scales[k];
            scalesSquared[k] = kappa * (k == 0 ? 1 : tapeScales[k - 1]);
            if (factors[k] is not null)
            {
                // Its sums were taken when it was taken off.
                if (steps[k].PerSample)
                {
                    FinishFactors(k, weightGradient, inputGradient);
                }

                continue;
            }

            if (steps[k].PerSample)
            {
                accumulators[k]!.Clear();
            }

            // Its sums are taken on the way of the inner products of the step before it.
            pending = k;
            if (k == 0)
            {
                BackwardKernels<V, O, Summing<PlainMode>>.Sums(tape, u, End, PendingSums);
                FinishPending(weightGradient, inputGradient);
            }
        }

        if (circuit.Preparation == StatePreparation.Amplitude && !inputGradient.IsEmpty)
        {
            AmplitudeGradient(u, kappa, inputGradient);
        }
    }

    /// <summary>All inner products of step <paramref name="k"/>, and the sums of the diagonal that is pending after it.</summary>
    private void InnerProducts(int k, byte* s, byte* u, double factor, V* sums, Span<double> weightGradient, Span<double> inputGradient)
    {
        PlanStep step = steps[k];
        bool takesSums = pending >= 0 && step.All is [{ MovesLanes: false } first, ..] && Asked(step, first, inputGradient.IsEmpty);
        if (pending >= 0 && !takesSums)
        {
            BackwardKernels<V, O, Summing<PlainMode>>.Sums(s, u, End, PendingSums);
        }

        for (int j = 0; j < step.All.Length; j++)
        {
            Products(k, step.All[j], s, u, j == 0 && takesSums ? PendingSums : null, factor, sums, weightGradient, inputGradient);
        }

        if (step.LaneOnly.Length == 0)
        {
            return;
        }

        BackwardKernels<V, O, PlainMode>.DotsWithinVector(s, u, End, step, sums);
        for (int j = 0; j < step.LaneOnly.Length; j++)
        {
            Credit(k, step.LaneOnly[j], sums[j], factor, weightGradient, inputGradient);
        }
    }

    private void Products(int k, PassGroup g, byte* s, byte* u, byte* w, double factor, V* sums, Span<double> weightGradient, Span<double> inputGradient)
    {
        if (!Asked(steps[k], g, inputGradient.IsEmpty))
        {
            return;
        }

        if (w != null)
        {
            BackwardKernels<V, O, Summing<PlainMode>>.DotsOnly(s, u, End, g, sums, w);
        }
        else if (g.MovesLanes)
        {
            BackwardKernels<V, O, LanesMode>.DotsOnly(s, u, End, g, sums, w);
        }
        else
        {
            BackwardKernels<V, O, PlainMode>.DotsOnly(s, u, End, g, sums, w);
        }

        for (int i = 0; i < g.Rotations.Length; i++)
        {
            Credit(k, g.Rotations[i], sums[i], factor, weightGradient, inputGradient);
        }
    }

    private byte* UndoCosSin(int k)
    {
        if (cosSin[k] is not { } own)
        {
            return null;
        }

        if (undoCosSin is null || undoCosSin.Bytes < own.Bytes)
        {
            undoCosSin?.Dispose();
            undoCosSin = new AlignedBuffer(own.Bytes);
        }

        for (nint at = 0; at < (nint)own.Bytes; at += Block)
        {
            O.Store(O.Load(own.Pointer + at), undoCosSin.Pointer + at);
            O.Store(O.Subtract(O.Zero, O.Load(own.Pointer + at + sizeof(V))), undoCosSin.Pointer + at + sizeof(V));
        }

        return undoCosSin.Pointer;
    }
}
