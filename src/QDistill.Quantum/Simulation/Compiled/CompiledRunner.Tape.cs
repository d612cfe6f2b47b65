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
        for (int k = steps.Length - 1; k >= 0; k--)
        {
            if (steps[k].IsX)
            {
                InnerProducts(k, tape + (slots[k] * End), u, kappa * tapeScales[k], sums, weightGradient, inputGradient);
                if (k == 0 && circuit.Preparation == StatePreparation.Zero)
                {
                    return;
                }

                Unrotate(k, u);
                kappa *= SharedCosines(k);
                continue;
            }

            if (k == steps.Length - 1 && SkipsLast(complete))
            {
                scalesSquared[k] = 0;
                continue;
            }

            kappa /= scales[k];
            scalesSquared[k] = kappa * (k == 0 ? 1 : tapeScales[k - 1]);
            byte* before = k == 0 ? tape : tape + (slots[k - 1] * End), w = accumulators[k]!.Pointer;
            if (steps[k].PerSample)
            {
                accumulators[k]!.Clear();
            }

            if (SharedTable(k))
            {
                BackwardKernels<V, O, SharedMode>.TapedDiagonal(before, u, End, diagonals[k]!.Pointer, w);
            }
            else
            {
                BackwardKernels<V, O, PlainMode>.TapedDiagonal(before, u, End, diagonals[k]!.Pointer, w);
            }

            pending = k;
            FinishPending(weightGradient, inputGradient);
        }

        if (circuit.Preparation == StatePreparation.Amplitude && !inputGradient.IsEmpty)
        {
            AmplitudeGradient(u, kappa, inputGradient);
        }
    }

    private void InnerProducts(int k, byte* s, byte* u, double factor, V* sums, Span<double> weightGradient, Span<double> inputGradient)
    {
        PlanStep step = steps[k];
        foreach (PassGroup g in step.All)
        {
            if (!Asked(step, g, inputGradient.IsEmpty))
            {
                continue;
            }

            if (g.MovesLanes)
            {
                BackwardKernels<V, O, LanesMode>.DotsOnly(s, u, End, g, sums);
            }
            else
            {
                BackwardKernels<V, O, PlainMode>.DotsOnly(s, u, End, g, sums);
            }

            for (int i = 0; i < g.Rotations.Length; i++)
            {
                Credit(k, g.Rotations[i], sums[i], factor, weightGradient, inputGradient);
            }
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
